"""What every run has, moved or stored."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A reason not to trust a number blindly, and what to do about it.

    Attributes:
        code: its kind, for programs.
        text: the reason, for people.
        remedy: what to do about it.
    """

    code: str
    text: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """Time between the ends of consecutive Data Sets, in milliseconds.

    Attributes:
        p50, p95, p99: the smallest that so many percent do not exceed.
        max: the longest.
    """

    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a case has no number, or not all of its runs.

    Attributes:
        message: what happened.
        remedy: what to do about it.
        exit_code: of its kind (lab.errors).
    """

    message: str
    remedy: str
    exit_code: int
