"""Pings beside a run, from within a host of the lab."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from lab.errors import LabError
from lab.system.engine import Engine

_SAID = "/tmp/lab-pings"
_LONGEST_S = 24 * 3600


@dataclass
class Said:
    """What ping printed; "" until the block has ended, and where it could not be run."""

    text: str = ""


@contextmanager
def pinging(engine: Engine, service: str, target: str, spacing_s: float) -> Iterator[Said]:
    """A ping each ``spacing_s`` while the block lasts. A measurement does not end for want of them."""
    said, words = Said(), f"-D -n -i {spacing_s:.3f} -w {_LONGEST_S} -W 3 {target}"
    with suppress(LabError):
        engine.exec(service, ["sh", "-c", f"exec ping {words} > {_SAID} 2>&1 &"])
    try:
        yield said
    finally:
        with suppress(LabError):
            engine.kill_in(service, "ping", "INT")
            said.text = engine.exec(service, ["sh", "-c", f"sleep 0.05; cat {_SAID}; rm {_SAID}"]).stdout
