"""The folder of an experiment: begun once, gone on with only where it is the same."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.errors import UsageProblem
from lab.model.case import Case
from lab.model.environment import Environment
from lab.model.plan import Plan, PlanPlace, Repeats
from lab.model.record import Record
from lab.model.study import Study
from lab.plans.plan_file import plan_from_toml
from lab.system import experiments, store
from lab.system.home import Home
from tests.unit.records import record, run
from tests.unit.studies import small_study

TEXT = """
description = "two links"
source = "a test"
studies = ["quick"]
profiles = ["baseline", "wan-20ms"]
methods = ["c-move"]
"""
HERE = record().environment


def plan(text: str = TEXT) -> Plan:
    return plan_from_toml("two", text, "two.toml", store.profile)


def case_record(number: int = 1, environment: Environment = HERE) -> Record:
    wanted = plan()
    place = PlanPlace(
        plan=wanted.name, sha256=wanted.sha256, order=wanted.order, seed=wanted.seed, number=number, of=2
    )
    case: Case = wanted.cases[number - 1]
    return Record(environment=environment, runs=[run()], case=case, plan=place)


def test_a_plan_is_begun_and_its_records_are_found_again(tmp_path: Path) -> None:
    assert experiments.begin(plan(), tmp_path / "e", HERE, resume=False) == {}
    experiments.save(case_record(2), tmp_path / "e")
    assert experiments.begin(plan(), tmp_path / "e", HERE, resume=True) == {2: case_record(2)}
    assert experiments.plan_of(tmp_path / "e") == plan()
    assert experiments.plans_in([tmp_path / "e", tmp_path], print) == {(tmp_path / "e").resolve(): plan()}


def test_what_is_no_plan_is_told_further_down_and_refused_where_it_was_meant(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud" / "plan.json").write_text('{"terraform_version": "1.9"}')
    said: list[str] = []
    assert experiments.plans_in([tmp_path], said.append) == {}
    assert [line for line in said if "no gates are held for" in line and "cloud/plan.json" in line] == said
    with pytest.raises(UsageProblem, match=r"plan\.json"):
        experiments.plans_in([tmp_path / "cloud"], said.append)


def test_a_case_has_one_record_however_often_it_is_saved(tmp_path: Path) -> None:
    experiments.begin(plan(), tmp_path, HERE, resume=False)
    grown = dataclasses.replace(case_record(), runs=[run(), run()])
    for one in (case_record(), grown):
        experiments.save(one, tmp_path)
    assert experiments.begin(plan(), tmp_path, HERE, resume=True) == {1: grown}


def test_a_plan_does_not_go_on_with_a_study_that_was_made_anew(tmp_path: Path) -> None:
    kept = {1: case_record()}
    experiments.demand_same_studies(kept, [study(48)], tmp_path)
    with pytest.raises(UsageProblem, match="are of quick of 48 instances, and now it has 96"):
        experiments.demand_same_studies(kept, [study(96)], tmp_path)


def study(instances: int) -> Study:
    one, *_ = small_study().instances
    return Study(name="quick", recipe_sha256="", instances=(one,) * instances)


def refusal(do: Callable[[], object]) -> UsageProblem:
    with pytest.raises(UsageProblem) as caught:
        do()
    return caught.value


def test_a_plan_that_was_begun_is_not_begun_over_it(tmp_path: Path) -> None:
    experiments.begin(plan(), tmp_path, HERE, resume=False)
    found = refusal(lambda: experiments.begin(plan(), tmp_path, HERE, resume=False))
    assert "two was begun in" in found.message
    assert "--resume" in found.remedy


@pytest.mark.parametrize("resume", [False, True])
def test_a_changed_plan_is_another_plan(tmp_path: Path, resume: bool) -> None:
    experiments.begin(plan(), tmp_path, HERE, resume=False)
    changed = plan(TEXT + "[repeats]\nat_least = 4\n")
    assert changed.repeats == Repeats(at_least=4, at_most=4)
    found = refusal(lambda: experiments.begin(changed, tmp_path, HERE, resume=resume))
    assert "another plan" in found.message


@pytest.mark.parametrize("field", ["lab_version", "kernel", "machine", "pacs", "pacs_configuration_sha256"])
def test_runs_of_another_environment_are_not_gone_on_with(tmp_path: Path, field: str) -> None:
    other: dict[str, Any] = {field: "other"}
    experiments.begin(plan(), tmp_path, HERE, resume=False)
    experiments.save(case_record(environment=dataclasses.replace(HERE, **other)), tmp_path)
    found = refusal(lambda: experiments.begin(plan(), tmp_path, HERE, resume=True))
    assert f"made with {field} other" in found.message


def test_the_latest_folder_of_this_very_plan_is_found(tmp_path: Path) -> None:
    home = Home(root=tmp_path, project="p")
    other = plan(TEXT + "[repeats]\nat_least = 4\n")
    for stamp, begun in (("1", plan()), ("2", plan()), ("3", other)):
        experiments.begin(begun, home.results / f"two-{stamp}", HERE, resume=False)
    assert experiments.latest(home, plan()) == home.results / "two-2"
    assert experiments.latest(home, plan(TEXT + "# changed\n")) is None


def test_a_plan_that_cannot_be_read_does_not_hide_the_others_of_its_name(tmp_path: Path) -> None:
    home = Home(root=tmp_path, project="p")
    experiments.begin(plan(), home.results / "two-1", HERE, resume=False)
    for stamp in ("0", "2"):
        (home.results / f"two-{stamp}").mkdir()
        (home.results / f"two-{stamp}" / "plan.json").write_text("{")
    assert experiments.latest(home, plan()) == home.results / "two-1"


def test_a_plan_may_have_brackets_in_its_name(tmp_path: Path) -> None:
    home = Home(root=tmp_path, project="p")
    named = dataclasses.replace(plan(), name="two [old]*")
    experiments.begin(named, home.results / f"{named.name}-1", HERE, resume=False)
    assert experiments.latest(home, named) == home.results / "two [old]*-1"


def test_a_damaged_plan_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{")
    assert "plan.json" in refusal(lambda: experiments.plan_of(tmp_path)).message
