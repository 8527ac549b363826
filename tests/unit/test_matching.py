"""Which cases are held against each other, and which are refused."""

import dataclasses
from typing import Any

import pytest

from lab.errors import UsageProblem
from lab.model.case import Case
from lab.model.conditions import LinkRecord, PhaseMark
from lab.model.profile import Link, Phase, Profile
from lab.statistics.matching import FIELDS, NOTED, match
from lab.statistics.results import CaseResult
from tests.unit.comparing import results, runs, slower
from tests.unit.records import no_link

OTHER = {
    "study": "reference",
    "study_size": "96 instances",
    "method": "other",
    "profile": "lan-1g",
    "shaper": "netem",
    "level": "PATIENT",
    "max_pdu": 16384,
    "parallel": 4,
    "ack": "delayed",
    "congestion_control": "bbr",
    "tls": True,
    "orthanc": '{"DicomScpPreferredTransferSyntax": 1}',
    "cache": "cold",
    "pacs": "Orthanc 1.12.8",
    "configuration": "0f1e2d3c",
    "instrument": "0.2.0",
    "schema_version": 4,
    "machine": "a server",
}


def changed(one: CaseResult, **changes: Any) -> CaseResult:
    return dataclasses.replace(one, key=dataclasses.replace(one.key, **changes))


def base() -> CaseResult:
    (one,) = results(runs())
    return one


def new(**changes: Any) -> CaseResult:
    (one,) = results(slower(1.2))
    return changed(one, **changes)


def test_every_field_of_the_key_is_tried_here() -> None:
    assert set(OTHER) == set(FIELDS)


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in NOTED])
def test_a_field_that_differs_is_refused_by_name_with_both_values(field: str) -> None:
    with pytest.raises(UsageProblem) as refused:
        match([base()], [new(**{field: OTHER[field]})], ())
    before = getattr(base().key, field)
    assert f"differ in {field}: {'none' if before == '' else before} in BASE, {OTHER[field]} in NEW" in str(
        refused.value
    )
    assert refused.value.remedy.startswith(f"--vary {field},")


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_is_varied_may_differ_and_is_said(field: str) -> None:
    (pair,) = match([base()], [new(**{field: OTHER[field]})], [field]).pairs
    assert [one.field for one in pair.differs] == [field]


@pytest.mark.parametrize("field", NOTED)
def test_another_pacs_and_another_machine_are_noted(field: str) -> None:
    (pair,) = match([base()], [new(**{field: OTHER[field]})], ()).pairs
    assert [(one.field, one.new) for one in pair.differs] == [(field, OTHER[field])]


def test_all_that_differs_is_named_at_once() -> None:
    with pytest.raises(UsageProblem, match=r"max_pdu: 131072 in BASE, 16384 in NEW; ack: quick in BASE"):
        match([base()], [new(max_pdu=16384, ack="delayed")], ())


def test_another_study_may_be_of_another_size() -> None:
    (pair,) = match([base()], [new(study="reference", study_size="1300 instances")], ["study"]).pairs
    assert [one.field for one in pair.differs] == ["study", "study_size"]


def test_a_case_that_failed_before_its_first_run_is_of_the_study_that_the_others_are_of() -> None:
    failed = changed(dataclasses.replace(new(), runs=()), study_size="")
    assert match([base()], [failed], ()).pairs
    (other,) = (changed(base(), study_size="96 instances", profile="3g"),)
    with pytest.raises(UsageProblem, match="study_size: 48 instances in BASE, none in NEW"):
        match([base(), other], [failed], ())


def test_one_name_for_two_studies_of_as_many_instances_is_refused() -> None:
    (larger,) = results(runs(dataset_bytes=4 * base().runs[0].dataset_bytes))
    with pytest.raises(UsageProblem, match="differ in study, though not in its name") as refused:
        match([base()], [larger], ())
    assert refused.value.remedy == "--vary study, if that is the point"
    assert match([base()], [larger], ["study"]).pairs
    assert match([base()], [changed(larger, study_size="96 instances")], ["study_size"]).pairs


