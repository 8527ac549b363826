import json
import math
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.learned import goodput, jitter_s, loss_ratio, profile_of
from lab.link.ping import Pinged, pinged, rtts_ms
from lab.link.profile_file import profile_from_toml
from lab.link.profile_writing import profile_to_toml
from lab.model.learning import Goodput, Measured

IPUTILS = """PING pacs.example.org (192.0.2.7) 56(84) bytes of data.
64 bytes from 192.0.2.7: icmp_seq=1 ttl=64 time=21.4 ms
64 bytes from 192.0.2.7: icmp_seq=2 ttl=64 time=20.1 ms
64 bytes from 192.0.2.7: icmp_seq=2 ttl=64 time=20.3 ms (DUP!)
64 bytes from 192.0.2.7: icmp_seq=4 ttl=64 time=1001 ms

--- pacs.example.org ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 604ms
rtt min/avg/max/mdev = 20.100/265.700/1001.000/424.565 ms
"""
MACOS = """PING 192.0.2.7 (192.0.2.7): 56 data bytes
64 bytes from 192.0.2.7: icmp_seq=0 ttl=54 time=20.500 ms
Request timeout for icmp_seq 1
64 bytes from 192.0.2.7: icmp_seq=2 ttl=54 time=21.000 ms

--- 192.0.2.7 ping statistics ---
3 packets transmitted, 2 packets received, 33.3% packet loss
round-trip min/avg/max/stddev = 20.500/20.750/21.000/0.250 ms
"""
BUSYBOX = """PING 192.0.2.7 (192.0.2.7): 56 data bytes
64 bytes from 192.0.2.7: seq=0 ttl=64 time=0.058 ms
64 bytes from 192.0.2.7: seq=0 ttl=64 time=0.090 ms (DUP!)

--- 192.0.2.7 ping statistics ---
1 packets transmitted, 1 packets received, 1 duplicates, 0% packet loss
round-trip min/avg/max = 0.058/0.074/0.090 ms
"""
UNREACHABLE = """PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.
From 192.0.2.1 icmp_seq=1 Destination Port Unreachable

--- 192.0.2.7 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
"""
IPERF3 = """{"start": {"connected": [{"socket": 5, "local_host": "127.0.0.1"}], "version": "iperf 3.18"},
 "intervals": [],
 "end": {"sum_sent": {"seconds": 1.048387, "bytes": 11796480, "bits_per_second": 90016000.5,
                      "retransmits": 6, "sender": true},
         "sum_received": {"seconds": 1.049484, "bytes": 11665408, "bits_per_second": 88923000.25,
                          "sender": true}}}"""
REFUSED = """{"start": {"connected": [], "version": "iperf 3.18"}, "intervals": [], "end": {},
 "error": "unable to connect to server - server may have stopped running: Connection refused"}"""
UNKNOWN = Goodput(bit_s=None, trouble="no iperf3")
MEASURED = Measured(
    host="pacs.example.org",
    here="desk",
    date="2026-11-21",
    sent=100,
    answered=81,
    rtts_ms=tuple(20 + number / 10 for number in range(-40, 41)),
    down=Goodput(bit_s=88_923_000.25),
    up=UNKNOWN,
)


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (IPUTILS, Pinged(sent=4, answered=3, rtts_ms=(21.4, 20.1, 1001.0))),
        (MACOS, Pinged(sent=3, answered=2, rtts_ms=(20.5, 21.0))),
        (BUSYBOX, Pinged(sent=1, answered=1, rtts_ms=(0.058,))),
        (UNREACHABLE, Pinged(sent=1, answered=0, rtts_ms=())),
        ("ping: pacs: Name or service not known\n", None),
        ("", None),
    ],
)
def test_every_pings_words_are_understood(output: str, found: Pinged | None) -> None:
    assert pinged(output) == found


