"""What a record tells of why a run parted from its prediction. The stop-and-wait model knows round trips,
bits, the rate and the PACS; everything here is what it does not know."""

from collections.abc import Sequence

from lab.model.conditions import LinkRecord, MachineRecord
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.cases import PageCase
from lab.report.html.figures import share, shown
from lab.report.html.lost import dropped, out_of_order, retransmitted

_FEW_INSTANCES = 100  # TCP's slow start is then a good part of the whole
_FELT_RTT_MS = 1.0
_STOLEN_SHARE = 0.02
_FULL_SHARE = 0.95
_FAR_APART_SHARE = 0.2
_TELLING = ("delayed_ack_stall", "paced_by_bbr", "emulator_late", "emulator_near_ceiling", "receiver_busy")
NOTHING_FOUND = (
    "nothing in the record explains it: the PACS may have been faster or slower than in the unshaped run"
)


def reasons(case: PageCase) -> list[str]:
    """In plain words, those with most weight first; NOTHING_FOUND when there is no trace of any."""
    run = case.middle
    if run is None or case.off_by is None:
        return []
    found = _of_slower(case, run) if case.off_by > 0 else _of_faster(case)
    return [*found, *_of_its_runs(case)] or [NOTHING_FOUND]


def _of_slower(case: PageCase, run: Run | StoreRun) -> list[str]:
    texts = {doubt.code: doubt.text for one in case.result.runs for doubt in one.doubts}
    return [
        *_losses(run),
        *(_of_the_link(run.link) if run.link else []),
        *_slow_start(run),
        *(texts[code] for code in _TELLING if code in texts),
        *(_of_the_machine(run.condition) if run.condition else []),
        *(["the PACS's files were not in memory (cold cache)"] if _cold(run) else []),
    ]


def _losses(run: Run | StoreRun) -> list[str]:
    counts = (
        (dropped(run), "packets were dropped by the link"),
        (retransmitted(run), "segments were sent again"),
        (out_of_order(run), "packets came ahead of a hole"),
    )
    said = [f"{count:.0f} {what}" for count, what in counts if count]
    return [f"{', '.join(said)}: TCP waits for each loss, and sends less after it"] if said else []


def _of_the_link(link: LinkRecord) -> list[str]:
    jitter_s = max((half.jitter_s for half in link.read_back.values()), default=0.0)
    said = [f"the delay varies by {jitter_s * 1e3:.3g} ms, and TCP waits longer"] if jitter_s else []
    if len(link.phases) > 1:
        said.append(f"the link changed during the run: {', '.join(phase.name for phase in link.phases)}")
    return said


def _slow_start(run: Run | StoreRun) -> list[str]:
    small = run.instances_expected < _FEW_INSTANCES and (run.rtt_ms or 0.0) > _FELT_RTT_MS
    return ["the study is small: TCP's slow start is a good part of it"] if small else []


def _of_the_machine(condition: MachineRecord) -> list[str]:
    said = []
    if (condition.busy_ratio or 0.0) > _FULL_SHARE:
        said.append(f"the machine's processors were busy {share(condition.busy_ratio)} of the time")
    if (condition.steal_ratio or 0.0) > _STOLEN_SHARE:
        said.append(f"the hypervisor gave {share(condition.steal_ratio)} of the CPU time to others")
    held = {service: held_s for service, held_s in condition.throttled_s.items() if held_s}
    return said + [
        f"{service} was held back {held_s:.3g} s by its CPU limit" for service, held_s in held.items()
    ]


def _cold(run: Run | StoreRun) -> bool:
    return run.cache is not None and run.cache.declared == "cold"


def _of_faster(case: PageCase) -> list[str]:
    key = case.result.key
    if key.parallel > 1:
        return [f"{key.parallel} at once share the waiting better than the model thinks"]
    return ["the unshaped run that the prediction rests on may have been a slow one"]


def _of_its_runs(case: PageCase) -> list[str]:
    """Runs that are as far from each other say nothing against the model."""
    durations_s = [run.duration_s for run in case.result.runs]
    shortest_s, longest_s = min(durations_s), max(durations_s)
    if longest_s < (1 + _FAR_APART_SHARE) * shortest_s:
        return []
    return [f"its own runs are as far apart: {shown(shortest_s, 's')} to {shown(longest_s, 's')}"]


def listed(said: Sequence[str]) -> str:
    """As one sentence."""
    return "; ".join(said)
