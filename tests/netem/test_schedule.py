"""netem taken through a schedule by its time-keeper, on a kernel that has it."""

import json
from typing import Any

import pytest

from lab.link.ping import median_rtt_ms
from lab.link.read_back import link_state
from lab.model.hop import Hop
from lab.model.link_state import LinkState
from lab.model.plain import from_plain
from lab.system import store
from tests.netem.conftest import Guests
from tests.netem.schedule_guest import PROFILE

pytestmark = [pytest.mark.alone, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def looks(guests: Guests) -> Any:
    """In the first turn, in the second, and when the time is up."""
    (guest,) = guests["schedule"]
    return json.loads(guest.result())


def state(look: Any) -> LinkState:
    hops = {host: from_plain(Hop, hop) for host, hop in look["hops"].items()}
    return link_state(hops, "orthanc", [*store.profiles(), PROFILE])


def test_the_whole_schedule_is_read_back_in_each_turn(looks: Any) -> None:
    for look, turn in zip(looks, ("near", "far"), strict=False):
        found = state(look)
        assert (found.profile, found.shaper) == ("to-and-fro", "netem")
        assert [host.trouble for host in found.hosts] == ["", ""]
        assert {host.report.turn for host in found.hosts if host.report} == {turn}


def test_each_turn_is_felt(looks: Any) -> None:
    felt_ms = [median_rtt_ms(look["ping"]) for look in looks]
    assert felt_ms[:2] == pytest.approx([10, 60], abs=3)


def test_when_the_time_is_up_nothing_is_left(looks: Any) -> None:
    found = state(looks[2])
    assert (found.profile, found.shaper) == ("baseline", "none")
    assert [hop["gso_max_segs"] for hop in looks[2]["hops"].values()] == [65535, 65535]
