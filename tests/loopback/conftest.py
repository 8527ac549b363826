import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _sockets_of_pynetdicom() -> Iterator[None]:
    """pynetdicom leaves a refused connection to the garbage collector; have it in its own test."""
    yield
    gc.collect()
