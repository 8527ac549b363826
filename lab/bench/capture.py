"""A run once more, with what is on the wire kept beside its record.

Not one of the measured runs: a capture costs the machine some of what it measures.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from docker.models.containers import Container

from lab.errors import Interrupted, LabError, LockedError
from lab.model.link_state import PACS
from lab.system import container_files, netns
from lab.system.engine import Engine

_ROLE = "capture"
_FILE = "run.pcap"
_SNAPPED_BYTES = 256  # headers and the commands of DIMSE; of pixel data the beginning of a packet
_READY = b"listening on"
_READY_TIMEOUT_S = 10.0
_LAST_PACKETS_S = 0.5


def tried(capture: Callable[[], None], file: Path, say: Callable[[str], None]) -> None:
    """A capture that fails is told and ends nothing: what was measured is saved, and is what counts."""
    try:
        capture()
    except (Interrupted, LockedError):
        raise
    except LabError as error:
        say(f"{file.name}: not captured: {error.message}. Remedy: {error.remedy or 'run it again'}")


@contextmanager
def captured(engine: Engine, client: str, file: Path) -> Iterator[None]:
    """What goes between a client and the PACS while the block lasts, in ``file`` as pcap.

    Raises LabError when tcpdump does not start.
    """
    device = netns.read_hop(engine, client).device
    words = ["-Z", "root", "-p", "-n", "-U", "-s", str(_SNAPPED_BYTES), "-i", device, "-w", f"/tmp/{_FILE}"]
    argv = ["tcpdump", *words, "host", engine.address(PACS)]
    container = engine.start_sidecar(client, argv, role=_ROLE, may_listen=True)
    try:
        _wait_until_it_listens(container)
        yield
        time.sleep(_LAST_PACKETS_S)
        engine.stop(container)
        container_files.copy_out(container, f"/tmp/{_FILE}", file.parent)
        (file.parent / _FILE).rename(file)
    finally:
        engine.remove_sidecars(_ROLE)


def _wait_until_it_listens(container: Container) -> None:
    deadline_s = time.monotonic() + _READY_TIMEOUT_S
    while _READY not in container.logs():
        container.reload()
        if container.status == "exited" or time.monotonic() > deadline_s:
            said = container.logs().decode().strip()[-200:]
            msg = f"tcpdump did not start: {said}"
            raise LabError(msg, "lab images build, then lab up; or leave --pcap out")
        time.sleep(0.05)
