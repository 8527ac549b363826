import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import PreflightError
from lab.model.conditions import CacheRecord, Flow, MachineRecord, PathRecord, QdiscCounters, RttSeries
from lab.model.gating import GateVerdict
from lab.model.plan import PlanPlace
from lab.model.profile import Link
from lab.model.spread import Doubt, Failure
from lab.report.html import library, page
from lab.report.html.cases import page_cases
from lab.report.html.common import common
from lab.report.html.conditions import condition_rows
from lab.report.html.doubts import doubt_groups
from lab.report.html.environments import environments
from lab.report.html.figures import POINTS, rounded, rounded_column, rows
from lab.report.html.link import LINK_COLUMNS, link_rows
from lab.report.html.load import load_columns
from lab.report.html.page import document
from lab.report.html.pings import ping_columns
from lab.report.html.plans import plan_lines
from lab.report.html.predictions import predicted_rows
from lab.report.html.read_back import half_in_words, read_back_rows
from lab.report.html.reasons import NOTHING_FOUND
from lab.report.html.spread import level_note, places, spread_columns
from lab.report.html.table import COLUMNS, case_rows
from lab.report.html.timeline import gap_columns, speed_columns, timeline_columns
from lab.statistics.naming import labels
from lab.statistics.results import CaseResult, results_of
from tests.unit.gates import verdict
from tests.unit.many import many
from tests.unit.plans import plan, profile_named
from tests.unit.records import record, record_of, run

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028&amp;"
GATE = verdict("duration.median < 1 s", "wan-20ms", 2.4, passed=False)


def small() -> list[CaseResult]:
    return results_of([record()])


def made(results: list[CaseResult], *gates: GateVerdict) -> str:
    return document(results, gates, title="A report", library="")


def data_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="data"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_page_of_a_small_record_is_this_one() -> None:
    """Without styles and scripts, which change for their own reasons."""
    html = made(small(), GATE)
    body = html[html.index("<header>") : html.index('<script id="library"')]
    assert body == (GOLDEN / "report.html").read_text()


@pytest.fixture(scope="module")
def large() -> list[CaseResult]:
    return many(500)


@pytest.mark.long
def test_500_cases_of_5_runs_take_under_8_mb(large: list[CaseResult]) -> None:
    assert 2e6 < len(page(large).encode()) < 8e6


@pytest.mark.long
def test_only_the_median_run_of_a_case_has_a_timeline_and_it_is_thinned(large: list[CaseResult]) -> None:
    columns = data_of(made(large[:5]))["runs"][0]
    durations = sorted(run.duration_s for run in large[0].runs)
    assert columns["timeline"]["of"] == 1300
    assert len(columns["timeline"]["end"]) == len(columns["timeline"]["took"]) == POINTS
    assert columns["timeline"]["end"][-1] * columns["timeline"]["unit_s"] == pytest.approx(
        durations[2], rel=1e-4
    )


@given(st.integers(0, 5000), st.integers(2, 400))
def test_thinning_keeps_both_ends_and_no_more_than_fits(count: int, points: int) -> None:
    kept = rows(count, points)
    assert len(kept) == min(count, points)
    assert kept == sorted(set(kept))
    assert not count or (kept[0], kept[-1]) == (0, count - 1)


@given(st.floats(min_value=1e-9, max_value=1e12))
def test_rounding_is_within_half_of_the_last_digit(value: float) -> None:
    short = rounded(value)
    assert short is not None
    assert abs(short - value) <= 0.00501 * value


@given(st.lists(st.floats(width=64)), st.integers(2, 6))
def test_a_column_is_rounded_as_each_of_its_values_is(values: list[float], digits: int) -> None:
    found = rounded_column(values, digits)
    assert len(found) == len(values)
    for value, short in zip(values, found, strict=True):
        if short is None or short == rounded(value, digits):
            assert type(short) is type(rounded(value, digits))
            continue
        assert short == rounded(short, digits)
        assert abs(short - value) == pytest.approx(abs((rounded(value, digits) or 0) - value), rel=1e-9)


