"""The link of the cases of one sitting: shaped when one wants another, felt anew when that was long ago."""

import time

from lab.bench.c_move import Bench
from lab.bench.feeling import feel_anew, in_round, shape_and_feel
from lab.bench.known import Felt
from lab.model.case import Case
from lab.plans.ordering import link_of
from lab.stack import shaping

_FELT_FOR_S = 180.0  # to feel it takes some 6 s


class ShapedLink:
    """What stands now; nothing is known of it at first."""

    def __init__(self) -> None:
        self._wanted: tuple[str, str, str] | None = None
        self._felt: Felt | None = None
        self._felt_at_s = 0.0

    def settled(self, bench: Bench, case: Case, round_: int) -> Felt:
        """The case's, as felt three minutes ago at most."""
        if self._felt is None or self._wanted != link_of(case):
            self._felt = shape_and_feel(bench, in_round(case, round_))
            self._felt_at_s = time.monotonic()
            self._wanted = link_of(case)
        elif is_old(time.monotonic() - self._felt_at_s):
            self._felt = feel_anew(bench, case, self._felt.state)
            self._felt_at_s = time.monotonic()
        return self._felt

    def clear(self, bench: Bench) -> None:
        """A plain link that was settled for a case is clear enough, and need not be felt again."""
        if self._felt is None or self._felt.state.shaper != "none":
            shaping.clear(bench.home, bench.engine)
            self.forget()

    def forget(self) -> None:
        """Nothing is taken for granted."""
        self._wanted = self._felt = None


def is_old(age_s: float) -> bool:
    """Whether a path that was felt so long ago is felt anew before the next run."""
    return age_s > _FELT_FOR_S
