"""A disk for a guest's docker engine: an ext4 file system that holds an engine's data with images in it.

A second engine, beside the one that has the images, fills the data; loading them in the guest would take
over a minute. It has a network namespace of its own, or it would take docker0 from the first.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("dockerd", "mkfs.ext4", "unshare")
_READY_TIMEOUT_S = 60
_SIZE = "4G"  # sparse


def engine_disk(tags: Sequence[str], folder: Path) -> Path:
    """Make the disk in ``folder``, with these images of the engine that is there."""
    data = folder / "data"
    with _second_engine(data, folder) as socket:
        _copy_images(tags, socket)
    disk = folder / "engine.ext4"
    subprocess.run(["mkfs.ext4", "-q", "-d", data, disk, _SIZE], stdout=subprocess.DEVNULL, check=True)
    shutil.rmtree(data)
    return disk


@contextmanager
def _second_engine(data: Path, folder: Path) -> Iterator[str]:
    """Yields the address of its socket."""
    socket, config, log = f"unix://{folder}/s", folder / "config.json", folder / "dockerd.log"
    config.write_text("{}")  # whatever the machine's own engine is told does not count
    places = [f"--data-root={data}", f"--exec-root={folder}/x", f"--pidfile={folder}/pid", f"--host={socket}"]
    options = [f"--config-file={config}", "--storage-driver=overlay2", "--bridge=none", "--iptables=false"]
    with (
        log.open("w") as said,
        subprocess.Popen(["unshare", "-n", "dockerd", *places, *options], stdout=said, stderr=said) as engine,
    ):
        try:
            _wait_until_ready(engine, socket, log)
            yield socket
        finally:
            engine.terminate()
            engine.wait(_READY_TIMEOUT_S)


def _wait_until_ready(engine: subprocess.Popen[bytes], socket: str, log: Path) -> None:
    deadline_s = time.monotonic() + _READY_TIMEOUT_S
    while subprocess.run(["docker", "-H", socket, "version"], capture_output=True, check=False).returncode:
        if engine.poll() is not None or time.monotonic() > deadline_s:
            raise RuntimeError(f"the second engine does not start: {log.read_text()[-3000:]}")
        time.sleep(0.2)


def _copy_images(tags: Sequence[str], socket: str) -> None:
    with subprocess.Popen(["docker", "save", *tags], stdout=subprocess.PIPE) as saving:
        subprocess.run(
            ["docker", "-H", socket, "load", "-q"], stdin=saving.stdout, stdout=subprocess.DEVNULL, check=True
        )
    if saving.returncode:
        raise RuntimeError(f"`docker save` ended with {saving.returncode}")