def test_a_pacs_that_adds_a_few_bytes_to_each_instance_is_compared() -> None:
    (larger,) = results(runs(dataset_bytes=base().runs[0].dataset_bytes + 48 * 100))
    assert match([base()], [larger], ()).pairs


def test_varying_one_field_leaves_the_others_refused() -> None:
    with pytest.raises(UsageProblem, match="differ in ack"):
        match([base()], [new(max_pdu=16384, ack="delayed")], ["max_pdu"])


def test_a_field_that_there_is_not_cannot_be_varied() -> None:
    with pytest.raises(UsageProblem, match="no field 'weather'") as refused:
        match([base()], [new()], ["weather"])
    assert "congestion_control" in refused.value.remedy


def test_a_case_of_one_side_only_is_told_with_what_comes_nearest() -> None:
    found = match([base(), new(profile="3g")], [new(), new(profile="3g", ack="delayed")], ())
    assert [(pair.base.key.profile, pair.new.key.profile) for pair in found.pairs] == [
        ("baseline", "baseline")
    ]
    assert [(one.side, one.result.key.profile) for one in found.alone] == [("BASE", "3g"), ("NEW", "3g")]
    assert [[near.field for near in one.nearest] for one in found.alone] == [["ack"], ["ack"]]


def test_where_nothing_matches_the_nearest_are_named() -> None:
    with pytest.raises(UsageProblem, match="no case in common: the nearest differ in ack: quick"):
        match([base(), new(profile="3g", tls=True)], [new(ack="delayed")], ())


def test_a_side_without_any_case_is_refused() -> None:
    with pytest.raises(UsageProblem, match="BASE has no case"):
        match([], [new()], ())
    with pytest.raises(UsageProblem, match="NEW has no case"):
        match([base()], [], ())


def sizes(*found: int) -> list[CaseResult]:
    return [changed(base(), max_pdu=size) for size in found]


def matched_sizes(base: list[CaseResult], new: list[CaseResult]) -> list[tuple[int, int]]:
    found = match(base, new, ["max_pdu"])
    return [(pair.base.key.max_pdu, pair.new.key.max_pdu) for pair in found.pairs]


def test_all_sizes_are_held_against_the_only_one_of_the_other_side() -> None:
    assert matched_sizes(sizes(1), sizes(1, 2, 3)) == [(1, 1), (1, 2), (1, 3)]
    assert matched_sizes(sizes(1, 2, 3), sizes(2)) == [(1, 2), (2, 2), (3, 2)]


def test_several_on_both_sides_go_with_their_equals() -> None:
    assert matched_sizes(sizes(1, 2, 3), sizes(3, 2, 1)) == [(1, 1), (2, 2), (3, 3)]
    assert matched_sizes(sizes(1, 2), sizes(1, 2, 3)) == [(1, 1), (2, 2)]


def test_where_nobody_can_tell_which_goes_with_which_it_is_refused() -> None:
    with pytest.raises(UsageProblem, match="max_pdu: 1, 2 in BASE, 4, 3 in NEW"):
        matched_sizes(sizes(1, 2, 5), sizes(4, 3, 5))


def links(pacs: str, *profiles: str, **changes: Any) -> list[CaseResult]:
    return [changed(base(), pacs=pacs, profile=profile, **changes) for profile in profiles]


def matched(base: list[CaseResult], new: list[CaseResult], *varied: str) -> list[tuple[str, str, str, str]]:
    keys = [(pair.base.key, pair.new.key) for pair in match(base, new, varied).pairs]
    return [(one.profile, one.pacs, other.profile, other.pacs) for one, other in keys]


@pytest.mark.parametrize("varied", [(), ("profile",), ("profile", "pacs"), ("profile", "machine")])
def test_several_go_with_their_equals_of_another_pacs_and_another_machine(varied: tuple[str, ...]) -> None:
    old, new = links("old", "lan", "wan"), links("new", "wan", "lan", "3g", machine="a server")
    assert matched(old, new, *varied) == [("lan", "old", "lan", "new"), ("wan", "old", "wan", "new")]


