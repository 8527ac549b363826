"""Every profile on a kernel that has netem: by netem as it should be, and the emulator beside it.

One CPU simulates the kernel, the hosts and the emulators: rates are measured up to what it carries
(wire_probe.FASTEST_BIT_S), packets for delays and counts are few, and instances small (wire_load).
"""

from collections.abc import Iterable

import pytest

from lab.link.judging import better
from lab.link.read_back import link_state
from lab.model.profile import Profile
from lab.model.verdict import OUT
from lab.system import store
from tests.netem.conftest import TOLD, Guests
from tests.netem.profiles_guest import CLEARED, NETEM, TUN, Found
from tests.netem.shapers_compared import SHORTEST_RTT_S, Pair, found_of, pairs, shaped, table, verdicts

pytestmark = [pytest.mark.alone, pytest.mark.timeout(1800)]
SHAPED = shaped()
FELT = [profile for profile in SHAPED if profile.rtt_s >= SHORTEST_RTT_S]
Key = tuple[str, str]


@pytest.fixture(scope="module")
def once(guests: Guests, request: pytest.FixtureRequest) -> dict[Key, Found]:
    """What was found of each profile by each shaper; the table of it is printed at the end."""
    found = by_key(found for guest in guests["profiles"] for found in guest.result())
    request.config.stash[TOLD] = table(found)
    return found


@pytest.fixture(scope="module")
def again(once: dict[Key, Found]) -> dict[Key, Found]:
    """The same once more and in one guest alone, of profiles of which something is not as it should be.

    Two guests at once, a core each, make some round trips of the emulator 2 ms longer.
    """
    names = [profile.name for profile in SHAPED if is_in_doubt(once, profile.name)]
    return by_key(found_of(names)) if names else {}


def by_key(found: Iterable[Found]) -> dict[Key, Found]:
    return {(one.profile, one.shaper): one for one in found}


def is_in_doubt(found: dict[Key, Found], name: str) -> bool:
    netem, tun = found[name, NETEM], found[name, TUN]
    is_out = any(line.verdict == OUT for line in verdicts(netem))
    return is_out or not all(pair.agrees for pair in pairs(netem, tun))


def compared(found: dict[Key, Found], profile: Profile) -> list[Pair]:
    return pairs(found[profile.name, NETEM], found[profile.name, TUN])


def disagreeing(compared: list[Pair]) -> set[str]:
    return {pair.what for pair in compared if not pair.agrees}


@pytest.mark.parametrize("shaper", [NETEM, TUN])
@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_each_profile_reads_back_as_itself(once: dict[Key, Found], profile: Profile, shaper: str) -> None:
    state = link_state(once[profile.name, shaper].hops, "orthanc", store.profiles())
    assert (state.profile, state.shaper) == (profile.name, shaper)
    assert [host.trouble for host in state.hosts] == ["", ""]


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_netem_makes_each_profile_what_it_claims(
    once: dict[Key, Found], again: dict[Key, Found], profile: Profile
) -> None:
    key = profile.name, NETEM
    lines = verdicts(once[key])
    lines = better(lines, verdicts(again[key])) if key in again else lines
    assert [line for line in lines if line.verdict == OUT] == []


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_the_emulator_agrees_with_netem(
    once: dict[Key, Found], again: dict[Key, Found], profile: Profile
) -> None:
    """On round trip, rate, and what an instance of a C-MOVE takes: where not, then at the second try."""
    first = compared(once, profile)
    second = compared(again, profile) if (profile.name, TUN) in again else first
    assert [pair for pair in second if not pair.agrees and pair.what in disagreeing(first)] == []
    assert any(pair.what == "instance" for pair in first) == (profile in FELT)


@pytest.mark.parametrize("profile", FELT, ids=lambda profile: profile.name)
def test_every_instance_of_a_c_move_costs_its_round_trip(once: dict[Key, Found], profile: Profile) -> None:
    for shaper in (NETEM, TUN):
        took_s = once[profile.name, shaper].instances_s
        assert sum(took_s) > 0.95 * len(took_s) * profile.rtt_s


def test_a_cleared_link_is_the_baseline_again(once: dict[Key, Found]) -> None:
    for shaper in (NETEM, TUN):
        hops = once[CLEARED, shaper].hops
        state = link_state(hops, "orthanc", store.profiles())
        assert (state.profile, state.shaper) == ("baseline", "none")
        assert [hop.gso_max_segs for hop in hops.values()] == [65535, 65535]
