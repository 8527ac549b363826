import dataclasses
from typing import cast

import pytest

from lab.link.commands import clearing_argvs
from lab.link.read_back import host_link, is_as_asked, link_state
from lab.link.schedule import schedule_of
from lab.link.tun_routes import restore_argvs, takeover_argvs
from lab.model.hop import Hop
from lab.model.profile import Link, Phase, Profile
from lab.model.shaper import Change, Schedule, ShaperReport, Turn
from lab.system import store
from tests.unit.test_netem import MPLS, MPLS_QDISC

PLAIN = Hop(
    device="eth0",
    subnet="172.18.0.0/16",
    address="172.18.0.3",
    qdisc={"kind": "noqueue", "root": True},
    gso_max_segs=65535,
    route_device="eth0",
    plain_route=True,
    mtu_bytes=1500,
    congestion_control="cubic",
    kernel_congestion_control="cubic",
    emulator=None,
    keeper=None,
    monotonic_s=100.0,
)
DELAY = Link(delay_s=0.02)
STEADY = Schedule(turns=(Turn(name="steady", lasts_s=0, link=DELAY),), repeat=True, seed=7)
REPORT = ShaperReport(
    schedule=STEADY,
    turn="steady",
    link=DELAY,
    changes=(Change(at_s=90.0, turn="steady"),),
    epoch_s=90.0,
    until_s=None,
    passed_packets=9,
    lost_packets=2,
    overflowed_packets=1,
    unread_packets=4,
)
TUN = dataclasses.replace(PLAIN, route_device="lab0", plain_route=False, emulator=REPORT)
NETEM = dataclasses.replace(PLAIN, qdisc=MPLS_QDISC, gso_max_segs=1)


def profile(name: str) -> Profile:
    return store.profile(name)


def test_an_untouched_host_is_the_baseline() -> None:
    state = link_state({"orthanc": PLAIN, "tester": PLAIN}, "orthanc", store.profiles())
    assert (state.profile, state.shaper) == ("baseline", "none")


def test_an_emulator_is_believed_by_its_own_report() -> None:
    state = link_state({"orthanc": TUN, "tester": TUN}, "orthanc", store.profiles())
    assert (state.profile, state.shaper) == ("wan-20ms", "tun")
    assert [host.dropped_packets for host in state.hosts] == [7, 7]


def test_a_netem_qdisc_is_named_after_the_profile_it_matches() -> None:
    state = link_state({"orthanc": NETEM, "tester": NETEM}, "orthanc", store.profiles())
    assert (state.profile, state.shaper) == ("mpls-hospital", "netem")


def test_one_host_that_differs_makes_the_link_custom() -> None:
    state = link_state({"orthanc": TUN, "tester": PLAIN}, "orthanc", store.profiles())
    assert state.profile == "custom"


def test_of_a_link_that_one_host_lost_the_others_are_still_read_as_they_were_asked_for() -> None:
    asked = profile("mpls-hospital")
    state = link_state({"orthanc": NETEM, "tester": PLAIN}, "orthanc", [asked], asked)
    assert state.profile == "custom"
    assert [is_as_asked(host, asked, "orthanc") for host in state.hosts] == [True, False]


def test_netem_with_offload_on_is_trouble() -> None:
    host = host_link("orthanc", dataclasses.replace(NETEM, gso_max_segs=65535), profile("mpls-hospital").down)
    assert "offload" in host.trouble


def test_an_emulator_that_traffic_goes_around_is_trouble() -> None:
    assert "eth0" in host_link("orthanc", dataclasses.replace(TUN, route_device="eth0"), DELAY).trouble


@pytest.mark.parametrize("congestion_control", ["", "reno"])
def test_the_plain_route_stays_behind_the_emulators(congestion_control: str) -> None:
    argvs = takeover_argvs("eth0", "172.18.0.0/16", "172.18.0.3", congestion_control, 1400)
    fallback = next(argv for argv in argvs if "4096" in argv)
    preferred = argvs[-1]
    assert fallback[fallback.index("dev") + 1] == "eth0"
    assert preferred[preferred.index("dev") + 1] == "lab0"
    assert ("congctl" in preferred) == bool(congestion_control)


def test_a_host_is_cleared_of_what_it_reports_and_of_nothing_else() -> None:
    off, on = "tc qdisc del dev eth0 root", "ip link set dev eth0 gso_max_segs 65535"
    tbf = dataclasses.replace(PLAIN, qdisc={"kind": "tbf", "handle": "8001:", "root": True})
    half_done = dataclasses.replace(PLAIN, gso_max_segs=1)
    hooked = dataclasses.replace(tbf, other_qdiscs=("pfifo", "clsact"))
    no_hook = "tc qdisc del dev eth0 clsact"
    expected = [(PLAIN, []), (NETEM, [off, on]), (tbf, [off]), (half_done, [on]), (hooked, [off, no_hook])]
    for hop, argvs in expected:
        assert [" ".join(argv) for argv in clearing_argvs(hop)] == argvs


