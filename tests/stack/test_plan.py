"""Experiments on the real stack: run, killed, resumed, failed, gated, captured, run again."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Screen
from tests.stack.lab import Lab, docker

LONG = "LAB_TESTS_LONG" in os.environ
METHODS = ["c-move", "lab"]
PROFILES = ["baseline", "./slow.toml", "metro-fibre", "mpls-hospital", "wan-20ms"]
MAX_PDUS = [16384, 65536, 131072]
CASES = len(METHODS) * len(PROFILES) * len(MAX_PDUS)
RUNS = 3 if LONG else 1
LONGEST_S = 3600 if LONG else 900


def plan_of(profiles: list[str], max_pdus: list[int], runs: int) -> str:
    return f"""
description = "moves and stores over some links"
source = "a test"
studies = ["quick"]
profiles = {json.dumps(profiles)}
methods = {json.dumps(METHODS)}

[knobs]
max_pdu = {max_pdus}

[repeats]
warmup = 0
at_least = {runs}
at_most = {runs}
"""


PLAN = plan_of(PROFILES, MAX_PDUS, RUNS)

pytestmark = pytest.mark.timeout(LONGEST_S)

SLOW = """
description = "a line of 50 Mbit/s"
source = "a test"

[down]
rate = "50mbit"
delay = "1ms"
"""


def written(folder: Path, text: str, name: str = "plan") -> str:
    file = folder / f"{name}.toml"
    file.write_text(text)
    return str(file)


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(folder.glob("case-*.json"))]


def runs_in(folder: Path) -> int:
    return sum(len(record["runs"]) for record in records(folder))


def until_runs(folder: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Until so many runs are saved."""
    deadline = time.monotonic() + LONGEST_S / 5
    while not folder.is_dir() or runs_in(folder) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)


def stopped_after(lab: Lab, count: int, how: signal.Signals, *words: str, folder: Path) -> None:
    process = lab.start("bench", "run", *words, "--save", str(folder))
    until_runs(folder, count, process)
    os.killpg(process.pid, how)
    process.communicate()


def configuration(lab: Lab) -> str:
    return docker("exec", lab.container("orthanc"), "cat", "/etc/orthanc-lab/orthanc.json")


