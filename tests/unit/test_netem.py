from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.netem import (
    apply_argvs,
    gilbert_elliott,
    link_from_qdisc,
    netem_words,
    queue_limit_packets,
    says_missing,
    untold,
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
        " distribution normal loss random 0.01% corrupt 0% reorder 0% rate 100000000bit",
    ]


def test_burst_loss_becomes_a_gilbert_elliott_model() -> None:
    assert "loss gemodel 0.20202% 20% 100% 0%" in " ".join(netem_words(LEO))


def test_netem_never_goes_without_a_rate_for_packets_would_overtake() -> None:
    for link in (Link(delay_s=0.02), Link(delay_s=0.02, jitter_s=0.001)):
        assert netem_words(link)[-2:] == ["rate", "100000000000bit"]


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


@pytest.mark.parametrize(("p", "r", "loss"), [(0.0, 0.5, 0.0), (0.0, 0.0, 0.0), (0.2, 0.0, 1.0)])
def test_a_model_that_never_begins_or_never_ends_to_lose_is_read_as_that(
    p: float, r: float, loss: float
) -> None:
    foreign = {"options": {"loss-gemodel": {"p": p, "r": r, "1-h": 1, "1-k": 0}}}
    assert (link_from_qdisc(foreign, MPLS).loss_ratio, link_from_qdisc(foreign, MPLS).loss_burst_packets) == (
        loss,
        1.0,
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"loss-state": {"p13": 0.1, "p31": 0.5, "p32": 0, "p23": 0, "p14": 0}}, "loss state"),
        ({"loss-gemodel": {"p": 0.01, "r": 0.1, "1-h": 0.5, "1-k": 0}}, "loss gemodel with 1-h or 1-k"),
        ({"loss-gemodel": {"p": 0.01, "r": 0.1, "1-h": 1, "1-k": 0.01}}, "loss gemodel with 1-h or 1-k"),
        ({"loss-random": {"loss": 0.01, "correlation": 0.25}}, "a correlation"),
        ({"slot": {"min-delay": 0.01, "max-delay": 0.02}}, "slot"),
        (MPLS_QDISC["options"], ""),
        (LEO_QDISC["options"], ""),
    ],
)
def test_what_no_profile_can_ask_of_netem_is_named(options: dict[str, Any], words: str) -> None:
    assert untold({"kind": "netem", "options": options}) == words


@given(st.integers(min_value=8, max_value=10**11 - 1))
def test_a_rate_is_read_back_as_tc_keeps_it_in_whole_bytes(rate_bit_s: int) -> None:
    asked = Link(rate_bit_s=float(rate_bit_s))
    kept = {"options": {"rate": {"rate": rate_bit_s // 8}, "limit": queue_limit_packets(asked)}}
    assert same_link(link_from_qdisc(kept, asked), asked)


def test_another_rate_loss_or_limit_in_the_kernel_is_another_link() -> None:
    assert not same_link(link_from_qdisc(MPLS_QDISC, LEO), LEO)
    assert not same_link(link_from_qdisc({**MPLS_QDISC, "options": {"limit": 1000}}, MPLS), MPLS)


STRESS = Link(
    rate_bit_s=100e6,
    delay_s=0.01,
    duplicate_ratio=0.01,
    corrupt_ratio=0.005,
    reorder_ratio=0.02,
    buffer_s=0.05,
)
STRESS_QDISC = {
    "kind": "netem",
    "options": {
        "limit": queue_limit_packets(STRESS),
        "delay": {"delay": 0.01, "jitter": 0, "correlation": 0},
        "duplicate": {"duplicate": 0.01, "correlation": 0},
        "reorder": {"reorder": 0.02, "correlation": 0},
        "corrupt": {"corrupt": 0.005, "correlation": 0},
        "rate": {"rate": 12500000, "packetoverhead": 0, "cellsize": 0, "celloverhead": 0},
        "gap": 1,
    },
}


def test_duplicates_corruption_and_reordering_are_set_and_read_back() -> None:
    assert "duplicate 1% corrupt 0.5% reorder 2%" in " ".join(netem_words(STRESS))
    assert same_link(link_from_qdisc(STRESS_QDISC, STRESS), STRESS)


def test_corruption_and_reordering_of_the_link_before_are_taken_back() -> None:
    assert "corrupt 0% reorder 0%" in " ".join(netem_words(LEO))
    left = {**STRESS_QDISC["options"], "gap": 0}  # type: ignore[dict-item]
    assert (
        link_from_qdisc({"options": left}, STRESS).reorder_ratio == 0
    )  # netem keeps the share, without effect


def test_uniform_jitter_is_a_netem_of_its_own_for_a_table_cannot_be_taken_away() -> None:
    uniform = Link(delay_s=0.02, jitter_s=0.005, jitter_distribution="uniform")
    words = [" ".join(apply_argvs(link, "eth0")[1]) for link in (uniform, MPLS)]
    assert ["handle 2:" in words[0], "handle 1:" in words[1]] == [True, True]
    assert "distribution" not in words[0]


def test_a_link_that_loses_everything_is_no_burst() -> None:
    assert "loss random 100%" in " ".join(netem_words(Link(loss_ratio=1.0, loss_burst_packets=5)))


def test_a_seed_is_said_where_tc_knows_of_it() -> None:
    assert apply_argvs(MPLS, "eth0", 42)[1][-2:] == ["seed", "42"]
    assert "seed" not in apply_argvs(MPLS, "eth0")[1]


@pytest.mark.parametrize(
    "said",
    [
        "Error: Specified qdisc kind is unknown.",
        "Error: Specified qdisc not found.",
        "RTNETLINK answers: No such file or directory",
        "RTNETLINK answers: Operation not supported",
    ],
)
def test_every_way_of_saying_that_there_is_no_netem_is_understood(said: str) -> None:
    assert says_missing(said)


def test_a_refusal_for_another_reason_is_not_a_missing_netem() -> None:
    assert not says_missing("RTNETLINK answers: Operation not permitted")
