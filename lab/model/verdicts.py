"""What came of a gate."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GateVerdict:
    """A gate held against one case.

    Attributes:
        text: of the gate as written, "first_image.p95 < 500 ms".
        case: by what distinguishes it, "wan-20ms, PDU 16384".
        measured: in ``unit``, as is ``limit``; None when the case has no such figure.
        passed: None when it cannot be told.
    """

    text: str
    case: str
    measured: float | None
    limit: float
    unit: str
    passed: bool | None
