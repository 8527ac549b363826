"""From figures to verdicts: honest links are in, wrong ones are out."""

import dataclasses
from collections import Counter

import pytest

from lab.link.judging import better, falls_short, judge, judge_direction
from lab.link.probe_expected import one_way_ms, round_trip_ms
from lab.link.probe_figures import figures_of
from lab.model.profile import Link, Profile
from lab.model.verdict import CANNOT_TELL, OK, OUT, Figures, Measured, Verdict
from lab.system import store
from tests.unit.probing import LINK, over

SECONDS, FEW_SECONDS = 15.0, 5.0
STEADY = [profile for profile in store.profiles() if not profile.phases]
BURSTY = Link(rate_bit_s=30e6, delay_s=0.01, jitter_s=0.002, loss_ratio=0.02, loss_burst_packets=3)


def found(link: Link, seed: int = 1) -> Figures:
    return figures_of(*over(link, SECONDS, seed))


def verdicts(claimed: Link, figures: Figures) -> dict[str, str]:
    return {line.what: line.verdict for line in judge_direction("down", claimed, figures, SECONDS)}


def test_figures_of_a_link_are_what_was_put_on_it() -> None:
    figures = found(LINK)
    assert figures.sent_packets == 9282
    assert figures.lost_packets == pytest.approx(0.014 * 9282, rel=0.3)
    assert figures.duplicated_packets == pytest.approx(0.01 * 9282, rel=0.3)
    assert figures.corrupted_packets == pytest.approx(0.016 * 9282, rel=0.3)
    assert figures.overtaking_packets == pytest.approx(0.01 * 9282, rel=0.3)
    assert figures.delay_ms == pytest.approx(20.16, abs=0.01)


@pytest.mark.parametrize("link", [LINK, BURSTY, Link(), Link(delay_s=0.1)])
@pytest.mark.long
def test_honest_links_are_never_out(link: Link) -> None:
    seen = Counter(verdict for seed in range(10) for verdict in verdicts(link, found(link, seed)).values())
    assert seen[OUT] <= 1
    assert seen[OK] > 0.9 * seen.total()


@pytest.mark.parametrize("profile", STEADY, ids=lambda profile: profile.name)
@pytest.mark.long
def test_every_shipped_profile_that_is_steady_can_be_verified(profile: Profile) -> None:
    down, up = (figures_of(*over(link, FEW_SECONDS, 1)) for link in (profile.down, profile.up))
    lines = judge(profile.down, profile.up, Measured(down=down, up=up, rtt_ms=None), FEW_SECONDS)
    assert [line for line in lines if line.verdict == OUT] == []


@pytest.mark.parametrize("factor", [0.4, 2.5])
@pytest.mark.parametrize(
    ("attribute", "what"),
    [
        ("rate_bit_s", "rate"),
        ("delay_s", "delay"),
        ("duplicate_ratio", "duplicates"),
        ("corrupt_ratio", "corruption"),
        ("reorder_ratio", "reordering"),
    ],
)
@pytest.mark.long
def test_a_figure_that_is_wrong_by_much_is_out(attribute: str, what: str, factor: float) -> None:
    wrong = dataclasses.replace(LINK, **{attribute: getattr(LINK, attribute) * factor})
    figures = dataclasses.replace(found(wrong), offered_bit_s=100e6)
    assert verdicts(LINK, figures)[what] == OUT


@pytest.mark.parametrize("factor", [0.25, 4])
@pytest.mark.parametrize(
    ("attribute", "what"),
    [("loss_ratio", "loss"), ("loss_burst_packets", "loss burst"), ("jitter_s", "jitter p10-p90")],
)
@pytest.mark.long
def test_jitter_and_losses_in_bursts_that_are_wrong_by_much_are_out(
    attribute: str, what: str, factor: float
) -> None:
    wrong = dataclasses.replace(BURSTY, **{attribute: getattr(BURSTY, attribute) * factor})
    assert verdicts(BURSTY, found(wrong))[what] == OUT


