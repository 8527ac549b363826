"""How late the emulator sends packets: the error of its own delays."""

from collections import deque

_KEPT = 10_000


class Lateness:
    """Over the last 10,000 packets since it was last told.

    A packet may be late twice: for it lay in the device before anybody looked, and for it left after it was
    due. Each has its own window; together they are what is told, at most.
    """

    def __init__(self) -> None:
        self._late_s: deque[float] = deque(maxlen=_KEPT)
        self._held_s: deque[float] = deque(maxlen=_KEPT)
        self.add_s = self._late_s.append
        self.hold_s = self._held_s.extend

    def tell(self) -> tuple[float | None, float | None]:
        """What 99 of 100 packets do not exceed, and the worst, in milliseconds; None without any.

        They are forgotten.
        """
        windows = [sorted(window) for window in (self._late_s, self._held_s) if window]
        self._late_s.clear()
        self._held_s.clear()
        if not windows:
            return None, None
        p99_s = sum(window[(len(window) - 1) * 99 // 100] for window in windows)
        return p99_s * 1e3, sum(window[-1] for window in windows) * 1e3
