"""What chance decides of each packet, in the order and by the rules of netem (net/sched/sch_netem.c).

Whether it is doubled comes first, then whether it is lost, which takes one away; a copy is judged by
itself, but not doubled again.

Each decision has a random stream of its own, from which one number is drawn for each packet that comes
while the impairment is on, needed or not. So the seed and a packet's number alone decide: no time, no
size, and no other impairment.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from lab.link.distribution import quantile
from lab.link.netem import gilbert_elliott
from lab.model.profile import Link


class Fate(NamedTuple):
    """What happens to a packet that is not lost.

    Attributes:
        flipped: which of its bits is flipped, as a share of all; None for none.
        ahead: it leaves at once, before all that wait.
        jitter_s: how much longer it travels than the delay, below 0 for shorter.
    """

    flipped: float | None = None
    ahead: bool = False
    jitter_s: float = 0.0


UNTOUCHED = Fate()


class Fates:
    """The fates of one direction's packets."""

    def __init__(self, seed: int) -> None:
        self._doubling = _Event(seed, "duplicate")
        self._loss = _Loss(seed, "loss")
        self._copy_loss = _Event(seed, "loss of the copy")
        self._course = _Course(seed, "")
        self._copy_course = _Course(seed, " of the copy")

    def turn_to(self, link: Link) -> None:
        """From now on by the ratios of this link; the streams go on, and so does a burst of losses."""
        self._doubling.ratio = link.duplicate_ratio
        self._loss.turn_to(link)
        self._course.turn_to(link)
        self._copy_course.turn_to(link)
        self._copy_loss.ratio = self._loss.onset_ratio

    def draw(self) -> tuple[Fate, ...]:
        """The next packet's fate: none when it is lost, two when it is doubled, the copy's first."""
        lost = self._loss.happens()
        fate = self._course.draw()
        if not self._doubling.ratio:
            return () if lost else (fate,)
        doubled, copy_lost = self._doubling.happens(), self._copy_loss.happens()
        copy_fate = self._copy_course.draw()
        if lost and not doubled:
            return ()
        return (copy_fate, fate) if doubled and not lost and not copy_lost else (fate,)


class _Event:
    """Something that befalls a share of the packets, each by itself."""

    def __init__(self, seed: int, name: str) -> None:
        self.ratio = 0.0
        self._number = _stream(seed, name)

    def happens(self) -> bool:
        """Draws nothing while it is off."""
        return self.ratio > 0 and self._number() < self.ratio


class _Loss:
    """Independent losses, or the bursts of a two-state model that loses all in its bad state."""

    def __init__(self, seed: int, name: str) -> None:
        self.onset_ratio = 0.0
        self._stay_ratio = 0.0
        self._losing = False
        self._number = _stream(seed, name)

    def turn_to(self, link: Link) -> None:
        """``onset_ratio`` is the share lost of those that follow a packet that was not lost."""
        self.onset_ratio = self._stay_ratio = link.loss_ratio
        if 0 < link.loss_ratio < 1 and link.loss_burst_packets > 1:
            self.onset_ratio, end_ratio = gilbert_elliott(link.loss_ratio, link.loss_burst_packets)
            self._stay_ratio = 1 - end_ratio

    def happens(self) -> bool:
        """Draws nothing while it is off."""
        ratio = self._stay_ratio if self._losing else self.onset_ratio
        self._losing = self.onset_ratio > 0 and self._number() < ratio
        return self._losing


class _Course:
    """What may happen on the way; the packet has one, its copy another."""

    def __init__(self, seed: int, whose: str) -> None:
        self._corruption = _Event(seed, f"corrupt{whose}")
        self._bit = _stream(seed, f"bit{whose}")
        self._overtaking = _Event(seed, f"reorder{whose}")
        self._jitter = _stream(seed, f"jitter{whose}")
        self._jitter_s = 0.0
        self._quantile: Callable[[float], float] = quantile("uniform")
        self._is_smooth = True

    def turn_to(self, link: Link) -> None:
        self._corruption.ratio, self._overtaking.ratio = link.corrupt_ratio, link.reorder_ratio
        self._jitter_s, self._quantile = link.jitter_s, quantile(link.jitter_distribution)
        self._is_smooth = not (link.corrupt_ratio or link.reorder_ratio or link.jitter_s)

    def draw(self) -> Fate:
        if self._is_smooth:
            return UNTOUCHED
        bit = self._bit() if self._corruption.ratio else None
        flipped = bit if self._corruption.happens() else None
        jitter_s = self._quantile(self._jitter()) * self._jitter_s if self._jitter_s else 0.0
        return Fate(flipped, self._overtaking.happens(), jitter_s)


def _stream(seed: int, name: str) -> Callable[[], float]:
    """Numbers in [0, 1), the same for the same seed and name on every machine."""
    return random.Random(f"{seed} {name}").random