def test_what_json_has_no_word_for_is_nothing() -> None:
    values = [float("nan"), float("inf"), 0.0]
    assert [rounded(value) for value in (None, *values)] == [None, None, None, 0]
    assert rounded_column(values) == [None, None, 0]


def hostile() -> list[CaseResult]:
    one, other = small()
    doubt = Doubt(code=HOSTILE, text=HOSTILE, remedy=HOSTILE)
    runs = (run(profile=HOSTILE, study=HOSTILE, doubts=[doubt]),)
    key = replace(one.key, profile=HOSTILE, study=HOSTILE, orthanc=HOSTILE)
    environment = replace(one.environment, pacs=HOSTILE, images={HOSTILE: HOSTILE})
    failure = Failure(message=HOSTILE, remedy=HOSTILE, exit_code=1)
    return [replace(one, key=key, runs=runs, environment=environment, failure=failure), other]


def test_names_cannot_end_a_script_nor_begin_an_element() -> None:
    gate = replace(GATE, gate=replace(GATE.gate, text=HOSTILE), case=HOSTILE)
    html = document(hostile(), [gate], title=HOSTILE, library="")
    assert "alert(1)</script>" not in html
    assert "<img" not in html
    assert html.count("</script>") == made(small()).count("</script>")
    assert HOSTILE in data_of(html)["labels"][0]


def test_the_policy_names_both_scripts_by_their_digests() -> None:
    html = document(small(), [], title="A report", library="let charts = 1;")
    policy = re.search(r"script-src ([^\"]*)", html)
    assert policy
    packed = re.search(r'<script id="library"[^>]*>(.*?)</script>', html)
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    assert packed
    assert script
    texts = [gzip.decompress(base64.b64decode(packed[1])), script[1].encode()]
    digests = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in texts]
    assert policy[1].replace("&#39;", "'") == " ".join(f"'sha256-{digest}'" for digest in digests)


def test_a_case_is_called_by_what_distinguishes_it() -> None:
    keys = [replace(small()[0].key, max_pdu=size, profile=name) for size in (1, 2) for name in ("a", "b")]
    assert labels(keys) == ["a, PDU 1", "b, PDU 1", "a, PDU 2", "b, PDU 2"]
    assert labels(keys[:1]) == ["a"]


def test_what_most_cases_have_goes_without_saying() -> None:
    keys = [replace(small()[0].key, profile=str(number)) for number in range(4)]
    keys.append(replace(keys[0], ack="delayed"))
    assert labels(keys) == ["0", "1", "2", "3", "0, ack delayed"]


def test_all_cases_of_a_large_experiment_have_names_of_their_own(large: list[CaseResult]) -> None:
    names = labels([result.key for result in large])
    assert len(set(names)) == len(names) == 500


def test_verdicts_come_first_and_failed_gates_first_among_them() -> None:
    good = verdict("first_image < 9 s", "wan-20ms", 0.1, passed=True)
    html = made(many(3, runs=1, instances=5), good, GATE)
    order = [html.index(f'<section id="{name}"') for name in ("verdicts", "cases", "profiles", "prediction")]
    assert order == sorted(order)
    assert html.index("duration.median &lt; 1 s") < html.index("first_image &lt; 9 s")
    assert "1 of 2</strong> gates passed" in html
    assert "1300 of 1300 instances did not arrive (exit code 6)" in html


def test_nothing_measured_is_a_page_too() -> None:
    assert "No case was run" in made(many(1))
    assert "No gates" in made([])


def test_few_runs_do_not_claim_95_percent() -> None:
    cases = page_cases(many(3, runs=5, instances=5))
    assert "93.8 % with 5 runs" in level_note(cases)
    assert spread_columns(cases, "duration")["median"][2] is None
    assert (
        level_note(page_cases(many(3, runs=6, instances=5))) == "The bars are 95 % intervals of the median."
    )


def test_cases_share_the_slot_of_their_profile() -> None:
    found = places(page_cases(many(8, runs=1, instances=5)))
    assert found["profiles"] == ["baseline", "lan-1g", "mpls-hospital", "wan-20ms", "geo-sat"]
    assert [round(at) for at in found["at"]] == [0, 1, 2, 3, 4, 0, 1, 2]
    assert len(set(found["at"])) == 8
    assert found["groups"] == ["C-MOVE", "C-STORE"]


