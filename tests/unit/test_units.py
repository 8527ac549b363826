from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageProblem
from lab.units import (
    exact_rate,
    exact_ratio,
    exact_time,
    format_bytes,
    format_rate,
    format_ratio,
    format_time,
    parse_rate_bit_s,
    parse_ratio,
    parse_time_s,
    since_s,
)


def test_quantities_are_read_as_people_write_them() -> None:
    assert parse_time_s("20ms") == pytest.approx(0.02)
    assert parse_time_s("150us") == pytest.approx(150e-6)
    assert parse_time_s("3 s") == 3
    assert parse_rate_bit_s("100mbit") == 100e6
    assert parse_rate_bit_s("1Gbit") == 1e9
    assert parse_ratio("0.5%") == pytest.approx(0.005)


@pytest.mark.parametrize("text", ["20", "ms", "20 minutes", "-3ms", "", "1e3ms"])
def test_a_time_without_a_known_unit_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse_time_s(text)
    assert repr(text) in caught.value.message
    assert "ms" in caught.value.remedy


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(UsageProblem, match="more than 100%"):
        parse_ratio("101%")


@given(st.floats(min_value=1e-6, max_value=1e4))
def test_a_time_survives_being_written_and_read(seconds: float) -> None:
    text = format_time(seconds)
    if "e" not in text:
        assert parse_time_s(text) == pytest.approx(seconds, rel=0.01)


@given(st.floats(min_value=1, max_value=1e11))
def test_a_rate_survives_being_written_and_read(bit_s: float) -> None:
    text = format_rate(bit_s)
    if "e" not in text:
        assert parse_rate_bit_s(text) == pytest.approx(bit_s, rel=0.001)


def test_quantities_are_written_in_their_shortest_form() -> None:
    assert format_time(1.234) == "1.23 s"
    assert format_time(87_660.4) == "87660 s"
    assert format_time(0.02) == "20 ms"
    assert format_rate(7.5e6) == "7.5 mbit"
    assert format_ratio(0.0001) == "0.01%"
    assert format_bytes(209_577_218) == "209.6 MB"
    assert format_bytes(17) == "17 B"


def test_exact_quantities_look_as_people_write_them() -> None:
    assert [exact_time(seconds) for seconds in (0.02, 0.0002, 1.5, 0.0)] == ["20ms", "200us", "1.5s", "0us"]
    assert [exact_rate(bit_s) for bit_s in (7.5e6, 1e9, 1.8e4, 5.0)] == ["7.5mbit", "1gbit", "18kbit", "5bit"]
    assert [exact_ratio(ratio) for ratio in (0.0001, 0.5, 1.0, 0.0)] == ["0.01%", "50%", "100%", "0%"]


@given(st.floats(min_value=0, max_value=1e20))
def test_an_exact_quantity_is_read_back_as_the_same_number(value: float) -> None:
    assert parse_time_s(exact_time(value)) == value
    assert parse_rate_bit_s(exact_rate(value)) == value


@given(st.floats(min_value=0, max_value=1))
def test_an_exact_share_is_read_back_as_the_same_number(ratio: float) -> None:
    assert parse_ratio(exact_ratio(ratio)) == ratio


@given(st.text())
def test_any_text_is_a_quantity_or_a_problem(text: str) -> None:
    for parse in (parse_time_s, parse_rate_bit_s, parse_ratio):
        with suppress(UsageProblem):
            assert parse(text) >= 0


@given(st.floats(0, 1e7), st.lists(st.integers(0, 10**14)))
def test_times_counted_from_a_reading_have_the_clocks_digits(origin_s: float, since_ns: list[int]) -> None:
    found = since_s(origin_s, [origin_s + one / 1e9 for one in since_ns])
    assert found == pytest.approx([one / 1e9 for one in since_ns], abs=3e-9)
    assert all(len(repr(one).partition("e")[0].partition(".")[2]) <= 9 for one in found)
    assert sorted(found) == [found[row] for row in sorted(range(len(found)), key=since_ns.__getitem__)]
