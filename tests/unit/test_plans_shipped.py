"""The plans that come with the lab, and what docs/plans.md says of the file."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from lab.errors import UsageProblem
from lab.model.plan import Plan
from lab.plans import gate_tables, knobs, orthanc_settings, plan_file, running
from lab.plans.plan_file import plan_from_toml
from lab.statistics.measures import MEASURES, STATISTICS
from lab.system import plans
from lab.system.home import Home, package_folder
from lab.system.sizes import study_size
from tests.unit.plans import profile_named, settings

DOCS = Path(__file__).parents[2] / "docs/plans.md"
NAMES = (
    "aws-two-instances",
    "congestion-control",
    "nagle-lesson",
    "parallel-sweep",
    "pdu-sweep",
    "smoke",
    "tls-cost",
    "wan-degradation",
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, "p")


def shipped(name: str) -> Plan:
    return plans.plan(name, Home(Path("nowhere"), "p"))


def test_the_plans_that_are_shipped_have_the_names_people_know(home: Home) -> None:
    assert tuple(found.name for found in plans.shipped(home)) == NAMES
    assert list(plans.templates()) == ["db-so-102"]


def test_every_study_of_a_shipped_plan_is_one_of_the_labs(home: Home) -> None:
    for name in NAMES:
        for study in set(settings(shipped(name), "study")):
            assert study_size(home, study).instances


def test_smoke_is_the_quick_study_three_times_over_two_links() -> None:
    smoke = shipped("smoke")
    assert settings(smoke, "study", "profile", "method") == [
        ("quick", "baseline", "c-move"),
        ("quick", "wan-20ms", "c-move"),
    ]
    assert smoke.repeats.at_most == 3


def test_wan_degradation_goes_from_the_lan_outwards() -> None:
    profiles = [case.profile for case in shipped("wan-degradation").cases]
    trips_s = [profile.rtt_s for profile in profiles if profile]
    assert len(trips_s) == 9
    assert all(one <= other for one, other in pairwise(trips_s))


def test_aws_two_instances_is_the_reference_by_two_pdu_sizes_and_both_ways_to_acknowledge() -> None:
    found = shipped("aws-two-instances")
    assert set(settings(found, "study")) == {"reference"}
    assert set(settings(found, "max_pdu_bytes", "ack")) == {
        (size, ack) for size in (16382, 131072) for ack in ("quick", "delayed")
    }
    assert set(settings(found, "profile")) == {"aws-same-zone", "aws-us-east-1-eu-west-3"}


def test_pdu_sweep_moves_and_stores_five_sizes_over_three_links() -> None:
    found = shipped("pdu-sweep")
    assert len(found.cases) == 30
    assert len(set(settings(found, "max_pdu_bytes"))) == 5
    assert set(settings(found, "method")) == {"c-move", "lab"}


def test_parallel_sweep_doubles_the_associations() -> None:
    assert settings(shipped("parallel-sweep"), "method", "parallel") == [
        (method, count) for method in ("c-move", "lab") for count in (1, 2, 4, 8)
    ]


def test_the_nagle_lesson_holds_both_receivers_and_both_senders_together() -> None:
    lesson = shipped("nagle-lesson")
    both = [("c-move", "quick"), ("c-move", "delayed"), ("storescu", ""), ("lab", "")]
    assert settings(lesson, "method", "ack") == both
    assert "lab up --with nagle" in lesson.description


def test_congestion_control_is_three_of_them_with_and_without_loss() -> None:
    found = shipped("congestion-control")
    assert set(settings(found, "congestion_control")) == {"cubic", "reno", "bbr"}
    assert set(settings(found, "profile")) == {"wan-20ms", "lossy-1", "mpls-hospital"}


def test_a_template_is_refused_until_its_limits_are_filled_in(home: Home) -> None:
    with pytest.raises(UsageProblem) as caught:
        plans.plan("db-so-102", home)
    assert "db-so-102.toml gate 1" in caught.value.message
    assert "is to be filled in" in caught.value.message
    assert "copy the file" in caught.value.remedy


def test_a_template_that_is_filled_in_is_a_plan(home: Home, tmp_path: Path) -> None:
    text = (package_folder() / "plans/templates/db-so-102.toml").read_text()
    for limit in ("500 ms", "100 mbit"):
        head, gate = text.split("[[gates]]", 1)
        text = head + "[[gates]]" + gate.replace('___"', f'{limit}"', 1)
    (tmp_path / "mine.toml").write_text(text)
    gates = plans.plan(str(tmp_path / "mine.toml"), home).gates
    assert [(gate.measure, gate.limit) for gate in gates] == [("first_image", 0.5), ("throughput", 100)]


def test_a_plan_of_ones_own_finds_the_profiles_beside_it(home: Home, tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text('description = "d"\nsource = "s"\n[down]\ndelay = "7ms"\n')
    file = tmp_path / "mine.toml"
    file.write_text('description = "d"\nsource = "s"\nstudies = "quick"\nprofiles = ["./clinic.toml"]\n')
    (case,) = plans.plan(str(file), home).cases
    assert case.profile is not None
    assert (case.profile.name, case.profile.down.delay_s) == ("clinic", 0.007)


@pytest.mark.parametrize(
    ("name", "named"),
    [("moon", "there is no plan 'moon'"), ("./moon.toml", "there is no plan file moon.toml")],
)
def test_a_plan_that_is_not_there_is_named(home: Home, name: str, named: str) -> None:
    with pytest.raises(UsageProblem, match=named):
        plans.plan(name, home)


def test_a_plan_that_is_no_text_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageProblem, match=r"bad.toml: 'utf-8' codec"):
        plans.plan(str(tmp_path / "bad.toml"), home)


KEYS = {
    *plan_file.PLAN_KEYS,
    *knobs.KNOBS,
    *running.REPEATS,
    *running.ORDER,
    "require",
    *MEASURES,
}


def test_the_page_explains_every_key_and_no_other() -> None:
    explained = re.findall(r"^\| `([a-z0-9_]+)` \|", DOCS.read_text(), re.MULTILINE)
    assert sorted(explained) == sorted(KEYS)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_lists_the_plan_as_its_file_has_it(name: str) -> None:
    assert table_row(shipped(name)) in DOCS.read_text().splitlines()


def table_row(found: Plan) -> str:
    """The plan's line of the table in docs/plans.md; paste it there when it has changed."""
    studies = ", ".join(dict.fromkeys(settings(found, "study")))
    return (
        f"| {found.name} | {found.description} | {studies} | {len(found.cases)} | {found.repeats.at_least} |"
    )


def test_what_the_page_tells_people_to_write_is_a_plan() -> None:
    blocks = re.findall(r"(?:^    .*\n|^\n)+", DOCS.read_text(), re.MULTILINE)
    example = re.sub(
        r"^    ", "", next(block for block in blocks if "description =" in block), flags=re.MULTILINE
    )
    found = plan_from_toml("p", example.replace("./clinic.toml", "lan-1g"), "page", profile_named)
    assert (len(found.cases), len(found.gates)) == (12, 2)


def test_the_page_names_every_statistic_filter_and_setting_that_stays() -> None:
    page = DOCS.read_text()
    named = (*STATISTICS, *gate_tables.FILTERS)
    stay = (*orthanc_settings.KEPT, *orthanc_settings.KEPT_FAMILIES)
    assert [name for name in (*named, *stay) if f"`{name}" not in page] == []


def test_no_shipped_plan_has_the_name_of_a_template(home: Home) -> None:
    assert not {found.name for found in plans.shipped(home)} & set(plans.templates())
