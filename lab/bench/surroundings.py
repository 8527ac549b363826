"""Reasons to doubt a run that lie around it: the machine, the caches, the path. Pure."""

from lab.bench.known import Beside
from lab.link.expect import SEGMENT_BYTES
from lab.link.netem import FRAME_BYTES
from lab.model.case import COLD
from lab.model.conditions import CacheRecord, Flow, MachineRecord
from lab.model.profile import Link
from lab.model.spread import Doubt

_STOLEN_SHARE = 0.02
_THROTTLED_S = 0.05
_CLOCK_JUMP_S = 0.05
_COLD_SHARE = 0.05
_PATH_SHARE = 0.8


def doubts(beside: Beside, link: Link | None, flow: Flow | None, read_bytes: int) -> list[Doubt]:
    """Every doubt about the surroundings of one run; what nobody looked at is not doubted.

    ``link`` and ``flow`` are of the way the images go. ``read_bytes`` is what the PACS has to read: of a
    store nothing.
    """
    condition, cache = beside.condition, beside.cache
    found = [
        *((_stolen(condition), _throttled(condition), _clock_jumped(condition)) if condition else ()),
        _cache_is_another(cache, read_bytes) if cache else None,
        _path_is_slower(link, flow),
        _rewritten(beside.rewritten),
    ]
    return [doubt for doubt in found if doubt]


def _stolen(condition: MachineRecord) -> Doubt | None:
    if (condition.steal_ratio or 0.0) <= _STOLEN_SHARE:
        return None
    return Doubt(
        code="cpu_stolen",
        text=f"over {_STOLEN_SHARE:.0%} of the CPU time went to other virtual machines on this host",
        remedy="a machine of one's own, or runs at another time; compare only runs made in turn",
    )


def _throttled(condition: MachineRecord) -> Doubt | None:
    slow = sorted(name for name, seconds in condition.throttled_s.items() if seconds > _THROTTLED_S)
    if not slow:
        return None
    return Doubt(
        code="cpu_throttled",
        text=f"the CPU limit of {', '.join(slow)} held it up during the run",
        remedy="take the limit away, or say it with the figure: it is the limit's",
    )


def _clock_jumped(condition: MachineRecord) -> Doubt | None:
    if abs(condition.clock_jump_s) <= _CLOCK_JUMP_S:
        return None
    return Doubt(
        code="clock_jumped",
        text="the wall clock was set during the run; durations are on the monotonic clock and hold",
        remedy="do not compare the times of day in logs of this run; look at the time service",
    )


def _cache_is_another(cache: CacheRecord, read_bytes: int) -> Doubt | None:
    """Of the whole storage nothing may be in memory when cold; of warm, at least as much as the study has.

    Compressed by Orthanc a study may be less: then all of the storage.
    """
    if cache.in_memory_bytes is None or cache.storage_bytes is None:
        return None
    if cache.declared == COLD and cache.in_memory_bytes > _COLD_SHARE * cache.storage_bytes:
        return Doubt(
            code="cache_not_cold",
            text="over 5 % of Orthanc's storage was in the page cache, though the case wants it cold",
            remedy="nothing else may read the storage; on a storage in memory there is no cold",
        )
    if cache.declared != COLD and cache.in_memory_bytes < min(read_bytes, cache.storage_bytes):
        return Doubt(
            code="cache_not_warm",
            text="not all of the study was in the page cache before the run",
            remedy="more memory, or cache = cold in a plan",
        )
    return None


def _path_is_slower(link: Link | None, flow: Flow | None) -> Doubt | None:
    """iperf3 against the profile's rate; with loss TCP is slower for good reason."""
    if link is None or not link.rate_bit_s or link.loss_ratio or flow is None or flow.mbit_s is None:
        return None
    payload_mbit_s = link.rate_bit_s * SEGMENT_BYTES / FRAME_BYTES / 1e6
    if flow.mbit_s >= _PATH_SHARE * payload_mbit_s:
        return None
    return Doubt(
        code="path_slower_than_profile",
        text="plain TCP got less than 80 % of the profile's rate through the path",
        remedy="lab net verify tells what is short; a profile with a lower rate, or a kernel with netem",
    )


def _rewritten(count: int) -> Doubt | None:
    if not count:
        return None
    return Doubt(
        code="rewritten",
        text="the PACS writes some instances anew: the same elements, but not the bytes it was given",
        remedy="the time that takes is in the figures; a study of the lab's own is sent as it is",
    )
