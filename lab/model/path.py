"""What plain TCP gets through the path, and with which congestion control."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Path:
    """One transfer from the PACS's side to the tester.

    Attributes:
        mbit_s: payload in 10^6 bit/s after slow start; None when it could not be measured.
        congestion_control: what the sockets of "pacs" and "tester" had; "" where that is not known.
    """

    mbit_s: float | None
    congestion_control: dict[str, str]
