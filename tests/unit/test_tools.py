"""What a tool's container is given: the current folder, whatever its name, and the lab's certificate."""

import csv
from pathlib import Path

import pytest

from lab.stack.tools import certificate_mounts, mount
from lab.system import settings
from lab.system.home import Home


@pytest.mark.parametrize("name", ["/plain", "/with blank", "/with:colon", "/with,comma", '/with"quote', "/é"])
def test_whatever_a_folder_is_called_it_is_one_field(name: str) -> None:
    fields = ["type=bind", f"source={name}", f"target={name}", "readonly"]
    assert list(csv.reader([mount(name, name, "readonly")])) == [fields]


@pytest.mark.parametrize("tls", [False, True])
def test_a_tool_has_the_tools_hosts_certificate_in_a_lab_with_tls(tls: bool, tmp_path: Path) -> None:
    home = Home(tmp_path, "a-lab")
    settings.ensure(home, tls=tls)
    mounted = [word for word in certificate_mounts(home) if word != "--mount"]
    folder = home.tls_folder
    of_the_tools = {"dcmtk.key": "key", "dcmtk.pem": "certificate", "ca.pem": "ca"}
    wanted = [
        f"type=bind,source={folder / file},target=/etc/lab-tls/{name}.pem,readonly"
        for file, name in of_the_tools.items()
    ]
    assert mounted == (wanted if tls else [])


def test_before_the_first_up_there_is_nothing_to_give(tmp_path: Path) -> None:
    assert list(certificate_mounts(Home(tmp_path, "a-lab"))) == []
