"""How much is sent over a wire in the guest, whose one CPU simulates the kernel, both hosts and emulators."""

from lab.link.expect import StudySize, instance_s
from lab.model.profile import Profile

_INSTANCES, _INSTANCE_BYTES = 48, 160_000  # those of the study `quick`
_FEWEST_INSTANCES, _SMALLEST_BYTES = 8, 500
_LONGEST_MOVE_S = 2.0
_MANY_TIMES = 2
_CARRIES_BIT_S = 100e6
_OF_THE_CPU_RATIO = 0.015
_FEW_SECONDS, _MANY_SECONDS = 3.0, 5.0


def seconds(profile: Profile) -> float:
    """To probe in: longer where chance has a hand in it."""
    return _MANY_SECONDS if is_left_to_chance(profile) else _FEW_SECONDS


def is_left_to_chance(profile: Profile) -> bool:
    """What TCP makes of a loss, of a late packet or of one out of order depends on which it is."""
    links = (profile.down, profile.up)
    return any(
        any((x.loss_ratio, x.corrupt_ratio, x.reorder_ratio, x.duplicate_ratio, x.jitter_s)) for x in links
    )


def dataset_bytes(profile: Profile) -> list[int]:
    """`quick`, with smaller instances where they would cost CPU rather than time on the link, or take long.

    More of them where chance has a hand in it.
    """
    size, instances = _INSTANCE_BYTES, _INSTANCES
    while size > _SMALLEST_BYTES and (
        _cpu_ratio(profile, size) > _OF_THE_CPU_RATIO
        or instances * _instance_s(profile, size) > _LONGEST_MOVE_S
    ):
        size = max(_SMALLEST_BYTES, size // 2)
    while instances > _FEWEST_INSTANCES and instances * _instance_s(profile, size) > _LONGEST_MOVE_S:
        instances //= 2
    return [size] * instances * (_MANY_TIMES if is_left_to_chance(profile) else 1)


def _cpu_ratio(profile: Profile, size: int) -> float:
    return size * 8 / _CARRIES_BIT_S / _instance_s(profile, size)


def _instance_s(profile: Profile, size: int) -> float:
    study = StudySize(name="", instances=1, dataset_bytes=size)
    return instance_s(study, profile.rtt_s, profile.down.rate_bit_s) or 0.0
