"""netem and the emulator on one kernel, profile by profile. A program too: it prints the table of the docs.

python3 -m tests.netem.shapers_compared [PROFILE...]
"""

import math
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from lab.link import probe_plan
from lab.link.judging import judge
from lab.link.probe_expected import round_trip_ms
from lab.link.tolerances import RATE_RATIO, RTT_S, SIGMAS, burst_count_sigma
from lab.model.plain import from_json
from lab.model.profile import Profile
from lab.model.verdict import Measured, Verdict
from lab.system import store
from tests.netem.kernel import run_module
from tests.netem.profiles_guest import NETEM, TUN, Found
from tests.netem.wire_load import dataset_bytes, is_left_to_chance, seconds
from tests.netem.wire_probe import is_slow

AGREE_RATIO = 0.05
SHORTEST_RTT_S = 5e-3  # below, what the guest's CPU takes for an instance hides what the link takes
HEADINGS = (
    "profile",
    "round trip ms",
    "rate down Mbit/s",
    "rate up",
    "lost packets",
    "an instance of",
    "takes ms",
    "may differ by",
)
AT_ONCE = 3  # on two cores: each sleeps more than half of the time
_GUESTS = 4
_TIMEOUT_S = 1500.0


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A figure by netem and by the emulator, and how far apart they may be."""

    what: str
    unit: str
    netem: float
    tun: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Whether they are as close as they are to be."""
        return abs(self.tun - self.netem) <= self.allowed


def jobs(profiles: Sequence[Profile]) -> list[Callable[[], list[Found]]]:
    """Guests that measure some profiles each. The first has the slowest alone, and sleeps mostly."""
    slowest, *others = [profile.name for profile in profiles]
    shares = [others[first::_GUESTS] for first in range(_GUESTS)]
    return [partial(found_of, names) for names in ([slowest], *shares) if names]


def found_of(names: Sequence[str]) -> list[Found]:
    """What a guest finds of these."""
    printed = run_module("tests.netem.profiles_guest", *names, timeout_s=_TIMEOUT_S)
    return [from_json(Found, line) for line in printed.splitlines()]


def verdicts(found: Found) -> list[Verdict]:
    """Against the profile; a rate that the guest is too slow for is left out."""
    profile = store.profile(found.profile)
    lines = judge(profile.down, profile.up, measured(found), seconds(profile), found.shaper)
    halves = {"down": profile.down, "up": profile.up, "both": profile.down}
    return [line for line in lines if line.what != "rate" or is_slow(halves[line.direction])]


def measured(found: Found) -> Measured:
    """By its probes."""
    assert found.measured is not None
    return found.measured


def pairs(netem: Found, tun: Found) -> list[Pair]:
    """What is compared of a profile: round trip, rates that the guest carries, the time an instance takes."""
    profile = store.profile(netem.profile)
    one, other = measured(netem), measured(tun)
    rates = [
        Pair(
            what=f"rate {name}",
            unit="Mbit/s",
            netem=(a.rate_bit_s or 0) / 1e6,
            tun=(b.rate_bit_s or 0) / 1e6,
            allowed=RATE_RATIO * (link.rate_bit_s or 0) / 1e6,
        )
        for name, link, a, b in (
            ("down", profile.down, one.down, other.down),
            ("up", profile.up, one.up, other.up),
        )
        if is_slow(link)
    ]
    return [
        _round_trip(profile, one, other, tun.own_ms),
        *rates,
        *_loss(profile, one, other),
        *_instance(profile, netem, tun),
    ]


def _round_trip(profile: Profile, netem: Measured, tun: Measured, own_ms: float) -> Pair:
    """Within 5 % or 1 ms; the sampling error of two medians; what emulators cost this guest's CPU anyway."""
    rtt_ms = netem.rtt_ms or math.inf
    error_ms = round_trip_ms(profile.down, profile.up, _pings(profile)).standard_error
    allowed_ms = max(AGREE_RATIO * rtt_ms, RTT_S * 1e3) + SIGMAS * math.sqrt(2) * error_ms + own_ms
    return Pair(what="round trip", unit="ms", netem=rtt_ms, tun=tun.rtt_ms or math.inf, allowed=allowed_ms)


