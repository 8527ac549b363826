"""Other people's PACSs on the loopback, with a synthetic study in them: dcmqrscp and pynetdicom's qrscp."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lab.data.synth import instance
from lab.model.study import Recipe
from tests.conftest import cannot_run
from tests.loopback.ports import free_port
from tests.unit.studies import SMALL

AE_TITLE = "PEER"
_READY_S = 20


@contextmanager
def dcmqrscp(folder: Path, own_port: int, recipe: Recipe = SMALL) -> Iterator[int]:
    """DCMTK's, which proposes JPEG-LS beside the plain syntaxes; yields its port."""
    if not shutil.which("dcmqrscp"):
        cannot_run("dcmqrscp is not installed here: Debian has it in dcmtk")
    files = study_files(folder / "db", recipe)
    port = free_port()
    config = folder / "dcmqrscp.cfg"
    config.write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
        f"HostTable BEGIN\nwe = (STORESCP, 127.0.0.1, {own_port})\nHostTable END\n"
        f"VendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\n{AE_TITLE} {folder / 'db'} RW (9, 64mb) ANY\nAETable END\n"
    )
    subprocess.run(["dcmqridx", str(folder / "db"), *map(str, files)], check=True)
    with _running(["dcmqrscp", "-xt", "-c", str(config)], port, folder):
        yield port


@contextmanager
def qrscp(folder: Path, own_port: int, recipe: Recipe = SMALL) -> Iterator[int]:
    """pynetdicom's, filled by its storescu; yields its port."""
    pytest.importorskip("sqlalchemy")
    files = study_files(folder / "files", recipe)
    port = free_port()
    config = folder / "qrscp.ini"
    config.write_text(
        f"[DEFAULT]\nae_title: {AE_TITLE}\nport: {port}\nmax_pdu: 16382\nacse_timeout: 30\n"
        f"dimse_timeout: 30\nnetwork_timeout: 30\nbind_address: 127.0.0.1\nlog_identifier: False\n"
        f"instance_location: {folder / 'instances'}\ndatabase_location: {folder / 'db.sqlite'}\n"
        f"[STORESCP]\naddress: 127.0.0.1\nport: {own_port}\n"
    )
    pynetdicom = [sys.executable, "-m", "pynetdicom"]
    with _running([*pynetdicom, "qrscp", "-c", str(config)], port, folder):
        subprocess.run([*pynetdicom, "storescu", "-cx", "127.0.0.1", str(port), *map(str, files)], check=True)
        yield port


def study_files(folder: Path, recipe: Recipe) -> list[Path]:
    folder.mkdir()
    files = [folder / f"{index}.dcm" for index in range(recipe.instances)]
    for index, file in enumerate(files):
        file.write_bytes(instance(recipe, index)[0])
    return files


@contextmanager
def _running(argv: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    """A peer that answers on its port while the block lasts; without Nagle's algorithm, to be quick."""
    log = folder / "peer.log"
    env = {**os.environ, "TCP_NODELAY": "1"}
    with log.open("wb") as output, subprocess.Popen(argv, stdout=output, stderr=output, env=env) as child:
        try:
            _await(port, child, log)
            yield
        finally:
            child.terminate()


def _await(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    until_s = time.monotonic() + _READY_S
    while time.monotonic() < until_s and child.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(f"{child.args!r} does not listen: {log.read_text()[-500:]}")
