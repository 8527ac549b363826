import dataclasses
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.dicom.pdu import LARGEST_MAX_PDU_BYTES, SMALLEST_MAX_PDU_BYTES
from lab.errors import UsageProblem
from lab.model.plan import Repeats
from lab.model.profile import Profile
from lab.plans import knobs, plan_file
from lab.plans.plan_file import plan_from_toml
from lab.stack import shaping
from tests.unit.plans import HEAD, LISTS, plan, profile_named, settings


def test_a_plan_is_every_study_over_every_profile_by_every_method_with_every_knob() -> None:
    found = plan(
        'methods = ["c-move", "lab"]\n[knobs]\nmax_pdu = [4096, 16384]\nparallel = 2\n',
        'studies = ["quick", "reference"]\nprofiles = ["baseline", "wan-20ms"]\n',
    )
    fields = ("profile", "study", "method", "max_pdu_bytes")
    assert settings(found, *fields) == [
        (profile, study, method, size)
        for profile in ("baseline", "wan-20ms")
        for study in ("quick", "reference")
        for method in ("c-move", "lab")
        for size in (4096, 16384)
    ]
    assert set(settings(found, "parallel")) == {2}


def test_what_a_plan_does_not_say_is_as_the_commands_have_it() -> None:
    found = plan()
    case = found.cases[0]
    assert (case.method, case.max_pdu_bytes, case.level, case.parallel) == ("c-move", 131072, "STUDY", 1)
    assert (case.ack, case.cache, case.shaper, case.congestion_control) == ("quick", "warm", "auto", "auto")
    assert case.orthanc == {}
    assert found.repeats == Repeats()
    assert (found.order, found.seed, found.gates) == ("interleaved", 1, ())


def test_a_knob_that_a_method_does_not_have_makes_no_more_cases_of_it() -> None:
    found = plan(
        'methods = ["c-move", "lab", "storescu", "rest"]\n'
        '[knobs]\nmax_pdu = [4096, 16384]\nack = ["quick", "delayed"]\n',
        'studies = ["quick"]\nprofiles = ["baseline"]\n',
    )
    assert settings(found, "method", "max_pdu_bytes", "ack") == [
        ("c-move", 4096, "quick"),
        ("c-move", 4096, "delayed"),
        ("c-move", 16384, "quick"),
        ("c-move", 16384, "delayed"),
        ("lab", 4096, ""),
        ("lab", 16384, ""),
        ("storescu", 4096, ""),
        ("storescu", 16384, ""),
        ("rest", -1, ""),
    ]


def test_where_nothing_is_shaped_the_shaper_makes_no_more_cases() -> None:
    found = plan('[knobs]\nshaper = ["netem", "tun"]\n')
    links = [("baseline", "auto"), ("wan-20ms", "netem"), ("wan-20ms", "tun")]
    assert settings(found, "profile", "shaper") == links


def test_what_restarts_orthanc_changes_least_often_then_the_link() -> None:
    found = plan("[knobs]\nparallel = [1, 2]\northanc = [{}, { ConcurrentJobs = 4 }]\n")
    assert settings(found, "orthanc", "profile", "parallel") == [
        (orthanc, profile, parallel)
        for orthanc in ({}, {"ConcurrentJobs": 4})
        for profile in ("baseline", "wan-20ms")
        for parallel in (1, 2)
    ]


def test_repeats_and_order_are_read_in_units_as_people_write_them() -> None:
    found = plan(
        '[repeats]\nwarmup = 0\nat_least = 5\nat_most = 20\nwithin = "5%"\nbudget = "90s"\n'
        '[order]\nhow = "random"\nseed = 7\n'
    )
    assert found.repeats == Repeats(warmup=0, at_least=5, at_most=20, within_ratio=0.05, budget_s=90)
    assert (found.order, found.seed) == ("random", 7)
    assert {(case.runs, case.warmup) for case in found.cases} == {(5, 0)}


