"""What a study over a profile should take, from numbers alone: before anything is measured.

One C-STORE is outstanding at a time (PS3.7 D.3.3.3), so an instance costs a round trip plus the time its
bits take at the rate. What the server and the receiver take, and what lost packets cost, is left out: these
are the best the link allows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lab.link.link_keys import carries
from lab.link.netem import FRAME_BYTES
from lab.link.schedule import STEADY
from lab.model.profile import Phase, Profile

SEGMENT_BYTES = 1448  # of payload in a full frame: MTU 1500 without IPv4 and TCP headers and time stamps


@dataclass(frozen=True, kw_only=True)
class StudySize:
    """What is sent. ``dataset_bytes`` is None for a study of which nobody knows it yet."""

    name: str
    instances: int
    dataset_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A time in which the link is like this; of a profile without phases, all of it.

    Attributes:
        name, lasts_s: the phase's; ``lasts_s`` is None where it never ends.
        carries: whether anything arrives.
        rtt_s: what is added to a round trip, in seconds.
        bdp_bytes: bandwidth-delay product towards the client, what TCP must have under way to fill
            the rate; None without a rate.
        instance_s: what an instance costs, in seconds; None when its size is not known.
    """

    name: str
    lasts_s: float | None
    carries: bool
    rtt_s: float
    bdp_bytes: float | None
    instance_s: float | None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A study over a profile. None stands for what cannot be said, or never ends.

    ``ceiling_mbit_s`` is Data Sets over ``duration_s``, None also where the link adds nothing.
    """

    study: StudySize
    stretches: tuple[Stretch, ...]
    duration_s: float | None
    ceiling_mbit_s: float | None


def expected(profile: Profile, study: StudySize) -> Expected:
    """What to expect of a study over a profile."""
    stretches = _stretches(profile, study)
    duration_s = _duration_s(stretches, study.instances, repeat=profile.repeat)
    return Expected(
        study=study,
        stretches=stretches,
        duration_s=duration_s,
        ceiling_mbit_s=_mbit_s(study.dataset_bytes, duration_s),
    )


def _mbit_s(dataset_bytes: int | None, duration_s: float | None) -> float | None:
    return dataset_bytes * 8 / duration_s / 1e6 if dataset_bytes is not None and duration_s else None


def _stretches(profile: Profile, study: StudySize) -> tuple[Stretch, ...]:
    if not profile.phases:
        return (_stretch(profile, STEADY, None, study),)
    return tuple(_stretch(phase, phase.name, phase.lasts_s, study) for phase in profile.phases)


def _stretch(whole: Profile | Phase, name: str, lasts_s: float | None, study: StudySize) -> Stretch:
    rate_bit_s = whole.down.rate_bit_s
    rtt_s = whole.down.delay_s + whole.up.delay_s
    return Stretch(
        name=name,
        lasts_s=lasts_s,
        carries=carries(whole.down) and carries(whole.up),
        rtt_s=rtt_s,
        bdp_bytes=rate_bit_s * rtt_s / 8 if rate_bit_s else None,
        instance_s=instance_s(study, rtt_s, rate_bit_s),
    )


def instance_s(study: StudySize, rtt_s: float, rate_bit_s: float | None) -> float | None:
    """What an instance of mean size costs: a round trip, and its frames at the rate."""
    if not rate_bit_s:
        return rtt_s
    if study.dataset_bytes is None:
        return None
    on_the_wire_bit = study.dataset_bytes / study.instances * 8 * FRAME_BYTES / SEGMENT_BYTES
    return rtt_s + on_the_wire_bit / rate_bit_s


def _duration_s(stretches: Sequence[Stretch], instances: int, *, repeat: bool) -> float | None:
    """Whole rounds of the schedule, then stretch by stretch until all instances are through."""
    if any(stretch.carries and stretch.instance_s is None for stretch in stretches):
        return None
    per_round = sum(_carried(stretch) for stretch in stretches)
    if not per_round:
        return None
    rounds = max(0, math.ceil(instances / per_round) - 1) if repeat else 0
    elapsed_s = rounds * sum(stretch.lasts_s or 0.0 for stretch in stretches) if rounds else 0.0
    left = instances - rounds * per_round if rounds else float(instances)
    for stretch in stretches:
        stays = stretch.lasts_s is None or (not repeat and stretch is stretches[-1])
        if stays or left <= _carried(stretch):
            return elapsed_s + left * (stretch.instance_s or 0.0) if stretch.carries else None
        left -= _carried(stretch)
        elapsed_s += stretch.lasts_s or 0.0
    return elapsed_s


def _carried(stretch: Stretch) -> float:
    """Instances that get through while it lasts."""
    if not stretch.carries:
        return 0.0
    if not stretch.instance_s or stretch.lasts_s is None:
        return math.inf
    return stretch.lasts_s / stretch.instance_s
