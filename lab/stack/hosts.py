"""The stack's hosts, all at once."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lab.model.hop import Hop
from lab.system import netns
from lab.system.engine import Engine

T = TypeVar("T")


def read_hops(engine: Engine) -> dict[str, Hop]:
    """What each running host's kernel says of its way to the lab's network."""
    return at_each(engine.running_services(), lambda service: netns.read_hop(engine, service))


def started(engine: Engine) -> dict[str, str]:
    """When each running container was started, as the engine has it."""
    return {name: c.attrs["State"]["StartedAt"] for name, c in engine.running_services().items()}


def at_each(services: Iterable[str] | Mapping[str, object], do: Callable[[str], T]) -> dict[str, T]:
    """Do something at every service at once; the first failure is raised when all have ended."""
    names = list(services)
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        return dict(zip(names, pool.map(do, names), strict=True))
