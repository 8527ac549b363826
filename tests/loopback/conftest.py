import gc
from collections.abc import Iterator

import pytest

from lab.model.exchange import Ceiling, CeilingOrder
from lab.system import local_agent
from tests.loopback.scripted import OPENED

_measure_ceiling = local_agent.ceiling
_ceilings: dict[str, Ceiling] = {}


@pytest.fixture(autouse=True)
def _receiver_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, with the same TLS and transfer syntaxes: it takes seconds of CPU, at each speed test."""

    def ceiling(order: CeilingOrder) -> Ceiling:
        kind = repr((order.receiver.tls, order.receiver.transfer_syntaxes))
        if kind not in _ceilings:
            _ceilings[kind] = _measure_ceiling(order)
        return _ceilings[kind]

    monkeypatch.setattr(local_agent, "ceiling", ceiling)


@pytest.fixture(autouse=True)
def _sockets_of_pynetdicom() -> Iterator[None]:
    """pynetdicom leaves a refused connection to the garbage collector; have it in its own test."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _connections_of_scripted_peers() -> Iterator[None]:
    """However a test leaves its peers, their connections end with it."""
    yield
    while OPENED:
        OPENED.pop().close()
