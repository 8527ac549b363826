import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.netem import (
    apply_argvs,
    gilbert_elliott,
    link_from_qdisc,
    netem_words,
    queue_limit_packets,
)
from lab.link.read_back import same_link
from lab.model.profile import Link

MPLS = Link(rate_bit_s=100e6, delay_s=0.01, jitter_s=0.001, loss_ratio=0.0001, buffer_s=0.05)
LEO = Link(
    rate_bit_s=105e6, delay_s=0.022, jitter_s=0.005, loss_ratio=0.01, loss_burst_packets=5, buffer_s=0.1
)

# as printed by tc of iproute2 6.1 on a 6.1 kernel, `tc -j -s qdisc show`
MPLS_QDISC = {
    "kind": "netem",
    "root": True,
    "options": {
        "limit": 529,
        "delay": {"delay": 0.01, "jitter": 0.001, "correlation": 0},
        "loss-random": {"loss": 0.0001, "correlation": 0},
        "rate": {"rate": 12500000, "packetoverhead": 0, "cellsize": 0, "celloverhead": 0},
        "ecn": False,
        "gap": 0,
    },
    "drops": 0,
}
LEO_QDISC = {
    "kind": "netem",
    "options": {
        "limit": 1232,
        "delay": {"delay": 0.022, "jitter": 0.005, "correlation": 0},
        "loss-gemodel": {"p": 0.0020202, "r": 0.2, "1-h": 1, "1-k": 0},
        "rate": {"rate": 13125000, "packetoverhead": 0, "cellsize": 0, "celloverhead": 0},
    },
}


def test_a_link_becomes_one_netem_with_offload_off() -> None:
    assert [" ".join(argv) for argv in apply_argvs(MPLS, "eth0")] == [
        "ip link set dev eth0 gso_max_segs 1",
        "tc qdisc replace dev eth0 root handle 1: netem limit 529 delay 10000us 1000us"
        " distribution normal loss random 0.01% rate 100000000bit",
    ]


def test_burst_loss_becomes_a_gilbert_elliott_model() -> None:
    assert "loss gemodel 0.20202% 20% 100% 0%" in " ".join(netem_words(LEO))


def test_a_link_without_a_rate_says_so_for_replace_would_keep_the_old_one() -> None:
    assert netem_words(Link(delay_s=0.02))[-2:] == ["rate", "0bit"]


def test_jitter_never_goes_without_a_rate_for_packets_would_overtake() -> None:
    assert netem_words(Link(delay_s=0.02, jitter_s=0.001))[-2:] == ["rate", "100000000000bit"]


@given(
    st.floats(min_value=1e4, max_value=1e10),
    st.floats(min_value=0, max_value=1),
    st.floats(min_value=0.001, max_value=1),
)
def test_the_queue_holds_what_is_in_flight_and_the_buffer(
    rate_bit_s: float, delay_s: float, buffer_s: float
) -> None:
    limit = queue_limit_packets(Link(rate_bit_s=rate_bit_s, delay_s=delay_s, buffer_s=buffer_s))
    assert limit * 1514 * 8 >= rate_bit_s * (delay_s + buffer_s) * 0.999


@given(st.floats(min_value=1e-5, max_value=0.4), st.floats(min_value=1.5, max_value=50))
def test_the_model_loses_the_share_in_bursts_of_the_length_asked_for(loss: float, burst: float) -> None:
    p, r = gilbert_elliott(loss, burst)
    assert p / (p + r) == pytest.approx(loss)
    assert 1 / r == pytest.approx(burst)


def test_what_the_kernel_reports_reads_back_as_the_link_that_was_asked_for() -> None:
    assert same_link(link_from_qdisc(MPLS_QDISC, MPLS), MPLS)
    assert same_link(link_from_qdisc(LEO_QDISC, LEO), LEO)


def test_another_rate_loss_or_limit_in_the_kernel_is_another_link() -> None:
    assert not same_link(link_from_qdisc(MPLS_QDISC, LEO), LEO)
    assert not same_link(link_from_qdisc({**MPLS_QDISC, "options": {"limit": 1000}}, MPLS), MPLS)
