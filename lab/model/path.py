"""What plain TCP gets through the path, and with which congestion control."""

from dataclasses import dataclass

from lab.model.conditions import Flow


@dataclass(frozen=True, kw_only=True)
class Path:
    """Transfers from the PACS's side to the tester and back, one after the other.

    Attributes:
        down, up: what they got through; None where that could not be measured.
        congestion_control: what the sockets of "pacs" and "tester" had on the way down; "" where that is
            not known.
    """

    down: Flow | None
    up: Flow | None
    congestion_control: dict[str, str]

    @property
    def mbit_s(self) -> float | None:
        """Payload from the PACS to the tester in 10^6 bit/s."""
        return self.down.mbit_s if self.down else None


UNKNOWN = Path(down=None, up=None, congestion_control={})
