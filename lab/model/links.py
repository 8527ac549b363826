"""What `lab bench links` finds of one profile with one congestion control."""

from dataclasses import dataclass

from lab.model.profile import Profile
from lab.model.record import Run
from lab.model.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class LinkLine:
    """A profile verified, and a C-MOVE over it.

    Attributes:
        profile: the profile.
        verdicts: empty for a profile with phases.
        run: None where it, or what comes before it, failed.
        failed: why; "" where nothing did.
    """

    profile: Profile
    verdicts: list[Verdict]
    run: Run | None
    failed: str = ""
