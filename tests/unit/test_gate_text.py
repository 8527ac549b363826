from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageProblem
from lab.plans.gate_text import BLANK, gate_from_text
from lab.statistics.measures import MEASURES, STATISTICS
from lab.units import exact_rate, exact_time


@pytest.mark.parametrize(
    ("text", "measure", "statistic", "relation", "limit"),
    [
        ("first_image.p95 < 500 ms", "first_image", "p95", "<", 0.5),
        ("throughput.median > 100 mbit", "throughput", "median", ">", 100),
        ("steady>1gbit", "steady", "median", ">", 1000),
        ("gap_p95 < 1.5 s", "gap_p95", "median", "<", 1500),
        ("  duration.median<3s ", "duration", "median", "<", 3),
        ("efficiency > 0.5", "efficiency", "median", ">", 0.5),
        ("efficiency.p95 > 50%", "efficiency", "p95", ">", 0.5),
    ],
)
def test_a_gate_is_read_in_the_unit_of_its_measure(
    text: str, measure: str, statistic: str, relation: str, limit: float
) -> None:
    gate = gate_from_text(text, {"profile": "lan-1g"}, "here")
    assert (gate.measure, gate.statistic, gate.relation) == (measure, statistic, relation)
    assert gate.limit == pytest.approx(limit)
    assert gate.only == {"profile": "lan-1g"}
    assert gate.text == text.strip()


@pytest.mark.parametrize(
    ("text", "named", "remedy"),
    [
        ("fast", "is no gate", "first_image.p95 < 500 ms"),
        ("duration <", "is no gate", "first_image.p95 < 500 ms"),
        ("first_imag < 1s", "there is no measure 'first_imag'", "did you mean first_image?"),
        ("duration.p42 < 1s", "there is no statistic 'p42'", "median, p5, p95"),
        ("duration <= 1s", "<= is no relation", "< and >"),
        ("duration == 1s", "== is no relation", "< and >"),
        ("duration < 500", "'500' is not a time", "us, ms, s"),
        ("duration < 100 mbit", "'100 mbit' is not a time such as 20ms", "us, ms, s"),
        ("throughput > 500 ms", "'500 ms' is not a rate such as 100mbit", "mbit"),
        ("throughput > 100", "'100' is not a rate", "mbit"),
        ("efficiency > 0.5 s", "'0.5 s' is not a ratio such as 0.5 or 50%", "without a unit"),
        ("efficiency > 101%", "'101%' is not a ratio", "up to 100%"),
        ("duration < 0 s", "'0 s' is always or never exceeded", "above 0"),
        ("duration > -1 s", "'-1 s' is not a time", "us, ms, s"),
        ("throughput.median > ___", "the limit of throughput is to be filled in", "in place of ___"),
        ("throughput.median > ___ mbit", "the limit of throughput is to be filled in", "copy the file"),
    ],
)
def test_what_is_wrong_with_a_gate_is_named_with_what_would_do(text: str, named: str, remedy: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        gate_from_text(text, {}, "here")
    assert caught.value.message.startswith("here ")
    assert text in caught.value.message
    assert named in caught.value.message
    assert remedy in caught.value.remedy


ABOVE_0 = st.floats(min_value=1e-6, max_value=1e6)


@given(
    measure=st.sampled_from(list(MEASURES)),
    statistic=st.sampled_from(["", *STATISTICS]),
    relation=st.sampled_from("<>"),
    limit=ABOVE_0,
    space=st.sampled_from(["", " ", "  "]),
)
def test_a_gate_that_is_written_is_read_as_it_was_meant(
    measure: str, statistic: str, relation: str, limit: float, space: str
) -> None:
    words = [f"{measure}.{statistic}" if statistic else measure, relation, written(measure, limit)]
    gate = gate_from_text(space.join(words), {}, "here")
    assert (gate.measure, gate.statistic, gate.relation) == (measure, statistic or "median", relation)
    assert gate.limit == pytest.approx(limit)


def written(measure: str, limit: float) -> str:
    """The limit with its unit, from the number in the measure's own."""
    if MEASURES[measure].unit == "Mbit/s":
        return exact_rate(limit * 1e6)
    if not MEASURES[measure].unit:
        return f"{limit:.12f}"
    return exact_time(limit if MEASURES[measure].unit == "s" else limit / 1e3)


@given(st.text(max_size=40))
def test_any_other_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageProblem, match="here"):
        gate_from_text(text, {}, "here")


@given(measure=st.sampled_from(list(MEASURES)), limit=st.text(max_size=20))
def test_any_limit_is_a_number_above_0_or_refused(measure: str, limit: str) -> None:
    with suppress(UsageProblem):
        assert gate_from_text(f"{measure} < {limit}", {}, "here").limit > 0
        assert BLANK not in limit


def test_every_unit_of_a_measure_can_be_written() -> None:
    for name in MEASURES:
        assert gate_from_text(f"{name} < {written(name, 0.25)}", {}, "here").limit == pytest.approx(0.25)