def test_more_runs_at_least_are_more_at_most() -> None:
    assert plan("[repeats]\nat_least = 9\n").repeats.at_most == 9


def test_a_gate_can_be_for_some_cases_only() -> None:
    found = plan(
        '[[gates]]\nrequire = "first_image.p95 < 500 ms"\nprofile = "wan-20ms"\nmax_pdu = 131072\n'
        '[[gates]]\nrequire = "throughput > 100 mbit"\ntls = true\n'
    )
    assert found.gates[0].only == {"profile": "wan-20ms", "max_pdu": "131072"}
    assert found.gates[1].only == {"tls": "True"}


@pytest.mark.parametrize(
    "only",
    [
        'level = "study"',
        'level = "image"\nparallel = 4',
        'method = "C-Move"',
        'ack = ""\nmethod = "lab"',
        'shaper = "tun"',
        'shaper = "none"\nprofile = "baseline"',
        'congestion_control = "reno"',
        "tls = false",
        'pacs = "Orthanc 1.12.7"\nmachine = "a laptop"',
    ],
)
def test_a_gate_may_be_for_what_a_case_may_become_in_any_case_of_letters(only: str) -> None:
    cases = 'methods = ["c-move", "lab"]\n[knobs]\nparallel = [1, 4]\n'
    (gate,) = plan(f'{cases}[[gates]]\nrequire = "duration < 3s"\n{only}\n').gates
    assert gate.only


def test_gates_can_be_a_plain_list() -> None:
    found = plan('gates = ["duration < 3s", "efficiency > 0.5"]\n')
    assert [gate.measure for gate in found.gates] == ["duration", "efficiency"]


def profile_of(**changes: Any) -> Callable[[str], Profile]:
    return lambda name: dataclasses.replace(profile_named(name), **changes)


def test_another_text_and_another_profile_make_another_plan() -> None:
    text = HEAD + LISTS
    as_it_is = plan_from_toml("p", text, "p.toml", profile_named).sha256
    assert plan_from_toml("other", text, "elsewhere.toml", profile_named).sha256 == as_it_is
    assert plan_from_toml("p", text + "# \n", "p.toml", profile_named).sha256 != as_it_is
    assert plan_from_toml("p", text, "p.toml", profile_of(seed=5)).sha256 != as_it_is


