"""The goals, each a ratio of medians and its bound. Pure."""

import statistics
from collections.abc import Mapping, Sequence

from lab.model.record import Goal, ReceiverSample

TEN_TIMES = 10
_LINEAR_WITHIN = 0.05
_FLAT_MB = 100.0
_SATURATED_SHARE = 0.9


def goals_from(
    samples: Sequence[ReceiverSample], durations_s: Mapping[str, Sequence[float]], cpus: int
) -> list[Goal]:
    """One line per goal, in the order in which they are printed."""
    most = max(sample.instances for sample in samples if sample.associations == 1)
    alone = [sample for sample in samples if sample.associations == 1 and sample.instances < most]
    ten = [sample for sample in samples if sample.associations == 1 and sample.instances == most]
    return [
        *_against_rivals(alone),
        _ratio("SpeedTest's way, this lab's Orthanc", durations_s, "lab", "SpeedTest's way", 5),
        _ratio("movescu as packaged, Orthanc with Nagle", durations_s, "lab, nagle", "movescu, nagle", 40),
        _parallel(alone, [sample for sample in samples if sample.associations > 1], cpus),
        *_ten_times(_of(alone, "lab"), ten),
        _ratio("storescu as packaged, Orthanc with Nagle", durations_s, "seed, nagle", "storescu, nagle", 20),
        _ratio("DCMTK storescu", durations_s, "seed", "storescu", 2),
        _as_bare_http(durations_s),
        _ratio("dcmcjpls, a process per core", durations_s, "make", "dcmcjpls", 2),
    ]


def _against_rivals(alone: Sequence[ReceiverSample]) -> list[Goal]:
    ours, bare, scp, dcmtk = (_of(alone, name) for name in ("lab", "bare", "pynetdicom", "dcmtk"))
    of_bare = _median(ours, "mb_s") / _median(bare, "mb_s")
    of_scp = _median(ours, "mb_s") / _median(scp, "mb_s")
    cpu = _median(ours, "cpu_s_per_gb") / _median(dcmtk, "cpu_s_per_gb")
    return [
        _goal("bare socket sink", "MB/s", ">= 0.7", of_bare, of_bare >= 0.7, _speeds(ours, bare)),
        _goal("pynetdicom storescp", "MB/s", ">= 10", of_scp, of_scp >= 10, _speeds(ours, scp)),
        _goal(
            "DCMTK storescp --ignore",
            "CPU per GB",
            "<= 0.5",
            cpu,
            cpu <= 0.5,
            f"{_median(ours, 'cpu_s_per_gb'):.3f} s against {_median(dcmtk, 'cpu_s_per_gb'):.3f} s; "
            f"the bare socket sink takes {_median(bare, 'cpu_s_per_gb'):.3f} s",
        ),
    ]


def _ratio(
    against: str, durations_s: Mapping[str, Sequence[float]], ours: str, theirs: str, times: int
) -> Goal:
    our_s, their_s = (statistics.median(durations_s[name]) for name in (ours, theirs))
    how = f"{our_s:.3f} s against {their_s:.2f} s"
    return _goal(against, "duration", f"<= 1/{times}", our_s / their_s, our_s / their_s <= 1 / times, how)


def _as_bare_http(durations_s: Mapping[str, Sequence[float]]) -> Goal:
    ours, bare = (statistics.median(durations_s[name]) for name in ("seed", "bare HTTP"))
    how = f"{ours:.3f} s against {bare:.3f} s"
    return _goal("bare HTTP loop, 4 or 8 at once", "duration", "<= 1.1", ours / bare, ours / bare <= 1.1, how)


def _parallel(alone: Sequence[ReceiverSample], several: Sequence[ReceiverSample], cpus: int) -> Goal:
    """Met, not met, or not to be told: sender and receiver together already use the whole machine."""
    one = _of(alone, "lab")
    ratio = _median(several, "mb_s") / _median(one, "mb_s")
    gb_s = _median(several, "mb_s") / 1e3
    sender, receiver = (_median(several, field) * gb_s for field in ("sender_cpu_s_per_gb", "cpu_s_per_gb"))
    saturated = sender + receiver >= _SATURATED_SHARE * cpus
    how = f"{_speeds(several, one)}; sender {sender:.2f} and receiver {receiver:.2f} of {cpus} cores"
    met = True if ratio >= 1.5 else None if saturated else False
    return _goal(f"{several[0].associations} parallel associations", "MB/s to one", ">= 1.5", ratio, met, how)


def _ten_times(one: Sequence[ReceiverSample], ten: Sequence[ReceiverSample]) -> list[Goal]:
    per_instance = [
        statistics.median(sample.duration_s / sample.instances for sample in samples)
        for samples in (one, ten)
    ]
    linear = per_instance[1] / per_instance[0]
    rss_mb = [max(sample.peak_rss_bytes for sample in samples) / 1e6 for samples in (one, ten)]
    how = f"{ten[0].instances} instances, {_median(ten, 'duration_s'):.1f} s"
    return [
        _goal(
            "10x as much",
            "duration per instance",
            "1 +- 0.05",
            linear,
            abs(linear - 1) <= _LINEAR_WITHIN,
            how,
        ),
        _goal(
            "10x as much",
            "peak RSS, MB",
            f"< {_FLAT_MB:.0f}",
            rss_mb[1],
            rss_mb[1] < _FLAT_MB,
            f"{rss_mb[0]:.0f} MB at a tenth",
        ),
    ]


def _goal(against: str, measure: str, goal: str, measured: float, met: bool | None, how: str) -> Goal:
    return Goal(against=against, measure=measure, goal=goal, measured=measured, met=met, how=how)


def _of(samples: Sequence[ReceiverSample], name: str) -> list[ReceiverSample]:
    return [sample for sample in samples if sample.receiver == name]


def _speeds(ours: Sequence[ReceiverSample], theirs: Sequence[ReceiverSample]) -> str:
    return f"{_median(ours, 'mb_s'):.0f} against {_median(theirs, 'mb_s'):.0f} MB/s"


def _median(samples: Sequence[ReceiverSample], field: str) -> float:
    return float(statistics.median(getattr(sample, field) for sample in samples))
