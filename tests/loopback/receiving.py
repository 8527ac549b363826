"""A receiver that is up while a test talks to it."""

import selectors
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from lab.inside.receiver import Receiver
from lab.model.exchange import Received, ReceiverOrder


class Receiving:
    """Its loop runs in a thread, as it does in the agent."""

    def __init__(self, order: ReceiverOrder) -> None:
        self._selector = selectors.DefaultSelector()
        self.receiver = Receiver(order, self._selector)
        self.port = self.receiver.start()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._loop)
        self._thread.start()

    def stop(self) -> Received:
        self._enough.set()
        self._thread.join()
        return self.receiver.stop()

    def close(self) -> None:
        self._enough.set()
        self._thread.join()
        self.receiver.kill()
        self._selector.close()

    def _loop(self) -> None:
        while not self._enough.is_set():
            for key, _ in self._selector.select(0.05):
                with suppress(ChildProcessError):
                    self.receiver.serve(key.fileobj)


@contextmanager
def receiving(order: ReceiverOrder) -> Iterator[Receiving]:
    one = Receiving(order)
    try:
        yield one
    finally:
        one.close()
