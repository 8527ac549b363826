"""Is the link in force what it claims to be? Probes between the tester and the PACS tell.

The claim is what kernels and emulators report, profile or not; here the probes are run, lab.link.judging
says what they found.
"""

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from lab.errors import ToleranceError, UsageProblem
from lab.link import ping, probe_plan
from lab.link.judging import better, falls_short, judge
from lab.link.probe_figures import figures_of
from lab.model.link_state import PACS, HostLink, LinkState
from lab.model.plain import from_json, to_json
from lab.model.probe import ProbeOrder, Received, Sent, Stream
from lab.model.profile import Link
from lab.model.verdict import OUT, Figures, Measured, Verdict
from lab.system.engine import Engine

TESTER = "tester"
_PORT = 47011
_LOOPBACK = "127.0.0.1"
_START_S = 20.0
_SLACK = 2.0
Probed = tuple[Sent, Received]


def verify(engine: Engine, state: LinkState, seconds: float, say: Callable[[str], None]) -> list[Verdict]:
    """Measure the link between tester and PACS, once more when something is out.

    Raises:
        UsageProblem: the link changes by itself, or carries nothing.
        ToleranceError: what shapes it is in trouble.
    """
    down, up = _claimed(state, PACS), _claimed(state, TESTER)
    verdicts = judge(down.link, up.link, measure(engine, down.link, up.link, seconds), seconds, state.shaper)
    if any(line.verdict == OUT for line in verdicts):
        say(f"{named_out(verdicts)}: once more")
        again = measure(engine, down.link, up.link, seconds)
        verdicts = better(verdicts, judge(down.link, up.link, again, seconds, state.shaper))
    return verdicts


def demand_kept(verdicts: Sequence[Verdict], profile: str) -> None:
    """Raises ToleranceError when anything is out."""
    if any(line.verdict == OUT for line in verdicts):
        msg = f"the link is not what {profile} claims: {named_out(verdicts)}"
        raise ToleranceError(msg, "is the machine busy? lab net apply puts the profile on again")


def named_out(verdicts: Sequence[Verdict]) -> str:
    """What is out, in one line."""
    return "; ".join(_in_words(line) for line in verdicts if line.verdict == OUT)


def _in_words(line: Verdict) -> str:
    return (
        f"{line.direction} {line.what} {line.measured:.4g} {line.unit}, "
        f"allowed {line.lowest:.4g} to {line.highest:.4g}"
    )


def _claimed(state: LinkState, service: str) -> HostLink:
    host = next((host for host in state.hosts if host.service == service), None)
    if host is None:
        msg = f"the {service} container is not running"
        raise UsageProblem(msg, "lab up")
    if host.trouble:
        msg = f"at {service}: {host.trouble}"
        raise ToleranceError(msg, "lab net apply puts a profile on, lab net clear takes all off")
    if host.report is not None and len(host.report.schedule.turns) > 1:
        msg = f"a schedule changes {state.profile} while it would be measured"
        raise UsageProblem(msg, "verify one phase: a profile of its own, without phases")
    if host.link.loss_ratio == 1:
        msg = f"{state.profile} carries nothing: there is nothing to measure"
        raise UsageProblem(msg, "lab net clear")
    return host


def measure(engine: Engine, down: Link, up: Link, seconds: float) -> Measured:
    """Pings, then what is timed and counted in both directions at once, then a flood each way."""
    rtt_ms = _ping(engine, down, up, seconds)
    with ThreadPoolExecutor(max_workers=2) as pool:
        timed_down = pool.submit(_timed, engine, PACS, TESTER, down, seconds)
        timed_up = pool.submit(_timed, engine, TESTER, PACS, up, seconds)
        timed = timed_down.result(), timed_up.result()
    return Measured(
        down=_figures(engine, PACS, TESTER, down, timed[0], seconds),
        up=_figures(engine, TESTER, PACS, up, timed[1], seconds),
        rtt_ms=rtt_ms,
    )


def _ping(engine: Engine, down: Link, up: Link, seconds: float) -> float | None:
    spacing_s, count = probe_plan.ping_spacing_s(down, up), probe_plan.pings(down, up, seconds)
    wait_s = probe_plan.ping_wait_s(down, up)
    argv = ["ping", "-n", "-c", str(count), "-i", f"{spacing_s:.3f}", "-W", str(wait_s), PACS]
    return ping.median_rtt_ms(engine.exec(TESTER, argv).stdout)


def _timed(engine: Engine, sender: str, receiver: str, link: Link, seconds: float) -> Probed:
    streams = probe_plan.timed_streams(link, seconds)
    return _probe(engine, sender, receiver, streams, probe_plan.drain_s(link, queued=False))


def _figures(
    engine: Engine, sender: str, receiver: str, link: Link, timed: Probed, seconds: float
) -> Figures:
    """With the flood, and once more within the sender when too little of it arrived."""
    flood, drain_s = (probe_plan.flood(link, seconds),), probe_plan.drain_s(link, queued=True)
    found = figures_of(timed, _probe(engine, sender, receiver, flood, drain_s))
    if not falls_short(link, found):
        return found
    _, received = _probe(engine, sender, sender, flood, 0.0, _LOOPBACK)
    return dataclasses.replace(found, own_bit_s=received.streams[0].steady_bit_s)


def _probe(
    engine: Engine,
    sender: str,
    receiver: str,
    streams: tuple[Stream, ...],
    drain_s: float,
    address: str = "",
) -> Probed:
    """Both ends at once, each a sidecar in a container's network namespace."""
    order = ProbeOrder(
        role="receive",
        address=address or engine.address(receiver),
        port=_PORT,
        streams=streams,
        drain_s=drain_s,
        at_most_s=_START_S + _SLACK * (sum(stream.lasts_s + drain_s for stream in streams) + drain_s),
    )
    with ThreadPoolExecutor(max_workers=2) as pool:
        received = pool.submit(_run, engine, receiver, order)
        sent = pool.submit(_run, engine, sender, dataclasses.replace(order, role="send"))
        return from_json(Sent, sent.result()), from_json(Received, received.result())


def _run(engine: Engine, service: str, order: ProbeOrder) -> str:
    """As one that may have a larger buffer than the machine's limit."""
    return engine.sidecar(service, [["python3", "-m", "lab.inside.probe", to_json(order)]], may_change=True)
