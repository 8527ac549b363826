"""Up, down, and how the containers are kept."""

import json
import stat
import subprocess
from pathlib import Path

import pytest
import requests

from tests.stack.lab import NOTHING, Lab, docker, inspect, ours

SERVICES = ("orthanc", "dcmtk", "tester")
COMPOSE = Path(__file__).parents[2] / "compose/compose.yaml"


def test_up_on_a_running_lab_changes_nothing(lab: Lab) -> None:
    before = [inspect(lab.container(service))["Id"] for service in SERVICES]
    lab("up")
    assert [inspect(lab.container(service))["Id"] for service in SERVICES] == before


def test_every_service_is_ready_by_its_own_health_check(lab: Lab) -> None:
    status = lab.json("status")
    assert {service["service"]: service["ready"] for service in status["services"]} == dict.fromkeys(
        SERVICES, True
    )
    for service in SERVICES:
        assert inspect(lab.container(service))["Config"]["Healthcheck"]["Test"][0] == "CMD"


def test_everything_in_the_engine_carries_the_projects_label(lab: Lab) -> None:
    found = ours(lab.project)
    assert {kind: len(names) for kind, names in found.items()} == {
        "containers": 3,
        "networks": 1,
        "volumes": 1,
    }
    for service in SERVICES:
        labels = inspect(f"{lab.project}/{service}:latest")["Config"]["Labels"]
        assert labels["org.dicom-lab.project"] == lab.project


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_has_no_power_that_it_does_not_need(lab: Lab, service: str) -> None:
    host = inspect(lab.container(service))["HostConfig"]
    assert (host["Privileged"], host["CapDrop"], host["CapAdd"] or []) == (False, ["ALL"], [])
    assert not any("docker.sock" in bind for bind in host["Binds"] or [])
    assert lab("exec", service, "id", "-u").stdout.strip() != "0"


def test_ports_are_published_on_this_machine_only(lab: Lab) -> None:
    for service in SERVICES:
        bindings = inspect(lab.container(service))["HostConfig"]["PortBindings"] or {}
        addresses = {binding["HostIp"] for port in bindings.values() for binding in port}
        assert addresses <= {"127.0.0.1"}


def test_orthanc_wants_the_password_that_only_the_owner_can_read(lab: Lab) -> None:
    orthanc = lab.json("status")["orthanc"]
    env_file = lab.root / "projects" / lab.project / "compose.env"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert orthanc["password"] in env_file.read_text()
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(orthanc["url"] + "/system").status_code == 401
        system = session.get(orthanc["url"] + "/system", auth=(orthanc["user"], orthanc["password"])).json()
    assert (system["DicomAet"], system["DicomPort"]) == ("ORTHANC", 4242)


def test_the_pacs_knows_its_destinations_and_keeps_its_hands_off_the_syntax(lab: Lab) -> None:
    orthanc = lab.json("status")["orthanc"]
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (orthanc["user"], orthanc["password"])
        modalities = session.get(orthanc["url"] + "/modalities?expand").json()
        system = session.get(orthanc["url"] + "/system").json()
    found = {name: (m["AET"], m["Host"], m["Port"]) for name, m in modalities.items()}
    assert found == {
        "tester": ("STORESCP", "tester", 9999),
        "labhost": ("LABHOST", "labhost", 9999),
        "dcmtk": ("DCMTK", "dcmtk", 11112),
    }
    assert system["OverwriteInstances"] is True
    assert system["Version"].startswith("1.12.")


def test_orthanc_runs_without_nagle_and_the_variation_brings_it_back(lab: Lab) -> None:
    environment = inspect(lab.container("orthanc"))["Config"]["Env"]
    assert "TCP_NODELAY=1" in environment
    config = lab("dc", "-f", str(COMPOSE.with_name("with-nagle.yaml")), "config", "--format", "json").stdout
    assert json.loads(config)["services"]["orthanc"]["environment"]["TCP_NODELAY"] == "0"


def test_compose_works_by_hand_with_the_labs_settings(lab: Lab) -> None:
    env_file = lab.root / "projects" / lab.project / "compose.env"
    listed = docker("compose", "-f", str(COMPOSE), "--env-file", str(env_file), "ps", "--services")
    assert sorted(listed.split()) == sorted(SERVICES)
    assert sorted(lab("dc", "ps", "--services").stdout.split()) == sorted(SERVICES)


