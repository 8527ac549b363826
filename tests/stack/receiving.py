"""Our receiver in the tester container, for other programs to send to."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab.dicom.syntaxes import acceptor_order
from tests.stack.lab import Lab


class Receiving:
    """What the agent says, line by line."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child

    def hear(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        said: dict[str, Any] = json.loads(self._child.stdout.readline())
        assert said["event"] != "failure", said
        return said

    def enough(self) -> dict[str, Any]:
        """Everything it received."""
        assert self._child.stdin is not None
        self._child.stdin.write("enough\n")
        self._child.stdin.flush()
        return self.hear()


@contextmanager
def receiving(lab: Lab, **changes: Any) -> Iterator[Receiving]:
    order = {
        "order": "receive",
        "ae_title": "STORESCP",
        "port": 9999,
        "max_pdu_bytes": 131072,
        "transfer_syntaxes": acceptor_order([]),
        "sink": "digest",
        **changes,
    }
    argv = ["docker", "exec", "-i", lab.container("tester"), "python3", "-m", "lab.inside.agent"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdin is not None
            child.stdin.write(json.dumps(order) + "\n")
            child.stdin.flush()
            one = Receiving(child)
            assert one.hear()["event"] == "listening"
            yield one
        finally:
            assert child.stdin is not None
            child.stdin.close()
            child.wait(10)