def test_a_case_far_from_its_prediction_says_what_else_goes_on() -> None:
    lossy = many(4, runs=1, instances=50)[2]
    assert lossy.prediction
    far = replace(lossy, prediction=replace(lossy.prediction, duration_s=0.5))
    (row,) = predicted_rows(page_cases([far]))
    assert row.parted
    assert "14 packets were dropped" in row.why
    assert "wide, narrow" in row.why


def test_a_case_near_its_prediction_is_not_explained() -> None:
    (row,) = predicted_rows(page_cases([replace(small()[0], runs=(run(expected_s=0.25, duration_s=0.26),))]))
    assert (row.parted, row.why, row.off) == (False, "", "+4 %")


def test_a_difference_without_a_trace_is_called_that() -> None:
    (row,) = predicted_rows(page_cases([replace(small()[0], runs=(run(expected_s=0.25, duration_s=0.4),))]))
    assert row.why == NOTHING_FOUND


def test_runs_that_are_far_from_each_other_are_a_reason() -> None:
    runs = (run(expected_s=0.25, duration_s=0.33), run(expected_s=0.25, duration_s=0.48))
    (row,) = predicted_rows(page_cases([replace(small()[0], runs=runs)]))
    assert row.why == "its own runs are as far apart: 0.33 s to 0.48 s"


def test_programs_stand_one_a_line_by_their_own_names() -> None:
    one = small()[0]
    programs = {"tester: python": "Python 3.13.5", "dcmtk: storescu": "$dcmtk: storescu v3.6.9 2024-12-11 $"}
    found = environments(page_cases([replace(one, environment=replace(one.environment, programs=programs))]))
    (values,) = [row.values for row in found.rows if row.fact == "programs"]
    assert values == ["tester: Python 3.13.5\ndcmtk: dcmtk: storescu v3.6.9 2024-12-11"]


def test_the_time_of_the_runs_is_said_once_and_in_utc() -> None:
    runs = (run(started="2026-01-01T23:59:58.000+01:00"), run(started="2026-01-01T23:03:00.000+00:00"))
    assert "2026-01-01 22:59 to 23:03 UTC" in made([replace(small()[0], runs=runs)])


def test_gaps_are_counted_where_they_belong() -> None:
    end_s = [0.1, 0.11, 0.12, 0.22, 0.22]
    timeline = replace(run().timeline, end_s=end_s, begin_s=[], dataset_bytes=[1] * 5, association=[])
    found = gap_columns(run(timeline=timeline))
    bins = {round((found["first"] + place) / 20, 2): n for place, n in enumerate(found["counts"]) if n}
    assert sum(bins.values()) == 4
    assert bins[-3.0] == 1
    assert sum(count for edge, count in bins.items() if 0.9 <= edge <= 1.0) == 2


def test_an_old_record_has_ends_only() -> None:
    timeline = replace(run().timeline, begin_s=[], association=[])
    found = timeline_columns(run(timeline=timeline))
    assert (found["end"], found["took"], found["by"]) == ([10000, 25000], [], [])


def test_the_stretches_add_up_to_what_was_moved() -> None:
    moved = many(2, runs=1, instances=200)[0].runs[0]
    found = speed_columns(moved)
    assert sum(found["mbit_s"]) * found["stretch_s"] == pytest.approx(200 * 160_000 * 8e-6, rel=0.01)


def test_few_instances_at_an_even_pace_are_an_even_throughput() -> None:
    """Ends that fall into stretches one by one would make peaks and holes of it."""
    end_s = [0.01 * (row + 1) for row in range(48)]
    timeline = replace(
        run().timeline,
        begin_s=[0.0, *end_s[:-1]],
        end_s=end_s,
        dataset_bytes=[1000] * 48,
        association=[0] * 48,
    )
    assert set(speed_columns(run(timeline=timeline))["mbit_s"]) == {0.8}


