"""The shaped link on the real network of the stack."""

import re
import time
from typing import Any

import pytest

from tests.stack.lab import Lab, docker, ours

pytestmark = pytest.mark.usefixtures("clear_link")


def rtt_ms(lab: Lab) -> float:
    output = lab("exec", "tester", "ping", "-n", "-c", "11", "-i", "0.05", "orthanc").stdout
    return sorted(float(found) for found in re.findall(r"time=([\d.]+)", output))[5]


def test_a_profile_is_read_back_and_felt_and_cleared(lab: Lab) -> None:
    state = lab.json("net", "apply", "wan-20ms")
    assert state["profile"] == "wan-20ms"
    assert {host["service"] for host in state["hosts"]} == {"orthanc", "dcmtk", "tester"}
    assert rtt_ms(lab) == pytest.approx(40, abs=2)
    lab("net", "clear")
    assert lab.json("net", "status")["profile"] == "baseline"
    assert rtt_ms(lab) < 2


def test_clearing_a_clear_link_is_fine(lab: Lab) -> None:
    lab("net", "clear")
    lab("net", "clear")


def test_one_profile_takes_the_place_of_another(lab: Lab) -> None:
    lab("net", "apply", "transatlantic")
    assert lab.json("net", "apply", "4g-lte")["profile"] == "4g-lte"
    assert lab.json("net", "status")["profile"] == "4g-lte"


@pytest.mark.alone
def test_a_rate_is_felt(lab: Lab) -> None:
    """The shaper's tolerance, on a link that loses nothing by chance: one retry on a busy machine."""
    lab("net", "apply", "lan-100m")
    if not 85 < goodput_mbit_s(lab) < 100:
        assert 85 < goodput_mbit_s(lab) < 100


def goodput_mbit_s(lab: Lab) -> float:
    runs = lab.json("bench", "move", "quick", "--runs", "1", "--warmup", "0")["runs"]
    return float(runs[0]["path_mbit_s"])


def test_congestion_control_is_set_read_back_and_put_back(lab: Lab) -> None:
    kernel = {host["congestion_control"] for host in lab.json("net", "status")["hosts"]}
    state = lab.json("net", "apply", "wan-20ms", "--cc", "reno")
    assert {host["congestion_control"] for host in state["hosts"]} == {"reno"}
    lab("net", "clear")
    assert {host["congestion_control"] for host in lab.json("net", "status")["hosts"]} == kernel


def test_a_congestion_control_that_is_not_to_be_had_is_no_stack_trace(lab: Lab) -> None:
    said = lab("net", "apply", "wan-20ms", "--cc", "nonsense", code=3).stderr
    assert "cannot have the congestion control 'nonsense'" in said
    assert lab.json("net", "status")["profile"] == "baseline"


def test_a_dry_run_prints_the_commands_and_changes_nothing(lab: Lab) -> None:
    printed = lab("net", "apply", "wan-20ms", "--shaper", "tun", "--dry-run").stdout
    assert "# in the network namespace of orthanc" in printed
    assert "lab.inside.emulator" in printed
    assert lab("net", "clear", "--dry-run").stdout.count("# in the network namespace") == 3
    assert lab.json("net", "status")["profile"] == "baseline"


def test_when_an_emulator_is_killed_traffic_flows_and_the_status_says_so(lab: Lab) -> None:
    lab("net", "apply", "wan-20ms", "--shaper", "tun")
    kill_emulators(lab)
    time.sleep(1)
    assert rtt_ms(lab) < 2
    state = lab.json("net", "status")
    assert {host["trouble"] for host in state["hosts"]} == {"its emulator has died: traffic flows unshaped"}
    lab("net", "clear")
    assert {host["trouble"] for host in lab.json("net", "status")["hosts"]} == {""}
    assert len(ours(lab.project)["containers"]) == 3


def test_the_next_command_tells_of_an_emulator_that_died(lab: Lab) -> None:
    lab("net", "apply", "wan-20ms", "--shaper", "tun")
    kill_emulators(lab)
    said = lab("net", "status").stderr
    assert "the emulator beside orthanc has died" in said


def test_an_emulator_that_somebody_took_away_is_missed(lab: Lab) -> None:
    lab("net", "apply", "wan-20ms", "--shaper", "tun")
    docker("rm", "--force", *emulators(lab))
    state = lab.json("net", "status")
    missed = "somebody changed it since: lab net apply wan-20ms shapes it"
    assert {host["trouble"] for host in state["hosts"]} == {missed}


def test_a_link_for_a_while_takes_itself_off(lab: Lab) -> None:
    lab("net", "apply", "wan-20ms", "--duration", "20s")
    assert lab.json("net", "status")["profile"] == "wan-20ms"
    time.sleep(20)
    state = lab.json("net", "status")
    assert (state["profile"], {host["trouble"] for host in state["hosts"]}) == ("baseline", {""})
    assert {host["congestion_control"] for host in state["hosts"]} == kernels_own(state)
    assert len(ours(lab.project)["containers"]) == 3


def kernels_own(state: Any) -> set[str]:
    return {host["kernel_congestion_control"] for host in state["hosts"]}


def test_a_container_that_was_restarted_is_noticed(lab: Lab) -> None:
    lab("net", "apply", "wan-20ms")
    docker("restart", "-t", "0", lab.container("dcmtk"))
    state = lab.json("net", "status")
    trouble = {host["service"]: host["trouble"] for host in state["hosts"]}
    assert state["profile"] == "custom"
    assert trouble == {
        "dcmtk": "started again since: lab net apply wan-20ms shapes it",
        "orthanc": "",
        "tester": "",
    }
    assert lab.json("net", "apply", "wan-20ms")["profile"] == "wan-20ms"


def test_the_seed_that_is_asked_for_is_in_force_and_another_at_each_host(lab: Lab) -> None:
    first, again, other = (seeds(lab, seed) for seed in ("5", "5", "6"))
    assert first == again != other
    assert len(set(first)) == 3


def seeds(lab: Lab, seed: str) -> list[int]:
    return [
        host["seed"]
        for host in lab.json("net", "apply", "4g-lte", "--shaper", "tun", "--seed", seed)["hosts"]
    ]


def test_a_link_given_on_the_command_line_is_applied_without_a_file(lab: Lab) -> None:
    state = lab.json("net", "apply", "--delay", "5ms", "--rate", "50mbit")
    assert {(host["link"]["delay_s"], host["link"]["rate_bit_s"]) for host in state["hosts"]} == {
        (0.005, 5e7)
    }
    assert rtt_ms(lab) == pytest.approx(10, abs=2)
    assert lab.json("net", "status")["profile"] == state["profile"] != "custom"


def emulators(lab: Lab) -> list[str]:
    labels = f"label=org.dicom-lab.project={lab.project}", "label=org.dicom-lab.role=emulator"
    return docker("ps", "-q", "--filter", labels[0], "--filter", labels[1]).split()


def kill_emulators(lab: Lab) -> None:
    for container in emulators(lab):
        docker("kill", "--signal", "KILL", container)


def test_a_missing_netem_is_an_answer_and_no_stack_trace(lab: Lab) -> None:
    """Where the kernel has netem, it works; where it has not, tc's own words and what to use instead."""
    ended = lab.start("net", "apply", "wan-20ms", "--shaper", "netem")
    _, stderr = ended.communicate(timeout=60)
    assert ended.returncode in (0, 3)
    assert ended.returncode == 0 or "use --shaper tun" in stderr