@pytest.fixture(scope="module")
def experiment(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan that was killed twice, the second time by Ctrl-C, and gone on with."""
    folder = tmp_path_factory.mktemp("experiment")
    written(folder, SLOW, "slow")
    plan, save = written(folder, PLAN), folder / "records"
    stopped_after(lab, 2, signal.SIGKILL, plan, folder=save)
    stopped_after(lab, 8, signal.SIGINT, plan, "--resume", folder=save)
    assert 8 <= runs_in(save) < CASES * RUNS
    lab("bench", "run", plan, "--resume", "--save", str(save))
    return save


def test_a_plan_that_was_killed_twice_has_every_run_once(experiment: Path) -> None:
    found = records(experiment)
    assert len(found) == CASES
    assert {len(record["runs"]) for record in found} == {RUNS}
    turns = sorted(run["turn"] for record in found for run in record["runs"])
    assert turns == list(range(1, CASES * RUNS + 1))
    assert all(record["failure"] is None for record in found)


def test_rounds_are_interleaved(lab: Lab, tmp_path: Path) -> None:
    plan = written(tmp_path, plan_of(["baseline"], [16384], runs=2))
    made = lab.json("bench", "run", plan, "--save", str(tmp_path / "records"))
    rounds = {run["turn"]: run["round"] for record in made for run in record["runs"]}
    assert [rounds[turn] for turn in sorted(rounds)] == [1, 1, 2, 2]


def test_a_record_says_what_it_was_made_under(experiment: Path) -> None:
    moved = next(record for record in records(experiment) if record["case"]["method"] == "c-move")
    run, environment = moved["runs"][0], moved["environment"]
    assert run["path"]["down"]["mbit_s"] > 0
    assert run["efficiency"] == pytest.approx(run["throughput_mbit_s"] / run["path_mbit_s"])
    assert run["cache"]["declared"] == "warm"
    assert run["cache"]["in_memory_bytes"] >= run["dataset_bytes"]
    assert run["condition"]["clock_jump_s"] == pytest.approx(0, abs=0.5)
    assert environment["programs"]["dcmtk: storescu"].startswith("$dcmtk: storescu v3.6.9")
    assert len(environment["pacs_configuration_sha256"]) == 64
    assert environment["limits"]["orthanc"] == {"cpus": None, "memory_bytes": None}


def test_what_was_sent_is_no_longer_than_the_case_allows(experiment: Path) -> None:
    for record in records(experiment):
        assert {run["max_pdu"] for run in record["runs"]} == {record["case"]["max_pdu_bytes"]}


def test_a_shaped_case_has_its_prediction_and_the_link_as_read_back(experiment: Path) -> None:
    for record in records(experiment):
        if record["case"]["profile"]["name"] == "slow":
            run = record["runs"][-1]
            assert isinstance(record["case"]["profile"]["seed"], int)
            assert record["prediction"]["duration_s"] == pytest.approx(run["expected_s"])
            assert run["link"]["read_back"]["pacs"]["rate_bit_s"] == pytest.approx(50e6, rel=1e-3)
            assert run["link"]["counters_after"]["pacs"]["sent_packets"] > 0


def test_the_link_is_as_it_was_found(lab: Lab, experiment: Path) -> None:
    assert experiment.is_dir()
    assert {host["shaper"] for host in lab.json("net", "status")["hosts"]} == {"none"}


def test_an_experiment_is_the_same_as_itself(lab: Lab, experiment: Path) -> None:
    said = lab.json("compare", str(experiment), str(experiment))
    assert len(said["cases"]) == CASES
    assert {measure["word"] for case in said["cases"] for measure in case["measures"]} == {"same"}


def test_an_experiment_is_reported(lab: Lab, experiment: Path, tmp_path: Path) -> None:
    page, junit = tmp_path / "page.html", tmp_path / "junit.xml"
    lab("report", str(experiment), "--html", str(page), "--junit", str(junit))
    assert "slow" in page.read_text()
    assert junit.read_text().count("<testcase") == CASES
    said = lab.json("report", str(experiment))
    assert len(said["cases"]) == CASES


def test_the_page_of_an_experiment_opens_in_a_browser(
    lab: Lab, experiment: Path, browser: Browser, tmp_path: Path
) -> None:
    """Its charts drawn from real runs, and nothing to complain of."""
    page = tmp_path / "page.html"
    lab("report", str(experiment), "--html", str(page))
    screen = Screen(browser, page)
    assert screen.page.locator("#case-table tbody tr").count() == CASES
    assert screen.page.get_by_role("combobox", name="Case").locator("option").count() == CASES
    assert screen.said == []
    screen.page.close()


def test_another_plan_does_not_go_into_the_same_folder(lab: Lab, experiment: Path, tmp_path: Path) -> None:
    written(tmp_path, SLOW, "slow")
    other = written(tmp_path, plan_of(PROFILES, [32768], RUNS))
    refused = lab("bench", "run", other, "--save", str(experiment), code=2)
    assert "holds runs of another plan" in refused.stderr


def test_a_case_is_run_again_from_its_record(lab: Lab, experiment: Path, tmp_path: Path) -> None:
    record = next(experiment.glob("case-*-quick-c-move-baseline.json"))
    again = lab("bench", "rerun", str(record), "--save", str(tmp_path))
    assert "duration s" in again.stdout
    (new,) = [json.loads(file.read_text()) for file in tmp_path.glob("*.json")]
    assert new["case"]["max_pdu_bytes"] == json.loads(record.read_text())["case"]["max_pdu_bytes"]


SETTINGS = """
description = "Orthanc's settings and cold caches; one case cannot be had, one gate does not hold"
source = "a test"
studies = ["quick"]
profiles = ["baseline"]
methods = ["c-move"]
gates = ["duration.median < 1 ms"]

[knobs]
tls = [false, true]
cache = ["cold"]
orthanc = { MaximumPduLength = 16384, StorageCompression = true }

[repeats]
warmup = 0
at_least = 1
at_most = 1
"""


@pytest.fixture(scope="module")
def failing(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What it said, and where its records are."""
    folder = tmp_path_factory.mktemp("failing")
    ended = lab(
        *("bench", "run", written(folder, SETTINGS), "--pcap", "--save", str(folder / "records")), code=99
    )
    return ended.stderr, folder / "records"


def test_a_case_that_fails_is_recorded_and_the_plan_goes_on(failing: tuple[str, Path]) -> None:
    stderr, folder = failing
    found = {record["case"]["tls"]: record for record in records(folder)}
    assert len(found[False]["runs"]) == 1
    assert found[True]["runs"] == []  # the stack is up without TLS
    assert "lab up --with tls" in found[True]["failure"]["remedy"]
    assert "failed: " in stderr


def test_a_gate_that_does_not_hold_is_told_first_and_is_the_exit_code(failing: tuple[str, Path]) -> None:
    assert "FAIL duration.median < 1 ms" in failing[0]


def test_cold_is_cold(failing: tuple[str, Path]) -> None:
    for record in records(failing[1]):
        for run in record["runs"]:
            assert run["cache"]["declared"] == "cold"
            assert run["cache"]["in_memory_bytes"] < 0.05 * run["cache"]["storage_bytes"]


def test_a_capture_lies_beside_the_record_of_each_case_that_has_a_number(
    failing: tuple[str, Path],
) -> None:
    captures = sorted(failing[1].glob("*.pcap"))
    assert [file.stem.split("-")[3:5] for file in captures] == [["c", "move"]]
    magic = {file.read_bytes()[:4] for file in captures}
    assert magic <= {b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"}
    assert all(1_000 < file.stat().st_size < 20_000_000 for file in captures)


def test_a_case_with_settings_of_orthanc_is_run_again_with_them(
    lab: Lab, failing: tuple[str, Path], tmp_path: Path
) -> None:
    (record,) = [file for file in failing[1].glob("case-*.json") if json.loads(file.read_text())["runs"]]
    said = lab.json("bench", "rerun", str(record), "--save", str(tmp_path))
    assert said["case"]["orthanc"] == {"MaximumPduLength": 16384, "StorageCompression": True}
    assert len(said["runs"]) == 1
    assert "differ" not in lab("compare", str(record), str(tmp_path)).stderr


def test_orthanc_has_the_labs_own_settings_again(lab: Lab, failing: tuple[str, Path]) -> None:
    assert failing
    assert '"MaximumPduLength": 131072' in configuration(lab)
    assert '"StorageCompression": false' in configuration(lab)


def test_settings_that_a_killed_plan_left_are_put_back_by_the_next_command(lab: Lab, tmp_path: Path) -> None:
    plan = written(tmp_path, SETTINGS.replace("[false, true]", "false"))
    process = lab.start("bench", "run", plan, "--save", str(tmp_path / "records"))
    deadline = time.monotonic() + 60
    while '"MaximumPduLength": 16384' not in configuration(lab):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    said = lab("net", "clear").stderr
    assert "was killed" in said
    assert '"MaximumPduLength": 131072' in configuration(lab)
