"""What a sitting of cases decides between them: when the link is felt anew, when warm-ups are due."""

from lab.bench.shaped_link import is_old


def test_a_path_is_felt_anew_when_it_was_felt_over_three_minutes_ago() -> None:
    assert not is_old(0.0)
    assert not is_old(180.0)
    assert is_old(180.1)
