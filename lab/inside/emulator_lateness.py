"""How late the emulator sends packets that had to wait: the error of its own delays."""

from collections import deque

_KEPT = 10_000


class Lateness:
    """Over the last 10,000 packets."""

    def __init__(self) -> None:
        self._late_s: deque[float] = deque(maxlen=_KEPT)
        self.add_s = self._late_s.append

    @property
    def p99_ms(self) -> float | None:
        """What 99 of 100 packets do not exceed, in milliseconds; None before the first."""
        if not self._late_s:
            return None
        return sorted(self._late_s)[(len(self._late_s) - 1) * 99 // 100] * 1e3

    @property
    def max_ms(self) -> float | None:
        """The worst, in milliseconds; None before the first."""
        return max(self._late_s) * 1e3 if self._late_s else None
