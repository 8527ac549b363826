"""The profiles that come with the lab, and those of one's own beside them."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from lab.errors import UsageProblem
from lab.link.profile_file import profile_from_toml
from lab.link.profile_writing import profile_to_toml
from lab.model.profile import Link, Profile
from lab.stack import standing
from lab.system import store
from lab.system.home import Home
from lab.units import format_rate, format_ratio, format_time
from tests.unit.engines import Boxes, engine_of

DOCS = Path(__file__).parents[2] / "docs/profiles.md"
MINE = 'description = "d"\nsource = "s"\n[down]\ndelay = "7ms"\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, "p")


def put(home: Home, name: str, text: str = MINE) -> Path:
    home.profiles.mkdir(exist_ok=True)
    file = home.profiles / f"{name}.toml"
    file.write_text(text)
    return file


def test_the_profiles_that_are_shipped_have_the_names_people_know() -> None:
    names = [profile.name for profile in store.profiles()]
    assert names[0] == "baseline"
    assert {"wan-20ms", "transatlantic", "mpls-hospital", "4g-lte", "lan-1g", "geo-sat"} <= set(names)


def test_every_profile_but_the_reference_shapes_something() -> None:
    assert [profile.name for profile in store.profiles() if profile.is_plain] == ["baseline"]


def test_every_profile_tells_its_source() -> None:
    assert all(profile.source and profile.description for profile in store.profiles())


def test_no_two_profiles_are_the_same_link() -> None:
    for one, other in combinations(store.profiles(), 2):
        assert (one.down, one.up, one.phases) != (other.down, other.up, other.phases), (one.name, other.name)


def test_no_two_profiles_share_a_name() -> None:
    names = [name for found in store.profile_files() for name in found.names]
    assert len(names) == len(set(names))


def test_wan_20ms_is_latency_and_nothing_else() -> None:
    profile = store.profile("wan-20ms")
    assert profile.down == profile.up
    assert (profile.down.delay_s, profile.down.rate_bit_s, profile.down.loss_ratio) == (0.02, None, 0)


def test_rural_2g_is_as_augmented_traffic_control_has_it() -> None:
    profile = store.profile("2G-DevelopingRural")
    assert profile.name == "rural-2g-atc"
    assert (profile.down.rate_bit_s, profile.up.rate_bit_s) == (20e3, 18e3)
    assert (profile.down.delay_s, profile.down.loss_ratio) == (0.65, 0.02)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("hospital-lan", "lan-1g"),
        ("telerad-adsl2", "adsl2"),
        ("telerad-4g", "4g-lte"),
        ("telerad-5g", "5g"),
        ("telerad-geo-sat", "geo-sat"),
        ("telerad-leo", "leo-starlink"),
    ],
)
def test_an_alias_finds_the_profile_under_its_own_name(alias: str, name: str) -> None:
    assert store.profile(alias) == store.profile(name)
    assert alias in store.aliases()[name]


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageProblem) as caught:
        store.profile("moon")
    assert "wan-20ms" in caught.value.remedy


def test_profiles_of_ones_own_come_last(home: Home) -> None:
    put(home, "mine")
    assert [profile.name for profile in store.profiles(home)][-1] == "mine"
    assert store.profile("mine", home).down.delay_s == 0.007
    assert "mine" not in [profile.name for profile in store.profiles()]


def test_a_path_stands_for_the_profile_in_the_file(home: Home) -> None:
    assert store.profile(str(put(home, "mine"))).name == "mine"
    with pytest.raises(UsageProblem, match=r"there is no profile file .*moon.toml"):
        store.profile("./moon.toml")


@pytest.mark.parametrize(
    ("name", "text"), [("wan-20ms", MINE), ("telerad-4g", MINE), ("mine", 'aliases = ["adsl2"]\n' + MINE)]
)
def test_a_name_that_is_taken_is_an_error_naming_the_file(home: Home, name: str, text: str) -> None:
    file = put(home, name, text)
    for asked in (name, str(file)):
        with pytest.raises(UsageProblem) as caught:
            store.profile(asked, home)
        assert str(file) in caught.value.message
    with pytest.raises(UsageProblem):
        store.profiles(home)


def test_two_of_ones_own_may_not_share_a_name(home: Home) -> None:
    put(home, "mine")
    put(home, "other", 'aliases = ["mine"]\n' + MINE)
    with pytest.raises(UsageProblem, match="'mine' is the name of another profile"):
        store.profiles(home)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"a = [", b"a = " + b"[" * 50_000, b"a = " + b"9" * 5000, b"seed = 0x" + b"f" * 9999],
)
def test_a_file_that_is_no_profile_is_named(home: Home, content: bytes) -> None:
    file = put(home, "mine")
    file.write_bytes(content)
    with pytest.raises(UsageProblem) as caught:
        store.profiles(home)
    assert str(file) in caught.value.message


def test_a_file_that_is_wrong_is_in_nobody_elses_way(home: Home) -> None:
    put(home, "broken", "no toml")
    put(home, "mine")
    assert store.profile("wan-20ms", home).name == "wan-20ms"
    assert store.profile("mine", home).name == "mine"


def test_a_link_is_named_by_the_profiles_that_can_be_read(home: Home) -> None:
    put(home, "broken", "no toml")
    put(home, "wan-20ms")
    (home.profiles / "gone.toml").symlink_to("nowhere")
    put(home, "mine")
    assert [one.name for one in store.readable_profiles(home)] == [
        *(one.name for one in store.profiles()),
        "mine",
    ]
    assert standing.status(home, engine_of(Boxes())).profile == "none"


def test_what_is_saved_is_found_again(home: Home) -> None:
    link = Link(delay_s=0.0123, loss_ratio=0.02)
    profile = Profile(name="mine", description="d", source="s", down=link, up=link)
    assert store.save_profile(home, profile).read_text() == profile_to_toml(profile)
    assert store.profile("mine", home) == profile


@pytest.mark.parametrize("profile", store.profiles(), ids=lambda profile: profile.name)
def test_the_page_lists_the_profile_as_its_file_has_it(profile: Profile) -> None:
    assert table_row(profile) in DOCS.read_text().splitlines()


def test_what_the_page_tells_people_to_write_is_a_profile() -> None:
    blocks = re.findall(r"(?:^    .*\n|^\n)+", DOCS.read_text(), re.MULTILINE)
    example, schedule = (next(b for b in blocks if word in b) for word in ("description =", "[[phases]]"))
    whole = profile_from_toml("p", tomllib.loads(example), "page")
    assert (whole.down.loss_burst_packets, whole.up.rate_bit_s) == (1.5, 20e6)
    scheduled = profile_from_toml("p", {"description": "d", "source": "s", **tomllib.loads(schedule)}, "page")
    assert [phase.down.loss_ratio for phase in scheduled.phases] == [0, 1]


def table_row(profile: Profile) -> str:
    """The profile's line of the table in docs/profiles.md; paste it there when it has changed."""
    down, up = profile.down, profile.up
    cells = (
        ", ".join((profile.name, *store.aliases()[profile.name])),
        profile.description,
        _both(*(format_rate(one.rate_bit_s) if one.rate_bit_s else "-" for one in (down, up))),
        _both(*(format_time(one.delay_s) if one.delay_s else "-" for one in (down, up))),
        _both(*(format_time(one.jitter_s) if one.jitter_s else "-" for one in (down, up))),
        _both(*(format_ratio(one.loss_ratio) if one.loss_ratio else "-" for one in (down, up))),
        _both(*(format_time(one.buffer_s) if one.rate_bit_s else "-" for one in (down, up))),
        ", ".join(profile.assumed),
    )
    return f"| {' | '.join(cells)} |"


def _both(down: str, up: str) -> str:
    return down if down == up else f"{down} / {up}"