def test_nothing_was_received_before_the_first_byte() -> None:
    timeline = replace(run().timeline, begin_s=[0.2, 0.3], end_s=[0.3, 0.4], dataset_bytes=[1000, 1000])
    assert speed_columns(run(timeline=timeline))["mbit_s"] == [0, 0.08]


def pinged(count: int, lost: int) -> RttSeries:
    at_s = [0.2 * row - 0.4 for row in range(count)]
    return RttSeries(at_s=at_s, rtt_ms=[40.0 + row % 7 for row in range(count)], lost=lost)


def test_round_trips_while_it_lasted_are_thinned_and_what_was_lost_is_counted() -> None:
    found = ping_columns(run(rtt=pinged(1000, lost=3)))
    assert found
    assert len(found["at_s"]) == len(found["rtt_ms"]) == POINTS
    assert (found["answered"], found["lost"], found["highest_ms"]) == (1000, 3, 46)
    assert (found["at_s"][0], found["at_s"][-1]) == (-0.4, 199.4)


def test_pings_that_were_all_lost_are_said_and_none_at_all_are_not() -> None:
    found = ping_columns(run(rtt=pinged(0, lost=25)))
    assert found
    assert (found["at_s"], found["lost"], found["highest_ms"]) == ([], 25, None)
    assert ping_columns(run(rtt=pinged(0, lost=0))) is None
    assert ping_columns(run()) is None


def test_the_page_says_which_plan_it_is_of() -> None:
    plan = PlanPlace(plan="nightly", sha256="1c3bf7822de19b50", order="interleaved", seed=7, number=1, of=8)
    results = [
        replace(result, plan=replace(plan, number=number), runs=(run(round=1), run(round=2)))
        for number, result in enumerate(small(), 1)
    ]
    expected = "nightly: 2 of 8 cases, order interleaved, seed 7, 2 rounds, SHA-256 1c3bf7822de1"
    assert plan_lines(page_cases(results)) == [expected]
    assert f"<b>Plan</b> {expected}." in made(results)
    assert "<b>Plan</b>" not in made(small())


def test_what_all_cases_have_in_common_is_said() -> None:
    one, other = (result.key for result in small())
    assert common([one, other])[:3] == ["study quick", "C-MOVE", "PDU 131072"]
    assert "ack quick" in common([one, replace(other, method="lab", ack="")])
    assert "study quick" not in common([one, replace(other, study="reference")])


def test_the_worst_of_its_runs_is_said_of_the_machine() -> None:
    quiet = MachineRecord(busy_ratio=0.1, steal_ratio=0.0, throttled_s={"orthanc": 0.0}, clock_jump_s=-3e-7)
    loud = MachineRecord(busy_ratio=0.97, steal_ratio=0.05, throttled_s={"orthanc": 1.5}, clock_jump_s=-0.25)
    half = CacheRecord(declared="warm", storage_bytes=1000, in_memory_bytes=995)
    runs = (run(condition=quiet, cache=half), run(condition=loud, cache=replace(half, in_memory_bytes=1000)))
    (row,) = condition_rows(page_cases([replace(small()[0], runs=runs)]))
    assert row.cells == ["97 %", "5 %", "orthanc 1.5 s", "-250", "warm", "99.5 %"]


def test_of_a_machine_that_nobody_watched_nothing_is_said() -> None:
    assert condition_rows(page_cases(small())) == []
    assert "What else went on" not in made(small())
    unknown = MachineRecord(busy_ratio=None, steal_ratio=None, throttled_s={}, clock_jump_s=0.0)
    (row,) = condition_rows(page_cases([replace(small()[0], runs=(run(condition=unknown),))]))
    assert row.cells == ["-", "-", "-", "0", "-", "-"]


def test_a_case_has_its_p95_and_its_outliers_beside_the_median() -> None:
    times_s = (1.0, 1.1, 0.9, 1.0, 1.05, 9.0)
    (case,) = results_of([record_of([run(duration_s=time_s) for time_s in times_s])])
    (row,) = case_rows(page_cases([case]))
    cells = dict(zip(COLUMNS[2:], (cell.text for cell in row.cells), strict=True))
    assert (cells["duration s"], cells["p95 s"], cells["outliers"]) == ("1.02", "9", "1")
    (nothing,) = case_rows(page_cases([replace(case, runs=())]))
    assert [cell.text for cell in nothing.cells[2:5]] == ["-", "-", "-"]


