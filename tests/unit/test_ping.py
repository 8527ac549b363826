from lab.link.ping import median_rtt_ms, rtts_ms

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