def test_too_few_events_are_said_to_be_too_few() -> None:
    link = Link(delay_s=0.01, loss_ratio=0.0001)
    assert verdicts(link, found(link))["loss"] == CANNOT_TELL
    assert verdicts(link, found(dataclasses.replace(link, loss_ratio=0.01)))["loss"] == OUT


def test_a_rate_beyond_the_machine_is_no_fault_of_the_link() -> None:
    link = Link(rate_bit_s=10e9, delay_s=0.01)
    slow = dataclasses.replace(found(link), rate_bit_s=2e9, offered_bit_s=2.1e9)
    assert verdicts(link, slow)["rate"] == CANNOT_TELL
    offered = dataclasses.replace(slow, offered_bit_s=12e9)
    assert falls_short(link, offered)
    assert verdicts(link, offered)["rate"] == OUT
    assert verdicts(link, dataclasses.replace(offered, own_bit_s=3e9))["rate"] == CANNOT_TELL


def test_what_the_receiver_dropped_is_not_held_against_the_link() -> None:
    figures = dataclasses.replace(found(Link()), lost_packets=40, overrun_packets=40)
    assert verdicts(Link(), figures)["loss"] == CANNOT_TELL


@pytest.mark.long
def test_jitter_below_what_a_probe_sees_is_not_called_proved() -> None:
    link = Link(rate_bit_s=1e9, delay_s=0.001, jitter_s=0.0001)
    assert verdicts(link, found(link))["jitter p10-p90"] == CANNOT_TELL


def test_nothing_that_arrived_is_nothing_that_can_be_told() -> None:
    nothing = dataclasses.replace(
        found(LINK), delay_ms=None, spread_ms=None, sent_at_ms=(), rate_bit_s=None, lost_packets=9282
    )
    told = verdicts(LINK, nothing)
    assert (told["delay"], told["loss"]) == (CANNOT_TELL, OUT)


def test_packets_that_wait_for_late_ones_take_longer_and_differ_less() -> None:
    """The median of undisturbed packets is 20 ms; those of a dense stream wait for the slowest around."""
    link = Link(delay_s=0.02, jitter_s=0.004)
    far, dense = [40.0 * n for n in range(400)], [0.5 * n for n in range(2000)]
    (delay_far, spread_far), (delay_dense, spread_dense) = (
        one_way_ms(link, far, 160),
        one_way_ms(link, dense, 160),
    )
    assert delay_far.value == pytest.approx(20, abs=0.1)
    assert spread_far.value == pytest.approx(2.563 * 4, rel=0.05)
    assert delay_dense.value > 23.5
    assert spread_dense.value < 0.6 * spread_far.value


def test_a_round_trip_is_both_delays_and_both_serialisations() -> None:
    link = Link(rate_bit_s=98 * 8e3, delay_s=0.02)
    assert round_trip_ms(link, link, 100).value == pytest.approx(42)
    assert round_trip_ms(link, link, 100).standard_error == 0


def test_many_that_are_reordered_make_the_usual_round_trip_a_shorter_one() -> None:
    few, many = (Link(delay_s=0.01, reorder_ratio=ratio) for ratio in (0.01, 0.4))
    assert round_trip_ms(few, few, 100).value == pytest.approx(20)
    assert round_trip_ms(many, many, 100).value == pytest.approx(10, abs=0.5)


def line(what: str, verdict: str) -> Verdict:
    return Verdict(
        direction="down",
        what=what,
        unit="ms",
        expected=1.0,
        measured=2.0,
        lowest=0.0,
        highest=1.5,
        verdict=verdict,
        why="",
    )


def test_out_is_what_was_out_both_times() -> None:
    first = [line("delay", OUT), line("rate", OK), line("loss", OUT)]
    second = [line("delay", OK), line("rate", OUT), line("loss", OUT)]
    assert [kept.verdict for kept in better(first, second)] == [OK, OK, OUT]
