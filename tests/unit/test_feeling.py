"""What a link feels like by ping, over an engine in memory."""

import pytest

from lab.errors import ToleranceError
from lab.model.profile import Link, Profile
from lab.stack.feeling import check_felt
from tests.unit.engines import Box, Boxes, engine_of, host


def both_ways(link: Link) -> Profile:
    return Profile(name="given", description="", source="", down=link, up=link)


def pinging(rtt_s: float) -> Boxes:
    """A tester whose ping gives up, as iputils' does, when the first answer takes longer than it may wait."""

    def ping(box: Box) -> tuple[int, str]:
        words = box.command
        waits_s = float(words[words.index("-W") + 1])
        return (0, f"64 bytes: time={rtt_s * 1e3:.1f} ms\n") if rtt_s < waits_s else (1, "")

    return Boxes(host("tester"), answers=ping)


@pytest.mark.parametrize("delay_s", [0.0, 1.6, 60.0])
def test_every_delay_that_is_allowed_can_be_felt(delay_s: float) -> None:
    check_felt(engine_of(pinging(2 * delay_s)), both_ways(Link(delay_s=delay_s)))


def test_a_ping_over_the_slowest_link_is_waited_for() -> None:
    slow = Link(rate_bit_s=400)
    check_felt(engine_of(pinging(2 * 98 * 8 / 400)), both_ways(slow))


def test_where_many_overtake_the_usual_ping_is_one_that_did() -> None:
    """Of 40 in 100 each way; felt as either with one of them in front, or with none."""
    overtaken = both_ways(Link(delay_s=0.01, reorder_ratio=0.4))
    check_felt(engine_of(pinging(0.01)), overtaken)
    with pytest.raises(ToleranceError):
        check_felt(engine_of(pinging(0.05)), overtaken)


def test_another_delay_than_the_profiles_is_out_of_tolerance() -> None:
    with pytest.raises(ToleranceError, match=r"3200\.0 ms, 20\.0 ms were felt"):
        check_felt(engine_of(pinging(0.02)), both_ways(Link(delay_s=1.6)))
