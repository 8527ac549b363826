"""What can go wrong, one class and one exit code per kind.

    LabError                1    what was asked for failed
    ├── LockedError         1    another command is at work on the same lab
    ├── UsageProblem        2    the request itself is wrong
    ├── PreflightError      3    the machine lacks something; nothing was started
    ├── UnhealthyError      4    a service did not answer, or stopped answering
    ├── ToleranceError      5    the link is not what the profile says
    ├── DeliveryError       6    what arrived is not what was stored: no number
    ├── ThresholdError     99    a threshold was crossed: slower than allowed, a gate not held
    ├── VerificationError   0, 1, 22 or 70, as DCMTK's echoscu ends
    └── Interrupted       130    Ctrl-C

Every message says what happened; ``remedy`` says what to do next. They are caught in one place,
lab/cli/main.py, and printed as ``Error: message`` and ``Try: remedy``.
"""

from collections.abc import Sequence


class LabError(Exception):
    """What was asked for failed."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class LockedError(LabError):
    """Another command is at work on the same lab."""


class UsageProblem(LabError):
    """The request itself is wrong: an unknown name, a value out of range, a file that does not parse."""

    exit_code = 2


class PreflightError(LabError):
    """The machine lacks something the lab needs. Nothing was started."""

    exit_code = 3


class UnhealthyError(LabError):
    """A service did not become ready in time, or stopped answering while in use."""

    exit_code = 4


class ToleranceError(LabError):
    """The link, as read back or as felt by a probe, is not what the profile says."""

    exit_code = 5


class DeliveryError(LabError):
    """What arrived is not what the manifest lists. A wrong run is no number."""

    exit_code = 6


class ThresholdError(LabError):
    """What was measured crosses a threshold that the user set: a regression, a gate that does not hold."""

    exit_code = 99


class VerificationError(LabError):
    """A C-ECHO could not be asked for, or was not answered; with the exit code of echoscu 3.6.9.

    0 is among them: echoscu says that an association aborted within a C-ECHO failed, and returns 0.
    """

    def __init__(self, message: str, remedy: str = "", exit_code: int = 1) -> None:
        super().__init__(message, remedy)
        self.exit_code = exit_code


class Interrupted(LabError):
    """The user pressed Ctrl-C."""

    exit_code = 130


_NAMED_AT_MOST = 10


def named(differences: Sequence[str]) -> str:
    """The first ones, and how many more."""
    more = len(differences) - _NAMED_AT_MOST
    return "; ".join(differences[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