def test_what_the_caller_has_in_the_environment_does_not_get_into_another_lab(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_PROJECT", "another")
    monkeypatch.setenv("LAB_HTTP_PORT", "1")
    config = json.loads(lab("dc", "config", "--format", "json").stdout)
    assert config["services"]["tester"]["image"] == f"{lab.project}/tester"
    published = {port["published"] for port in config["services"]["orthanc"]["ports"]}
    assert "1" not in published


def test_the_tools_host_has_dcmtk_iperf3_and_ping_that_reach_the_pacs(lab: Lab) -> None:
    assert "v3.6.9" in lab("exec", "dcmtk", "echoscu", "--version").stdout
    lab("exec", "dcmtk", "echoscu", "-aec", "ORTHANC", "orthanc", "4242")
    lab("exec", "dcmtk", "ping", "-c", "1", "orthanc")
    lab("exec", "dcmtk", "iperf3", "--version")


def test_the_tester_has_pynetdicom_and_nothing_of_the_controller(lab: Lab) -> None:
    script = "import pynetdicom, lab.inside.agent; open('/tmp/x', 'w'); print(pynetdicom.__version__)"
    assert lab("exec", "tester", "python3", "-c", script).stdout.strip() == "3.0.4"
    for package in ("click", "docker", "lab.cli", "lab.system"):
        find = f"import importlib.util as u; print(u.find_spec({package!r}))"
        assert lab("exec", "tester", "python3", "-c", find).stdout.strip() == "None"
    for program in ("iperf3 --version", "ping -c 1 orthanc", "ip link", "tc qdisc"):
        lab("exec", "tester", *program.split())


def test_nothing_listens_on_the_testers_port_between_runs(lab: Lab) -> None:
    script = "import socket; socket.create_connection(('tester', 9999), 2)"
    assert "ConnectionRefusedError" in lab_exec(lab, "python3", "-c", script)


def lab_exec(lab: Lab, *words: str) -> str:
    ended = subprocess.run(lab.argv("exec", "tester", *words), capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr


def test_exit_codes_pass_through_exec_and_dc(lab: Lab) -> None:
    lab("exec", "tester", "sh", "-c", "exit 7", code=7)
    lab("dc", "exec", "-T", "tester", "sh", "-c", "exit 9", code=9)


def test_two_labs_live_side_by_side_and_the_second_leaves_without_a_trace(lab: Lab) -> None:
    beside = Lab(lab.root, f"{lab.project}-b")
    try:
        beside("up")
        one, other = lab.json("status")["orthanc"], beside.json("status")["orthanc"]
        assert one["url"] != other["url"]
        assert one["password"] != other["password"]
        lab("status")
    finally:
        beside("down", "--volumes")
        beside("images", "remove")
    assert ours(beside.project) == NOTHING
    assert lab.json("status")["services"][0]["ready"]


def test_a_taken_port_is_named_with_the_option_that_changes_it(lab: Lab) -> None:
    taken = lab.json("status")["orthanc"]["url"].rpartition(":")[2]
    beside = Lab(lab.root, f"{lab.project}-c")
    for name in SERVICES:
        docker("tag", f"{lab.project}/{name}", f"{beside.project}/{name}")
    try:
        said = beside("up", "--http-port", taken, code=3).stderr
        assert f"port {taken}" in said
        assert "--http-port" in said
        assert ours(beside.project) == NOTHING
        assert not (lab.root / "projects" / beside.project / "compose.env").exists()
    finally:
        beside("images", "remove")


def test_a_base_that_another_lab_is_built_on_stays(lab: Lab) -> None:
    """A second lab's images come and go beside the first one's."""
    base = docker("image", "inspect", "-f", "{{.Id}}", "dicom-lab/debian:trixie")
    second = Lab(lab.root, f"{lab.project}-second")
    second("images", "build")
    assert "debian" not in second("images", "remove").stdout
    assert docker("image", "inspect", "-f", "{{.Id}}", "dicom-lab/debian:trixie") == base


def test_images_travel_to_a_machine_without_a_network_as_one_file(lab: Lab, tmp_path: Path) -> None:
    there = Lab(tmp_path, f"{lab.project}-d")
    lab("images", "save", str(tmp_path / "images.tar"))
    try:
        there("images", "load", str(tmp_path / "images.tar"))
        assert [image["state"] for image in there.json("images", "list")] == ["current"] * 3
    finally:
        there("images", "remove")


def test_what_is_no_set_of_images_is_refused(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_text("no")
    assert "x.tar" in lab("images", "load", str(tmp_path / "x.tar"), code=2).stderr


def test_doctor_finds_this_machine_ready(lab: Lab) -> None:
    findings = {finding["check"]: finding for finding in lab.json("doctor")}
    assert {"engine", "compose", "netem", "ports", "tun", "disk"} <= findings.keys()
    assert "fail" not in {finding["state"] for finding in findings.values()}