def test_a_qdisc_that_is_not_the_labs_is_trouble() -> None:
    tbf = dataclasses.replace(PLAIN, qdisc={"kind": "tbf", "handle": "8001:", "root": True})
    assert "a tbf that is not the lab's" in host_link("orthanc", tbf, Link()).trouble


@pytest.mark.parametrize("hop", [PLAIN, NETEM, TUN])
def test_a_qdisc_besides_the_root_is_trouble_whatever_shapes(hop: Hop) -> None:
    hooked = dataclasses.replace(hop, other_qdiscs=("clsact", "pfifo"))
    said = "besides its root qdisc eth0 has a clsact and a pfifo"
    assert host_link("orthanc", hooked, profile("mpls-hospital").down).trouble == said


def test_a_qdisc_that_shapes_below_the_emulator_is_trouble() -> None:
    hop = dataclasses.replace(TUN, qdisc={"kind": "tbf", "handle": "8001:", "root": True})
    assert host_link("orthanc", hop, DELAY).trouble == "besides the emulator a tbf shapes eth0"


def test_a_netem_that_does_what_no_profile_can_say_is_trouble() -> None:
    options = {
        **cast("dict[str, object]", MPLS_QDISC["options"]),
        "loss-random": {"loss": 0.0001, "correlation": 0.5},
    }
    hop = dataclasses.replace(NETEM, qdisc={**MPLS_QDISC, "options": options})
    assert host_link("orthanc", hop, MPLS).trouble == "its netem has a correlation, which is not read back"


def test_no_host_is_no_profile() -> None:
    assert link_state({}, "orthanc", store.profiles()).profile == "none"


def test_restoring_leaves_the_route_that_the_engine_made() -> None:
    assert [" ".join(argv) for argv in restore_argvs("eth0", "172.18.0.0/16", "172.18.0.3")] == [
        "ip route replace 172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.3",
        "ip route flush 172.18.0.0/16 dev eth0 metric 4096",
    ]


FALLING = Profile(
    name="falling",
    description="",
    source="",
    down=MPLS,
    up=DELAY,
    phases=(
        Phase(name="fast", lasts_s=5, down=MPLS, up=DELAY),
        Phase(name="slow", lasts_s=1, down=Link(rate_bit_s=1e6), up=DELAY),
    ),
)


def keeping(profile: Profile, direction: str, turn: int) -> ShaperReport:
    schedule = schedule_of(profile, direction, seed=3)
    now = schedule.turns[turn]
    return dataclasses.replace(REPORT, schedule=schedule, turn=now.name, link=now.link)


def test_a_schedule_is_known_by_all_its_turns_whichever_is_in_force() -> None:
    down = dataclasses.replace(PLAIN, emulator=keeping(FALLING, "down", 1), route_device="lab0")
    up = dataclasses.replace(PLAIN, emulator=keeping(FALLING, "up", 0), route_device="lab0")
    assert link_state({"orthanc": down, "tester": up}, "orthanc", [FALLING]).profile == "falling"
    once = dataclasses.replace(FALLING, repeat=False)
    assert link_state({"orthanc": down, "tester": up}, "orthanc", [once]).profile == "custom"


def test_a_steady_profile_is_no_schedule_that_begins_like_it() -> None:
    down = dataclasses.replace(NETEM, keeper=keeping(FALLING, "down", 0))
    steady = dataclasses.replace(FALLING, phases=(), up=MPLS)
    assert link_state({"orthanc": down}, "orthanc", [steady]).profile == "custom"


def test_netem_that_is_not_where_its_schedule_has_it_is_trouble() -> None:
    host = host_link("orthanc", dataclasses.replace(NETEM, keeper=keeping(FALLING, "down", 1)), Link())
    assert "not as its schedule has it in the turn slow" in host.trouble


def test_a_seed_is_told_where_the_kernel_has_it() -> None:
    seeded = {**MPLS_QDISC, "options": {**MPLS_QDISC["options"], "seed": 11}}  # type: ignore[dict-item]
    assert host_link("orthanc", dataclasses.replace(NETEM, qdisc=seeded), MPLS).seed == 11
    assert host_link("orthanc", NETEM, MPLS).seed is None
    assert host_link("orthanc", TUN, DELAY).seed == 7
