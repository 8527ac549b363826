"""What a sidecar prints of its network, made into a Hop."""

import dataclasses
from typing import Any
from unittest.mock import Mock

import pytest

from lab.errors import PreflightError
from lab.link.hops import hop_of
from lab.model.hop import Hop
from lab.model.plain import to_json
from lab.system import netns
from tests.unit.test_read_back import PLAIN, REPORT

PRINTED: dict[str, Any] = {
    "address": "172.18.0.3",
    "subnet": "172.18.0.0/16",
    "link": {"ifname": "eth0", "mtu": 1500, "gso_max_segs": 65535},
    "routes": [{"dst": "172.18.0.0/16", "dev": "eth0", "protocol": "kernel", "flags": []}],
    "route": {"dst": "172.18.0.1", "dev": "eth0", "cache": []},
    "qdiscs": [{"kind": "noqueue", "root": True}],
    "kernel_congestion_control": "cubic",
    "emulator": None,
    "keeper": None,
    "monotonic_s": 100.0,
}


def hop(**said: object) -> Hop:
    return hop_of({**PRINTED, **said})


def test_a_host_as_the_engine_made_it() -> None:
    assert hop() == PLAIN


def test_the_report_of_a_shaper_comes_as_it_was_sent() -> None:
    found = hop(emulator=dataclasses.asdict(REPORT))
    assert found.emulator == REPORT


@pytest.mark.parametrize("key", ["congctl", "congestion"])
def test_a_route_tells_its_congestion_control_by_either_name(key: str) -> None:
    found = hop(routes=[{"dev": "eth0", "metrics": [{key: "bbr"}]}])
    assert (found.congestion_control, found.kernel_congestion_control) == ("bbr", "cubic")
    assert not found.plain_route


def test_the_route_that_is_not_taken_does_not_count() -> None:
    routes = [{"dev": "lab0", "metric": 1}, {"dev": "eth0", "metrics": [{"congctl": "bbr"}], "metric": 4096}]
    assert hop(routes=routes, route={"dev": "lab0"}).congestion_control == "cubic"


def test_what_somebody_put_beside_the_root_is_told_and_what_a_device_is_born_with_is_not() -> None:
    queues = [{"kind": "fq_codel", "handle": "0:", "parent": ":1"}, {"kind": "clsact", "handle": "ffff:"}]
    assert hop(qdiscs=[{"kind": "mq", "handle": "0:", "root": True}, *queues]).other_qdiscs == ("clsact",)


def test_a_device_without_a_root_qdisc_has_none() -> None:
    assert hop(qdiscs=[]).qdisc == {}


def test_the_print_of_another_version_is_refused() -> None:
    with pytest.raises(LookupError):
        hop_of(dataclasses.asdict(PLAIN))


def test_a_tester_image_of_another_version_is_an_error_with_a_remedy() -> None:
    engine = Mock()
    engine.sidecar.return_value = to_json(PLAIN)
    with pytest.raises(PreflightError, match="another version") as raised:
        netns.read_hop(engine, "tester")
    assert "lab images build" in str(raised.value.remedy)
