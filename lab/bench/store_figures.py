"""From the outcome of one study stored to the figures of a run, and reasons to doubt them. Pure."""

from collections.abc import Sequence

from lab.bench import link_doubts, surroundings
from lab.bench.figures import NOTHING_BESIDE, efficiency, path_record
from lab.bench.known import Beside, StoreKnown
from lab.model.case import Case
from lab.model.conditions import LinkRecord
from lab.model.link_state import PACS, LinkState
from lab.model.spread import Doubt, Gaps
from lab.model.store import REST, STORESCU, StoreOutcome, Stores
from lab.model.store_record import StoreRun
from lab.model.study import Study
from lab.statistics.summary import gaps, mbit_s, quantile

_BUSY_SHARE = 0.8
_LONGEST_RTT_MS = 20.0  # beyond, slow start and BBR's pacing make waits of 40 ms too
_STALL_MS = (38.0, 50.0)  # Linux, TCP_DELACK_MIN, and what the PACS takes for an instance anyway
_BESIDE_MS = ((26.0, 38.0), (50.0, 62.0))
_STANDS_OUT = 3
_STALLED_SHARE = 0.1


def run_of(
    study: Study,
    case: Case,
    known: StoreKnown,
    outcome: StoreOutcome,
    started: str,
    link: LinkRecord | None = None,
    beside: Beside = NOTHING_BESIDE,
) -> StoreRun:
    """The figures of one outcome of which it was proved that the PACS holds the study."""
    stores, felt, total_bytes = outcome.stores, known.felt, sum(outcome.stores.dataset_bytes)
    path_mbit_s = felt.path.up.mbit_s if felt.path.up else None
    duration_s = max(stores.end_s)
    return StoreRun(
        profile=felt.state.profile,
        shaper=felt.state.shaper,
        study=study.name,
        method=case.method,
        jobs=case.parallel,
        warmup=case.warmup,
        started=started,
        stored=len(stores.end_s),
        instances_expected=len(study.instances),
        dataset_bytes=total_bytes,
        associate_s=outcome.associate_s,
        first_s=min(stores.end_s),
        duration_s=duration_s,
        mbit_s=mbit_s(total_bytes, duration_s),
        gap_ms=gaps(sorted(stores.end_s)),
        instance_ms=_spread(instance_ms(stores)),
        congestion_control=congestion_control(case.method, felt.state),
        rtt_ms=felt.rtt_ms or 0.0,
        client_cpu_s=outcome.client_cpu_s,
        connections=outcome.connections,
        doubts=[
            *doubts(case, known, outcome, link),
            *surroundings.doubts(beside, felt.state.link(client_of(case.method)), felt.path.up, read_bytes=0),
        ],
        instances=stores,
        max_pdu=None if case.method == REST else case.max_pdu_bytes,
        path_mbit_s=path_mbit_s,
        expected_s=known.expected_s,
        link=link,
        hosts=beside.hosts,
        path=path_record(felt.path),
        efficiency=efficiency(mbit_s(total_bytes, duration_s), path_mbit_s),
        cache=beside.cache,
        condition=beside.condition,
        rtt=beside.rtt,
        tls=beside.tls,
    )


def instance_ms(stores: Stores) -> list[float]:
    """What each instance took, request to answer."""
    return [(end_s - begin_s) * 1e3 for begin_s, end_s in zip(stores.begin_s, stores.end_s, strict=True)]


def _spread(samples: Sequence[float]) -> Gaps:
    return Gaps(
        p50=quantile(samples, 0.50),
        p95=quantile(samples, 0.95),
        p99=quantile(samples, 0.99),
        max=max(samples),
    )


def client_of(method: str) -> str:
    """The service at the PACS's other side."""
    return "dcmtk" if method == STORESCU else "tester"


def congestion_control(method: str, state: LinkState) -> dict[str, str]:
    """As each kernel has it for the route."""
    client, pacs = state.host(client_of(method)), state.host(PACS)
    return {
        "client": client.congestion_control if client else "",
        "pacs": pacs.congestion_control if pacs else "",
    }


def doubts(case: Case, known: StoreKnown, outcome: StoreOutcome, link: LinkRecord | None) -> list[Doubt]:
    """Every doubt about one run."""
    method, felt, duration_s = case.method, known.felt, max(outcome.stores.end_s)
    found = [
        _client_busy(outcome),
        _delayed_ack_stall(method, felt.state, felt.rtt_ms or 0.0, outcome.stores),
        *link_doubts.doubts(
            case,
            known,
            link.emulator if link else None,
            sender=congestion_control(method, felt.state)["client"],
            reached_mbit_s=mbit_s(sum(outcome.stores.dataset_bytes), duration_s),
            duration_s=duration_s,
        ),
    ]
    return [doubt for doubt in found if doubt]


def _client_busy(outcome: StoreOutcome) -> Doubt | None:
    if outcome.client_cpu_s is None or outcome.client_cpu_s <= _BUSY_SHARE * max(outcome.stores.end_s):
        return None
    return Doubt(
        code="client_busy",
        text="the sending process used over 80 % of a core: the figure may be the instrument's own",
        remedy="do not quote it as the PACS's ceiling; a machine with faster cores",
    )


def _delayed_ack_stall(method: str, state: LinkState, rtt_ms: float, stores: Stores) -> Doubt | None:
    """A tenth of the instances took 40 ms longer than round trip and rate explain, as a mode.

    The rate is the profile's, as read back: without one nothing is taken for the wire.
    """
    if rtt_ms > _LONGEST_RTT_MS:
        return None
    link = state.link(client_of(method))
    rate_bit_s = link.rate_bit_s if link else None
    excess_ms = [
        took_ms - rtt_ms - (count * 8e3 / rate_bit_s if rate_bit_s else 0.0)
        for took_ms, count in zip(instance_ms(stores), stores.dataset_bytes, strict=True)
    ]
    stalled = _within(excess_ms, _STALL_MS)
    beside = max(_within(excess_ms, place) for place in _BESIDE_MS)
    if stalled < max(1, _STALLED_SHARE * len(excess_ms)) or stalled < _STANDS_OUT * max(1, beside) - 1:
        return None
    return Doubt(
        code="delayed_ack_stall",
        text="a tenth of the instances or more took 40 ms longer, which looks like Nagle and a delayed ACK",
        remedy="TCP_NODELAY in the PACS" if method == REST else "TCP_NODELAY in the PACS and in who sends",
    )


def _within(samples: Sequence[float], place: tuple[float, float]) -> int:
    return sum(place[0] <= sample < place[1] for sample in samples)