def test_the_path_is_told_in_the_terms_of_rfc_6349() -> None:
    down = Flow(mbit_s=50, buffer_delay_ratio=0.25, transfer_time_ratio=1.95)
    path = PathRecord(down=down, up=Flow(mbit_s=1))
    (row,) = link_rows(page_cases(results_of([record_of([run(path=path), run()])])))
    cells = dict(zip(LINK_COLUMNS[1:], row.cells, strict=True))
    assert (cells["buffer delay"], cells["transfer time"]) == ("25 %", "1.95")


def test_a_link_is_said_once_as_it_was_read_back_with_what_it_counted() -> None:
    half = Link(rate_bit_s=1e8, delay_s=0.01, buffer_s=0.05)
    counted = QdiscCounters(sent_bytes=None, sent_packets=100, dropped_packets=1)
    link = replace(
        run().link,
        seed={"pacs": 12, "tester": 34},
        dropped_packets={"pacs": 2, "tester": 1},
        assumed=["buffer"],
        read_back={"pacs": half, "tester": Link()},
        segmentation_offload={"pacs": False, "tester": False},
        counters_before={"pacs": counted},
        counters_after={"pacs": replace(counted, sent_packets=350)},
    )
    runs = (run(link=link, shaper="tun", profile="lan"), run(link=link, shaper="tun", profile="lan"))
    result = replace(small()[0], runs=runs)
    (row,) = read_back_rows(page_cases([result]))
    shaped = "100 mbit, buffer 50 ms, delay 10 ms"
    assert row.cells == ["lan", "tun", "2", shaped, "not shaped", "500", "6", "off", "12, 34", "-", "buffer"]
    case = replace(plan().cases[0], profile=replace(profile_named("wan-20ms"), source="a contract"))
    (row,) = read_back_rows(page_cases([replace(result, case=case)]))
    assert row.cells[-2:] == ["a contract", "buffer"]


def test_every_impairment_of_a_link_is_said() -> None:
    half = Link(
        delay_s=0.02,
        jitter_s=0.002,
        jitter_distribution="pareto",
        loss_ratio=0.01,
        loss_burst_packets=3,
        duplicate_ratio=0.001,
        corrupt_ratio=0.002,
        reorder_ratio=0.25,
    )
    assert half_in_words(half) == (
        "delay 20 ms, jitter 2 ms pareto, 1% lost in runs of 3, 0.1% twice, 0.2% corrupt, 25% reordered"
    )


def test_the_load_is_what_was_used_between_two_readings() -> None:
    (host, _) = load_columns(many(2, runs=1, instances=200)[0].runs[0])
    assert host["host"] == "orthanc"
    assert len(host["at_s"]) == len(host["cores"]) == len(host["memory_mb"]) == 39
    assert host["cores"][0] == pytest.approx(0.75, rel=0.02)
    assert host["memory_mb"][-1] == 299


def test_a_doubt_is_said_once_with_its_cases_and_their_runs() -> None:
    paced, few = doubt_groups(page_cases(small()))
    assert (paced.title, paced.texts, paced.remedies) == ("Paced by bbr", ["BBR sends"], ["--cc reno"])
    assert few.title == "Few runs"
    assert paced.cases == few.cases == {"wan-20ms": 1}


def test_environments_that_differ_stand_side_by_side() -> None:
    one, other = small()
    found = environments(page_cases([one, replace(other, environment=replace(other.environment, cpus=4))]))
    assert found.cases == [1, 1]
    assert [(row.fact, row.values) for row in found.rows if row.differs] == [("CPUs", ["2", "4"])]


def test_a_report_begins_without_what_only_the_page_or_other_commands_need() -> None:
    needless = "{'jinja2', 'plotly', 'docker', 'pydicom'}"
    code = f"import sys, lab.cli.report, lab.report.html; print({needless} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"set()\n"


def test_a_chart_library_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(PreflightError, match="plotly"):
        page(small())
