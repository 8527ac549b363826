import dataclasses

import pytest

from lab.link.commands import clearing_argvs
from lab.link.read_back import host_link, link_state
from lab.link.tun_routes import restore_argvs, takeover_argvs
from lab.model.exchange import Hop
from lab.model.profile import Link, Profile
from lab.system import store
from tests.unit.test_netem import MPLS_QDISC

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
)
DELAY = Link(delay_s=0.02)
REPORT = {
    "link": dataclasses.asdict(DELAY),
    "passed_packets": 9,
    "lost_packets": 2,
    "overflowed_packets": 1,
    "unsent_packets": 0,
}
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
    assert [host.dropped_packets for host in state.hosts] == [3, 3]


def test_a_netem_qdisc_is_named_after_the_profile_it_matches() -> None:
    state = link_state({"orthanc": NETEM, "tester": NETEM}, "orthanc", store.profiles())
    assert (state.profile, state.shaper) == ("mpls-hospital", "netem")


def test_one_host_that_differs_makes_the_link_custom() -> None:
    state = link_state({"orthanc": TUN, "tester": PLAIN}, "orthanc", store.profiles())
    assert state.profile == "custom"


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
    expected = [(PLAIN, []), (NETEM, [off, on]), (tbf, [off]), (half_done, [on])]
    for hop, argvs in expected:
        assert [" ".join(argv) for argv in clearing_argvs(hop)] == argvs


def test_a_qdisc_that_is_not_the_labs_is_trouble() -> None:
    tbf = dataclasses.replace(PLAIN, qdisc={"kind": "tbf", "handle": "8001:", "root": True})
    assert "a tbf that is not the lab's" in host_link("orthanc", tbf, Link()).trouble


def test_no_host_is_no_profile() -> None:
    assert link_state({}, "orthanc", store.profiles()).profile == "none"


def test_restoring_leaves_the_route_that_the_engine_made() -> None:
    assert [" ".join(argv) for argv in restore_argvs("eth0", "172.18.0.0/16", "172.18.0.3")] == [
        "ip route replace 172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.3",
        "ip route flush 172.18.0.0/16 dev eth0 metric 4096",
    ]
