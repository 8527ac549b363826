"""What a case should take, before it is measured, and what would help. Pure."""

import dataclasses
import math
from collections.abc import Iterator

from lab.link.expect import StudySize, expected, instance_s
from lab.model.prediction import Help, Prediction
from lab.model.profile import Link, Profile
from lab.model.study import Study

_ROUND_TRIPS = {"bbr": 1.5}
_WORTH_SAYING = 0.9
_PARALLEL = (2, 4, 8)
IN_ONE_RESPONSE = "all of it in one HTTP response (WADO-RS multipart)"
IN_ONE_REQUEST = "all of it in one HTTP request (STOW-RS multipart)"


def mirrored(profile: Profile) -> Profile:
    """As images see it that go up to the PACS."""
    phases = tuple(dataclasses.replace(one, down=one.up, up=one.down) for one in profile.phases)
    return dataclasses.replace(profile, down=profile.up, up=profile.down, phases=phases)


def prediction(
    study: Study,
    profile: Profile,
    parallel: int,
    congestion_control: str,
    unshaped_s: float,
    *,
    at_once: str = IN_ONE_RESPONSE,
) -> Prediction:
    """Stop and wait: a PACS sends the next object when the last is answered (PS3.7 D.3.3.3).

    So each instance costs a round trip however wide the link is; BBR, whose application-limited bursts are
    paced by the one before, costs one and a half (measured). ``unshaped_s`` is the same without a link.
    Images go by the profile's ``down``. ``at_once`` is the method that sends them without waiting for an
    answer to each.
    """
    size = _size(study)
    shaped = _slowed(profile, _ROUND_TRIPS.get(congestion_control, 1.0))
    duration_s = _duration_s(shaped, size, parallel, unshaped_s)
    bits_s = (instance_s(size, 0.0, profile.down.rate_bit_s) or 0.0) if profile.down.rate_bit_s else 0.0
    return Prediction(
        duration_s=duration_s,
        instances=math.ceil(size.instances / parallel),
        round_trip_s=shaped.rtt_s,
        bits_s=bits_s,
        server_s=unshaped_s * parallel / size.instances,
        helps=_helps(profile, size, parallel, congestion_control, unshaped_s, duration_s, at_once),
    )


def _size(study: Study) -> StudySize:
    return StudySize(name=study.name, instances=len(study.instances), dataset_bytes=study.dataset_bytes)


def _duration_s(profile: Profile, size: StudySize, parallel: int, unshaped_s: float) -> float | None:
    """One association's share; but all of them share the rate."""
    share = dataclasses.replace(
        size,
        instances=math.ceil(size.instances / parallel),
        dataset_bytes=None if size.dataset_bytes is None else math.ceil(size.dataset_bytes / parallel),
    )
    link_s = expected(profile, share).duration_s
    if link_s is None:
        return None
    together_s = expected(_slowed(profile, 0.0), size).duration_s or 0.0
    return max(link_s, together_s) + unshaped_s


def _slowed(profile: Profile, factor: float) -> Profile:
    """The same with that many times the delay."""

    def slowed(link: Link) -> Link:
        return dataclasses.replace(link, delay_s=link.delay_s * factor)

    phases = tuple(
        dataclasses.replace(phase, down=slowed(phase.down), up=slowed(phase.up)) for phase in profile.phases
    )
    return dataclasses.replace(profile, down=slowed(profile.down), up=slowed(profile.up), phases=phases)


def _helps(
    profile: Profile,
    size: StudySize,
    parallel: int,
    congestion_control: str,
    unshaped_s: float,
    duration_s: float | None,
    at_once: str,
) -> list[Help]:
    """Changes that would take a tenth off at least, the most effective first."""
    if duration_s is None:
        return []
    shaped = _slowed(profile, _ROUND_TRIPS.get(congestion_control, 1.0))
    found = [
        Help(change=change, duration_s=took_s)
        for change, took_s in _changes(
            profile, shaped, size, parallel, congestion_control, unshaped_s, at_once
        )
        if took_s is not None and took_s <= _WORTH_SAYING * duration_s
    ]
    return sorted(found, key=lambda one: one.duration_s)


def _changes(
    profile: Profile,
    shaped: Profile,
    size: StudySize,
    parallel: int,
    congestion_control: str,
    unshaped_s: float,
    at_once: str,
) -> Iterator[tuple[str, float | None]]:
    for count in _PARALLEL:
        if parallel < count <= size.instances:
            yield f"{count} associations at once", _duration_s(shaped, size, count, unshaped_s)
    if size.instances > 1:
        whole = dataclasses.replace(size, instances=1)
        yield "all frames in one multi-frame object", _duration_s(shaped, whole, 1, unshaped_s)
        yield at_once, _duration_s(profile, whole, 1, unshaped_s)  # a stream, which BBR does not hold up
    if congestion_control in _ROUND_TRIPS:
        yield "cubic or reno in the sender", _duration_s(profile, size, parallel, unshaped_s)