def _pings(profile: Profile) -> int:
    return probe_plan.pings(profile.down, profile.up, seconds(profile))


def _loss(profile: Profile, one: Measured, other: Measured) -> list[Pair]:
    """Of both directions, within 5 % and the sampling error of the difference of two counts."""
    links = (profile.down, profile.up)
    if not any(link.loss_ratio for link in links):
        return []
    sent = one.down.sent_packets, one.up.sent_packets
    counts = [(packets * link.loss_ratio, link) for packets, link in zip(sent, links, strict=True)]
    expected = sum(count for count, _ in counts)
    error = math.hypot(*(burst_count_sigma(count, link.loss_burst_packets) for count, link in counts))
    to_percent = 100 / sum(sent)
    lost = [sum(x.lost_packets for x in (found.down, found.up)) for found in (one, other)]
    allowed = (AGREE_RATIO * expected + SIGMAS * math.sqrt(2) * error) * to_percent
    return [
        Pair(what="loss", unit="%", netem=lost[0] * to_percent, tun=lost[1] * to_percent, allowed=allowed)
    ]


def _instance(profile: Profile, netem: Found, tun: Found) -> list[Pair]:
    """Within 5 %; the sampling error of the difference, where chance has a hand in it; emulators' cost."""
    if profile.rtt_s < SHORTEST_RTT_S:
        return []
    means = [statistics.mean(found.instances_s) for found in (netem, tun)]
    errors = [statistics.stdev(x.instances_s) / math.sqrt(len(x.instances_s)) for x in (netem, tun)]
    chance_s = SIGMAS * math.hypot(*errors) if is_left_to_chance(profile) else 0.0
    return [
        Pair(
            what="instance",
            unit="ms",
            netem=means[0] * 1e3,
            tun=means[1] * 1e3,
            allowed=(AGREE_RATIO * means[0] + chance_s) * 1e3 + tun.own_ms,
        )
    ]


def main() -> None:
    names = sys.argv[1:]
    wanted = [p for p in shaped() if not names or p.name in names]
    found = found_of([profile.name for profile in wanted])
    print("\n".join(table({(one.profile, one.shaper): one for one in found})))


def table(found: Mapping[tuple[str, str], Found]) -> list[str]:
    """Lines of Markdown: a profile each, by netem and by the emulator; "(!)" where they do not agree."""
    wanted = [profile for profile in shaped() if (profile.name, NETEM) in found]
    rows = [_row(one, found[one.name, NETEM], found[one.name, TUN]) for one in wanted]
    own_ms = sorted(found[one.name, TUN].own_ms for one in wanted)
    cost = f"Two emulators cost the CPU of these guests {own_ms[0]:.2g} to {own_ms[-1]:.2g} ms a round trip."
    return [f"| {' | '.join(HEADINGS)} |", "| --- " * len(HEADINGS) + "|", *rows, "", cost]


def shaped() -> list[Profile]:
    """Profiles that shape, and stay as they are; the slowest first, for it takes the longest."""
    steady = [profile for profile in store.profiles() if not profile.is_plain and not profile.phases]
    return sorted(steady, key=lambda profile: profile.down.rate_bit_s or math.inf)


def _row(profile: Profile, netem: Found, tun: Found) -> str:
    told = {pair.what: pair for pair in pairs(netem, tun)}
    cells = [_cell(told.get(what)) for what in ("round trip", "rate down", "rate up")]
    lost = " / ".join(_lost(measured(found)) for found in (netem, tun))
    instance = told.get("instance")
    size = f"{dataset_bytes(profile)[0]} bytes" if instance else "-"
    allowed = f"{instance.allowed:.3g}" if instance else "-"
    return f"| {' | '.join([profile.name, *cells, lost, size, _cell(instance), allowed])} |"


def _cell(pair: Pair | None) -> str:
    if pair is None:
        return "-"
    return f"{pair.netem:.4g} / {pair.tun:.4g}" + ("" if pair.agrees else " (!)")


def _lost(found: Measured) -> str:
    both = (found.down, found.up)
    return f"{sum(x.lost_packets for x in both)} of {sum(x.sent_packets for x in both)}"


if __name__ == "__main__":
    main()
