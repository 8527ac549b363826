"""When the benchmark of honesty says no."""

from tests.honest.judging import Said, honesty, is_honest


def equal(count: int, *, word: str = "same", exit_code: int = 0) -> list[Said]:
    words = ("same", word, "cannot tell")
    return [Said(slower=False, words=words, low=0.99, high=1.01, exit_code=exit_code)] * count


def slower(count: int, *, exit_code: int = 99) -> list[Said]:
    words = ("slower", "slower", "slower")
    return [Said(slower=True, words=words, low=1.07, high=1.13, exit_code=exit_code)] * count


def honest(said: list[Said]) -> bool:
    return is_honest(honesty(said, 8))


def test_two_alarms_in_a_hundred_are_honest_and_three_are_not() -> None:
    for word in ("faster", "slower"):
        assert honest(equal(196) + equal(4, word=word) + slower(100))
        assert not honest(equal(195) + equal(5, word=word) + slower(100))


def test_a_threshold_that_stops_equals_is_not_honest() -> None:
    assert not honest(equal(195) + equal(5, exit_code=99) + slower(100))


def test_five_regressions_in_a_hundred_may_be_missed_and_six_may_not() -> None:
    assert honest(equal(200) + slower(95) + slower(5, exit_code=0))
    assert not honest(equal(200) + slower(94) + slower(6, exit_code=0))
