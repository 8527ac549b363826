"""A container engine in memory: what its SDK's client would answer, and no daemon behind it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import docker

from lab.system.engine import BESIDE_LABEL, Engine
from lab.system.home import PROJECT_LABEL, ROLE_LABEL

PROJECT = "test"
Answer = Callable[["Box"], tuple[int, str]]


class Box:
    """A container, as far as the lab looks at one."""

    def __init__(
        self, command: Sequence[str] = (), *, labels: dict[str, str], status: str = "created"
    ) -> None:
        self.command = list(command)
        self.labels = {PROJECT_LABEL: PROJECT, **labels}
        self.status = status
        self.exit_code = 0
        self.output = ""
        self.name = self.id = f"box-{id(self)}"

    @property
    def attrs(self) -> dict[str, Any]:
        return {"State": {"ExitCode": self.exit_code, "StartedAt": "then"}}


class Boxes:
    """The containers of an engine; ``answers`` what a short-lived one that is started prints."""

    def __init__(self, *boxes: Box, answers: Answer = lambda _: (0, "")) -> None:
        self.all = list(boxes)
        self.answers = answers

    def list(self, *, filters: dict[str, list[str]], **_: object) -> list["_Handle"]:
        wanted = dict(label.split("=", 1) for label in filters["label"])
        return [_Handle(self, box) for box in self.all if wanted.items() <= box.labels.items()]

    def create(
        self, _image: str, command: Sequence[str], *, labels: dict[str, str], **_: object
    ) -> "_Handle":
        box = Box(command, labels=labels)
        self.all.append(box)
        return _Handle(self, box)


class _Handle:
    """What the SDK hands out: it knows a container's state of when it was asked for."""

    def __init__(self, boxes: Boxes, box: Box) -> None:
        self._boxes, self._box = boxes, box
        self.name, self.id, self.labels = box.name, box.id, box.labels
        self.status, self.attrs = box.status, box.attrs

    def start(self) -> None:
        self._box.exit_code, self._box.output = self._boxes.answers(self._box)
        self._box.status = "exited"

    def exec_run(self, argv: Sequence[str], **_: object) -> "Ran":
        code, output = self._boxes.answers(Box(argv, labels=self._box.labels))
        return Ran(code, (output.encode(), b""))

    def wait(self) -> dict[str, int]:
        return {"StatusCode": self._box.exit_code}

    def logs(self, *, stdout: bool = True, **_: object) -> bytes:
        return self._box.output.encode() if stdout else b""

    def stop(self, **_: object) -> None:
        self._box.status = "exited"

    def remove(self, **_: object) -> None:
        self._boxes.all.remove(self._box)


class Ran(NamedTuple):
    """What was run in a container: its exit code, stdout and stderr."""

    exit_code: int
    output: tuple[bytes, bytes]


class Client:
    """The SDK's."""

    def __init__(self, boxes: Boxes) -> None:
        self.containers = boxes

    def close(self) -> None:
        pass


def engine_of(boxes: Boxes) -> Engine:
    """The lab's engine over it."""
    engine = Engine(PROJECT)
    engine.client = cast("docker.DockerClient", Client(boxes))
    return engine


def host(service: str) -> Box:
    """One of the stack's containers, running."""
    return Box(labels={ROLE_LABEL: "host", "com.docker.compose.service": service}, status="running")


def shaper(role: str, service: str, *, status: str, exit_code: int = 0) -> Box:
    """A shaper beside a service."""
    box = Box(labels={ROLE_LABEL: role, BESIDE_LABEL: service}, status=status)
    box.exit_code = exit_code
    return box
