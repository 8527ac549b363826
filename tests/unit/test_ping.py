import time

import pytest

from lab.bench.machine import Watch
from lab.link.ping import median_rtt_ms, rtts_ms, stamped_rtts_ms

OUTPUT = """PING orthanc (172.18.0.3) 56(84) bytes of data.
64 bytes from 172.18.0.3: icmp_seq=1 ttl=64 time=40.6 ms
64 bytes from 172.18.0.3: icmp_seq=2 ttl=64 time=40.8 ms
64 bytes from 172.18.0.3: icmp_seq=3 ttl=64 time=0.075 ms

--- orthanc ping statistics ---
4 packets transmitted, 3 received, 25% packet loss, time 61ms
rtt min/avg/max/mdev = 0.075/27.158/40.800/19.151 ms
"""


def test_each_reply_is_a_round_trip() -> None:
    assert rtts_ms(OUTPUT) == [40.6, 40.8, 0.075]


def test_one_odd_reply_does_not_move_the_median() -> None:
    assert median_rtt_ms(OUTPUT) == 40.6


def test_no_reply_is_no_round_trip() -> None:
    assert median_rtt_ms("ping: orthanc: Name or service not known") is None


STAMPED = """PING orthanc (172.18.0.3) 56(84) bytes of data.
[1795296000.100000] 64 bytes from 172.18.0.3: icmp_seq=1 ttl=64 time=40.6 ms
[1795296000.300000] 64 bytes from 172.18.0.3: icmp_seq=1 ttl=64 time=40.7 ms (DUP!)
[1795296000.500000] 64 bytes from 172.18.0.3: icmp_seq=3 ttl=64 time=140 ms

--- orthanc ping statistics ---
3 packets transmitted, 2 received, 33% packet loss, time 400ms
"""


def test_a_stamped_reply_has_its_time_and_a_duplicate_counts_once() -> None:
    assert stamped_rtts_ms(STAMPED) == [(1795296000.1, 40.6), (1795296000.5, 140.0)]


def test_pings_beside_a_run_count_from_its_beginning() -> None:
    now_s = time.time() - time.monotonic()
    found = Watch(pings=STAMPED).rtt(1795296000.0 - now_s)
    assert found is not None
    assert found.at_s == pytest.approx([0.1, 0.5], abs=0.01)
    assert (found.rtt_ms, found.lost) == ([40.6, 140.0], 1)


def test_where_ping_told_nothing_there_is_no_series() -> None:
    assert Watch(pings="sh: ping: not found").rtt(0.0) is None
