"""Runs inside the guest: the receiver's processes, forked, for a new Python takes seconds there."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import IO, Any

from lab.inside import worker

_MOST_DESCRIPTORS = 1024


class ForkedWorker:
    """What the receiver uses of a subprocess.Popen: it has read ``argv``, and runs lab.inside.worker."""

    stdout: IO[bytes]

    def __init__(self, argv: Sequence[str], *, stdin: int, **_: Any) -> None:
        assert list(argv[1:]) == ["-m", worker.__name__]
        reader, writer = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            _serve(stdin, writer)
        os.close(writer)
        self.stdout = os.fdopen(reader, "rb", buffering=0)

    def wait(self, _timeout_s: float | None = None) -> None:
        """Until it has ended, which it does when it has told what it received."""
        if self._pid:
            os.waitpid(self._pid, 0)
            self._pid = 0

    def kill(self) -> None:
        """When it is still there."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)


def _serve(control: int, output: int) -> None:
    """Never returns."""
    code = 1
    try:
        os.dup2(control, 0)
        os.dup2(output, sys.stdout.fileno())
        os.closerange(3, _MOST_DESCRIPTORS)
        worker.main()
        code = 0
    finally:
        os._exit(code)