def test_where_the_pacs_tells_cases_apart_each_goes_with_its_own() -> None:
    both = [*links("old", "lan", "wan"), *links("new", "wan", "lan")]
    for varied in ((), ("pacs",), ("profile", "pacs")):
        assert {one[:2] == one[2:] for one in matched(both, both[::-1], *varied)} == {True}


def test_two_of_one_side_are_held_against_the_only_one_of_the_same_values() -> None:
    mixed = [*links("old", "lan", "wan"), *links("older", "lan")]
    found = matched(mixed, links("new", "lan", "wan"), "profile")
    assert [one[:2] for one in found] == [("lan", "old"), ("lan", "older"), ("wan", "old")]
    assert {one[3] for one in found} == {"new"}


def test_of_several_pacs_on_both_sides_nobody_can_tell_which_follows_which() -> None:
    with pytest.raises(UsageProblem, match="pacs: 1 in BASE, 3 in NEW"):
        matched([*links("1", "lan"), *links("2", "lan")], [*links("2", "lan"), *links("3", "lan")], "pacs")


def link(delay_s: float, **changes: Any) -> LinkRecord:
    shaped = {"pacs": Link(delay_s=delay_s), "tester": Link()}
    return dataclasses.replace(no_link(), read_back=shaped, **changes)


def over(found: LinkRecord, seed: int = 1) -> list[CaseResult]:
    return results(runs(link=dataclasses.replace(found, seed={"pacs": seed, "tester": seed})))


def test_one_name_for_two_links_is_refused_by_what_was_read_back() -> None:
    with pytest.raises(UsageProblem) as refused:
        match(over(link(0.02)), over(link(0.025)), ())
    said = "baseline as read back: pacs delay_s is 0.02 in BASE, 0.025 in NEW"
    assert said in str(refused.value)
    assert refused.value.remedy.startswith("--vary profile")
    assert match(over(link(0.02)), over(link(0.025)), ["profile"]).pairs


def test_a_link_that_changed_between_the_runs_of_one_side_is_refused() -> None:
    mixed = results([*runs((1.0,), link=link(0.02)), *runs((1.0,), link=link(0.03))])
    with pytest.raises(UsageProblem, match="as read back"):
        match(over(link(0.02)), mixed, ())


def test_seeds_phases_and_links_that_nobody_knows_do_not_count() -> None:
    phases = [PhaseMark(name="slow", at_s=0.0)]
    assert match(over(link(0.02), seed=1), over(link(0.02), seed=2), ()).pairs
    assert match(over(link(0.02, phases=phases)), over(link(0.03, phases=phases)), ()).pairs
    assert match(over(no_link()), over(link(0.02)), ()).pairs


def wished(**changes: Any) -> list[CaseResult]:
    profile = Profile(
        name="baseline",
        description="",
        source="",
        down=Link(delay_s=0.02),
        up=Link(),
        phases=(Phase(name="slow", lasts_s=3, down=Link(), up=Link()),),
    )
    case = Case(
        study="quick",
        profile=dataclasses.replace(profile, **changes),
        shaper="auto",
        congestion_control="cubic",
        runs=5,
        warmup=1,
        max_pdu_bytes=131072,
    )
    return results(runs(), case=case)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"down": Link(delay_s=0.03)}, "as wished for: pacs delay_s is 0.02 in BASE, 0.03 in NEW"),
        ({"phases": ()}, "phase 1 lasts_s is 3 in BASE, None in NEW"),
        ({"repeat": False}, "repeat is True in BASE, False in NEW"),
    ],
)
def test_one_name_for_two_profiles_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        match(wished(), wished(**changes), ())


def test_a_profile_may_get_another_seed_and_another_description() -> None:
    assert match(wished(), wished(seed=7, description="the same", source="ours"), ()).pairs