@pytest.mark.parametrize(
    ("rest", "named", "remedy"),
    [
        ("a = [", "p.toml: ", "mend the TOML"),
        ("studys = 1", "p.toml: unknown key 'studys'", "did you mean studies?"),
        ("methods = []", "p.toml: methods is an empty list", "one value at least"),
        ('methods = ["c-mvoe"]', "methods = 'c-mvoe' is not known", "did you mean c-move? allowed: c-move"),
        ('methods = ["lab", "lab"]', "methods names 'lab' twice", "once"),
        ("knobs = 3", "p.toml [knobs] is 3, not a table", "docs/plans.md"),
        ("[knobs]\nmaxpdu = 1", "[knobs]: unknown key 'maxpdu'", "did you mean max_pdu?"),
        ("[knobs]\ntls = 1", "[knobs] tls = 1 is neither true nor false", "[true, false]"),
        ("[knobs]\nmax_pdu = 4095", "[knobs] max_pdu = 4095", "4096 to 1048576"),
        ("[knobs]\nmax_pdu = 1048577", "[knobs] max_pdu = 1048577", "from 0 to 1048576"),
        ("[knobs]\nmax_pdu = true", "[knobs] max_pdu = True", "whole number"),
        ("[knobs]\nmax_pdu = [4096, 4096]", "[knobs] max_pdu names 4096 twice", "once"),
        ("[knobs]\nparallel = 0", "[knobs] parallel = 0", "from 1 to 64"),
        ('[knobs]\nack = "slow"', "[knobs] ack = 'slow'", "quick, delayed"),
        ('[knobs]\nlevel = "series"', "[knobs] level = 'series'", "study, patient"),
        ('[knobs]\nlevel = "patient"\nparallel = 2', "level patient with parallel 2", "parallel at 1"),
        ('[knobs]\ncache = "hot"', "[knobs] cache = 'hot'", "warm, cold"),
        ('[knobs]\nshaper = ["auto", "tun"]', "shaper has auto beside others", "name each"),
        ('[knobs]\ncongestion_control = ["bbr", "kernel"]', "has kernel beside others", "name each"),
        ('[knobs]\ncongestion_control = "a b"', "congestion_control = 'a b'", "cubic, reno, bbr"),
        ("[knobs]\northanc = 3", "orthanc = 3 is not a table of settings", "{}"),
        ("[knobs]\northanc = [{}, {}]", "orthanc names '' twice", "once"),
        ("[knobs]\northanc = { Plugins = [] }", "Plugins = []", "a number or a text"),
        ("[knobs]\northanc = { A = nan }", "A = nan", "a number or a text"),
        ('[knobs]\northanc = { "a b" = 1 }', "'a b' is no name of a setting", "docs/plans.md"),
        ("[knobs]\northanc = { DicomPort = 1 }", "sets DicomPort, which stays", "leave DicomPort out"),
        ("[knobs]\northanc = { DicomTlsEnabled = true }", "lab up --with tls", "leave"),
        ("[knobs]\northanc = { SslEnabled = true }", "lab up --with tls", "leave"),
        ("[repeats]\nruns = 3", "[repeats]: unknown key 'runs'", "known here: warmup, at_least"),
        ("[repeats]\nat_least = 0", "[repeats] at_least = 0", "from 1"),
        ("[repeats]\nat_least = 5\nat_most = 4", "[repeats] at_most = 4", "from 5"),
        ("[repeats]\nat_most = 9", "nothing says when fewer are enough", 'within = "5%"'),
        ('[repeats]\nwithin = "5%"', "within never holds with at_most = 3", "raise at_most"),
        ('[repeats]\nat_least = 9\nwithin = "5%"', "within has no say", "raise at_most"),
        ('[repeats]\nat_most = 9\nwithin = "5"', "[repeats] within: '5' is not a percentage", "%"),
        ("[repeats]\nat_most = 9\nwithin = 5", "[repeats] within = 5 has no unit", '"5%"'),
        ('[repeats]\nbudget = "60s"', "budget needs within", "add them"),
        ('[repeats]\nat_most = 9\nwithin = "5%"\nbudget = "0s"', "budget: '0s' is out of range", "1s to"),
        ('[order]\nhow = "interleave"', "[order] how = 'interleave'", "did you mean interleaved?"),
        ("[order]\nseed = -1", "[order] seed = -1", "from 0"),
        ("gates = 3", "gates = 3 is not a list", "[[gates]]"),
        ("gates = [3]", "p.toml gate 1 is 3, not a table", "docs/plans.md"),
        ('[[gates]]\nprofile = "baseline"', "gate 1: require is missing", "require ="),
        ("[[gates]]\nrequire = 3", "gate 1 3 is no gate", "first_image.p95"),
        (
            '[[gates]]\nrequire = "duration < 3s"\nprofil = "x"',
            "unknown key 'profil'",
            "did you mean profile?",
        ),
        ('[[gates]]\nrequire = "duration < 3s"\nprofile = 1.5', "gate 1 profile = 1.5", "lab bench plan"),
        (
            '[[gates]]\nrequire = "duration < 3s"\nprofile = "wan"',
            "gate 1 is for profile wan, which no case of the plan is",
            "profile is baseline or wan-20ms",
        ),
        (
            '[[gates]]\nrequire = "duration < 3s"\nshaper = "netm"',
            "gate 1 is for shaper netm, which no case of the plan is",
            "shaper is netem or none or tun",
        ),
        (
            '[[gates]]\nrequire = "duration < 3s"\nshaper = "tun"\nprofile = "baseline"',
            "gate 1 is for shaper tun and profile baseline, which no case of the plan is",
            "shaper is netem or none or tun; profile is baseline",
        ),
        (
            '[knobs]\ncongestion_control = ["bbr", "cubic"]\n'
            '[[gates]]\nrequire = "duration < 3s"\ncongestion_control = "reno"',
            "gate 1 is for congestion_control reno, which no case of the plan is",
            "congestion_control is bbr or cubic",
        ),
        (
            '[[gates]]\nrequire = "duration < 3s"\ncongestion_control = "auto"',
            "gate 1 is for congestion_control auto, which no case of the plan is",
            "congestion_control is what the kernel calls it, such as cubic",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_key_and_what_is_allowed(rest: str, named: str, remedy: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        plan(rest)
    assert caught.value.message.startswith("p.toml")
    assert named in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("lists", "named", "remedy"),
    [
        ('studies = ["quick"]', "p.toml: profiles is missing", "profiles ="),
        ('profiles = ["baseline"]', "p.toml: studies is missing", "studies ="),
        ('studies = [3]\nprofiles = ["baseline"]', "p.toml: studies has 3, which is no name", "studies ="),
        ('studies = ["a"]\nprofiles = ["moon"]', "profiles names 'moon': there is no profile", "wan-20ms"),
        ('studies = ["a"]\nprofiles = ["4g-lte", "telerad-4g"]', "profiles has '4g-lte' twice", "once"),
    ],
)
def test_what_is_wrong_with_studies_and_profiles_is_named(lists: str, named: str, remedy: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        plan(lists=lists)
    assert named in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("missing", ["description", "source"])
def test_a_plan_tells_what_it_is_and_why(missing: str) -> None:
    text = "\n".join(line for line in HEAD.splitlines() if not line.startswith(missing)) + "\n" + LISTS
    with pytest.raises(UsageProblem, match=f"p.toml: {missing} is missing"):
        plan_from_toml("p", text, "p.toml", profile_named)


@pytest.mark.long
def test_too_many_combinations_are_refused_before_they_are_made() -> None:
    sizes = list(range(4096, 4096 + 10_000))
    with pytest.raises(UsageProblem, match="640000 combinations"):
        plan(f"[knobs]\nmax_pdu = {sizes}\nparallel = {list(range(1, 33))}\n")


def test_storescu_is_not_asked_for_what_it_refuses() -> None:
    with pytest.raises(UsageProblem, match="max_pdu 262144 with storescu"):
        plan('methods = ["storescu"]\n[knobs]\nmax_pdu = 262144\n')


def test_knobs_take_what_the_commands_take() -> None:
    assert (knobs.SMALLEST_MAX_PDU_BYTES, knobs.LARGEST_MAX_PDU_BYTES) == (
        SMALLEST_MAX_PDU_BYTES,
        LARGEST_MAX_PDU_BYTES,
    )
    assert [knobs.KNOBS["shaper"].read(name, "here") for name in shaping.SHAPERS] == list(shaping.SHAPERS)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(knob=st.sampled_from(list(knobs.KNOBS)), value=VALUES)
def test_any_value_of_a_knob_is_taken_or_refused_by_name(knob: str, value: object) -> None:
    said = ""
    try:
        assert knobs.knobs_of({knob: value}, "here")[knob]
    except UsageProblem as problem:
        said = problem.message
    assert not said or said.startswith(f"here {knob}")


@given(st.text(max_size=60))
def test_any_text_is_a_plan_or_refused_by_name(text: str) -> None:
    with pytest.raises(UsageProblem, match=r"p\.toml"):
        plan_from_toml("p", text, "p.toml", profile_named)


def test_the_example_at_the_head_of_the_parser_is_a_plan() -> None:
    example = (plan_file.__doc__ or "").split("\n\n", 1)[1].replace(', "./clinic.toml"', "")
    assert tomllib.loads(example)
    assert len(plan_from_toml("p", example, "p.toml", profile_named).cases) == 4
