"""What a case should take, and what would help."""

import dataclasses
from pathlib import Path as Folder

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.bench import moves
from lab.bench.c_move import Bench
from lab.bench.known import Felt
from lab.bench.predict import IN_ONE_REQUEST, IN_ONE_RESPONSE, mirrored, prediction
from lab.model.case import Case
from lab.model.link_state import LinkState
from lab.model.path import UNKNOWN, Path
from lab.model.profile import Link, Profile
from lab.system import store
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.settings import Settings
from tests.unit.hosts import plain_host
from tests.unit.quiet import Quiet
from tests.unit.studies import small_study

STUDY = small_study()
WAN = store.profile("wan-20ms")
SLOW = Profile(name="s", description="", source="", down=Link(rate_bit_s=1e6), up=Link(rate_bit_s=1e5))
ON_THE_WIRE_BIT = STUDY.dataset_bytes * 8 * 1514 / 1448


def test_stop_and_wait_costs_a_round_trip_for_each_instance() -> None:
    found = prediction(STUDY, WAN, 1, "cubic", 0.5)
    assert found.duration_s == pytest.approx(3 * 0.04 + 0.5)
    assert (found.instances, found.bits_s) == (3, 0.0)
    assert found.round_trip_s == pytest.approx(0.04)
    assert found.server_s == pytest.approx(0.5 / 3)


def test_bbr_costs_half_a_round_trip_more() -> None:
    assert prediction(STUDY, WAN, 1, "bbr", 0.5).duration_s == pytest.approx(3 * 0.06 + 0.5)


def felt(of_route: str, path: Path) -> Felt:
    host = plain_host(of_route, shaper="tun")
    return Felt(state=LinkState(profile="wan-20ms", shaper="tun", hosts=(host,)), rtt_ms=40.0, path=path)


@pytest.mark.parametrize(
    ("path", "round_trip_s"),
    [(UNKNOWN, 0.06), (dataclasses.replace(UNKNOWN, congestion_control={"pacs": "cubic"}), 0.04)],
)
def test_where_iperf3_told_nothing_the_route_tells_who_sends(path: Path, round_trip_s: float) -> None:
    settings = Settings(dicom_port=1, http_port=2, password="")
    bench = Bench(
        home=Home(Folder(), "p"), engine=Engine("p"), settings=settings, study=STUDY, progress=Quiet()
    )
    case = Case(
        study="small",
        profile=WAN,
        shaper="tun",
        congestion_control="kernel",
        runs=1,
        warmup=0,
        max_pdu_bytes=0,
    )
    found = moves.predicted(bench, case, felt("bbr", path), 0.5)
    assert found is not None
    assert found.round_trip_s == pytest.approx(round_trip_s)


def test_a_rate_adds_the_time_the_bits_take() -> None:
    found = prediction(STUDY, SLOW, 1, "cubic", 0.0)
    assert found.duration_s == pytest.approx(ON_THE_WIRE_BIT / 1e6)
    assert found.bits_s * 3 == pytest.approx(ON_THE_WIRE_BIT / 1e6)


def test_what_is_stored_goes_up() -> None:
    assert prediction(STUDY, mirrored(SLOW), 1, "cubic", 0.0).duration_s == pytest.approx(
        ON_THE_WIRE_BIT / 1e5
    )


def test_three_associations_wait_at_once() -> None:
    assert prediction(STUDY, WAN, 3, "cubic", 0.5).duration_s == pytest.approx(0.04 + 0.5)


def test_associations_share_the_rate() -> None:
    assert prediction(STUDY, SLOW, 3, "cubic", 0.0).duration_s == pytest.approx(ON_THE_WIRE_BIT / 1e6)


def test_what_would_help_is_said_the_most_effective_first() -> None:
    found = prediction(STUDY, WAN, 1, "bbr", 0.0)
    changes = [one.change for one in found.helps]
    assert changes[:2] == [IN_ONE_RESPONSE, "all frames in one multi-frame object"]
    assert "2 associations at once" in changes
    assert changes[-1] == "cubic or reno in the sender"
    took = [one.duration_s for one in found.helps]
    assert took == sorted(took)


@pytest.mark.parametrize("congestion_control", ["cubic", "bbr"])
def test_a_method_that_waits_for_no_answers_costs_one_round_trip_and_what_the_bits_and_the_pacs_take(
    congestion_control: str,
) -> None:
    far = dataclasses.replace(SLOW, down=Link(rate_bit_s=1e6, delay_s=0.3))
    helps = prediction(STUDY, far, 1, congestion_control, 0.5, at_once=IN_ONE_REQUEST).helps
    took_s = {one.change: one.duration_s for one in helps}
    assert took_s[IN_ONE_REQUEST] == pytest.approx(0.3 + ON_THE_WIRE_BIT / 1e6 + 0.5)


def test_nothing_helps_where_the_link_adds_nothing() -> None:
    assert prediction(STUDY, store.profile("baseline"), 1, "cubic", 0.5).helps == []


def test_a_dead_link_takes_for_ever_and_nothing_helps() -> None:
    dead = dataclasses.replace(WAN, down=Link(loss_ratio=1.0))
    found = prediction(STUDY, dead, 1, "cubic", 0.5)
    assert (found.duration_s, found.helps) == (None, [])


@given(st.integers(1, 8), st.floats(0, 1), st.sampled_from([WAN, SLOW, store.profile("geo-sat")]))
def test_no_prediction_is_under_what_the_rate_or_the_server_takes(
    parallel: int, unshaped_s: float, profile: Profile
) -> None:
    took_s = prediction(STUDY, profile, parallel, "cubic", unshaped_s).duration_s
    assert took_s is not None
    rate_bit_s = profile.down.rate_bit_s
    assert took_s >= unshaped_s + (ON_THE_WIRE_BIT / rate_bit_s if rate_bit_s else 0.0) - 1e-9
