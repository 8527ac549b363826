import gc
from collections.abc import Iterator

import pytest

from tests.loopback.scripted import OPENED


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
