from pathlib import Path
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.distribution import SCALE, quantile, table
from lab.link.fates import Fates
from lab.model.profile import DISTRIBUTIONS, Link

TABLES = [name for name in DISTRIBUTIONS if name != "uniform"]
MOMENTS = {
    "normal": (-0.0008, 1.0001, -4.0, 3.5227),
    "pareto": (-0.0335, 0.8197, -0.6666, 3.9999),
    "paretonormal": (-0.0253, 0.8339, -1.5021, 3.8805),
}
SHIPPED = [path for path in Path("/usr/lib").glob("*/tc/*.dist") if path.stem in TABLES]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_moments_and_the_ends_of_iproute2s(name: str) -> None:
    jitters = [entry / SCALE for entry in table(name)]
    assert len(jitters) == 4096
    assert (fmean(jitters), pstdev(jitters), jitters[0], jitters[-1]) == pytest.approx(
        MOMENTS[name], abs=1e-4
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_table_is_the_one_that_iproute2_ships(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert table(path.stem) == tuple(int(word) for line in lines for word in line.split())


@given(st.sampled_from(DISTRIBUTIONS), st.floats(min_value=0, max_value=1, exclude_max=True))
def test_no_delay_is_further_than_four_jitters_from_the_mean(name: str, share: float) -> None:
    assert -4 <= quantile(name)(share) <= 4


def test_uniform_is_within_one_jitter_and_even() -> None:
    assert [quantile("uniform")(share) for share in (0.0, 0.25, 0.5)] == [-1.0, -0.5, 0.0]


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_jitter_has_the_mean_and_the_spread_of_its_distribution(name: str) -> None:
    fates = Fates(5)
    fates.turn_to(Link(jitter_s=0.01, jitter_distribution=name))
    jitters_s = [fate.jitter_s for _ in range(50_000) for fate in fates.draw()]
    mean, spread = (0.0, 3**-0.5) if name == "uniform" else MOMENTS[name][:2]
    assert fmean(jitters_s) == pytest.approx(mean * 0.01, abs=2e-4)
    assert pstdev(jitters_s) == pytest.approx(spread * 0.01, rel=0.02)