@given(st.text() | st.from_regex(r"time=[\d.]{1,400} ms|\d{1,5000} packets transmitted, \d+ received"))
def test_any_output_of_ping_gives_finite_numbers(output: str) -> None:
    found = pinged(output)
    assert all(math.isfinite(rtt) for rtt in rtts_ms(output))
    assert found is None or found.sent >= 0


def test_the_rate_is_what_arrived() -> None:
    assert goodput(IPERF3) == Goodput(bit_s=88_923_000.25)


def test_a_server_that_is_not_there_is_no_rate_but_a_reason() -> None:
    found = goodput(REFUSED)
    assert found.bit_s is None
    assert "Connection refused" in found.trouble


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["end", "sum_received", "bits_per_second", "error"]), inner)
    ),
)


@given(JSON.map(json.dumps) | st.text() | st.just("[" * 50_000))
def test_any_output_of_iperf3_is_a_rate_or_a_reason(output: str) -> None:
    found = goodput(output)
    assert found.trouble if found.bit_s is None else 0 < found.bit_s < 1e11


@pytest.mark.parametrize("bit_s", [0, -1, True, "fast", math.inf, math.nan, 1e12])
def test_a_rate_that_is_none_is_not_believed(bit_s: Any) -> None:
    assert goodput(json.dumps({"end": {"sum_received": {"bits_per_second": bit_s}}})).bit_s is None


def test_each_way_gets_half_the_round_trip_and_its_part_of_the_loss() -> None:
    profile = profile_of(MEASURED, "mine")
    assert profile.down.delay_s == profile.up.delay_s == 0.01
    assert profile.down.loss_ratio == pytest.approx(0.1)  # 0.9 x 0.9 are answered
    assert profile.down.rate_bit_s == pytest.approx(93e6)  # 88.9 and the headers of 1514 to 1448
    assert profile.up.rate_bit_s is None
    assert profile.assumed == ("delay", "jitter", "loss", "buffer")
    assert profile.source == "measured on 2026-11-21 from desk to pacs.example.org with ping and iperf3"
    assert profile.description == "as between desk and pacs.example.org; rate up not known"


def test_without_iperf3_the_source_does_not_name_it() -> None:
    lone = Measured(**{**vars(MEASURED), "down": UNKNOWN, "answered": 100, "rtts_ms": (20.0, 20.0)})
    profile = profile_of(lone, "mine")
    assert profile.source.endswith("with ping")
    assert profile.description.endswith("rate down and up not known")
    assert profile.assumed == ("delay",)


def test_jitter_is_a_standard_deviation_that_odd_replies_do_not_move() -> None:
    normal = tuple(
        20 + 2 * x for x in (-1.349 / 2, -1.349 / 2, -1.349 / 2, 0, 1.349 / 2, 1.349 / 2, 1.349 / 2)
    )
    assert jitter_s(normal) == pytest.approx(0.002 / math.sqrt(2))
    assert jitter_s((*normal[:-1], 5000.0)) == jitter_s(normal)
    assert jitter_s((20.0, 30.0, 40.0)) == 0


def test_loss_there_and_back_multiplies_up_to_what_ping_saw() -> None:
    assert (1 - loss_ratio(100, 49)) ** 2 == pytest.approx(0.49)
    assert loss_ratio(100, 100) == loss_ratio(100, 101) == 0


@given(
    st.integers(1, 10_000),
    st.lists(st.floats(0, 1e9), min_size=1),
    st.none() | st.floats(1, 90e9),
    st.none() | st.floats(1, 90e9),
)
def test_whatever_was_measured_can_be_kept(
    sent: int, rtts: list[float], down_bit_s: float | None, up_bit_s: float | None
) -> None:
    measured = Measured(
        host='a"b\\',
        here="desk",
        date="2026-11-21",
        sent=max(sent, len(rtts)),
        answered=len(rtts),
        rtts_ms=tuple(rtts),
        down=Goodput(bit_s=down_bit_s),
        up=Goodput(bit_s=up_bit_s),
    )
    profile = profile_of(measured, "mine")
    assert profile_from_toml("mine", tomllib.loads(profile_to_toml(profile)), "f") == profile
