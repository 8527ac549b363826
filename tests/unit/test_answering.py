"""Programs that stay beside the hosts: asked again and again, started anew when a host was or they ended."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from typing import Any, cast

import pytest

from lab.errors import UnhealthyError
from lab.model.hop import Hop
from lab.system import netns, process
from lab.system.answering import Answering
from lab.system.engine import READER_ROLE, Engine
from lab.system.process import Conversation
from tests.unit.test_hops import PRINTED, hop

ECHOES = ["sh", "-c", 'while read line; do [ "$line" = end ] && exit; echo "$0 $line"; done']


class FakeEngine:
    """Containers are numbers, in the order in which they are started."""

    def __init__(self) -> None:
        self.starts = {"orthanc": "at noon", "tester": "at noon"}
        self.there: list[str] = []
        self.sidecars = 0
        self._numbers = count(1)

    def start_of(self, service: str) -> tuple[str, str]:
        return service, self.starts[service]

    def start_sidecar(self, service: str, _: object, *, role: str, answers: bool) -> Any:
        assert (role, answers) == (READER_ROLE, True)
        container = type("Box", (), {"id": f"{service}-{next(self._numbers)}"})()
        self.there.append(container.id)
        return container

    def remove(self, container: Any) -> None:
        self.there.remove(container.id)

    def address(self, _: str) -> str:
        return "172.18.0.3"

    def sidecar(self, *_: object, may_change: bool) -> str:
        assert not may_change
        self.sidecars += 1
        return json.dumps(PRINTED)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    real = process.conversation

    def attached(argv: list[str], first_line: str) -> AbstractContextManager[Conversation]:
        return real([*ECHOES, argv[-1]], first_line)

    monkeypatch.setattr(process, "conversation", attached)
    return FakeEngine()


@pytest.fixture
def beside(fake: FakeEngine) -> Iterator[Answering]:
    answers = Answering(cast("Engine", fake), ["a", "program"])
    yield answers
    answers.close()
    assert fake.there == []


def test_each_host_is_asked_by_one_program_again_and_again(beside: Answering, fake: FakeEngine) -> None:
    answers = [beside.ask(service, line) for line in "ab" for service in ("orthanc", "tester")]
    assert answers == ["orthanc-1 a\n", "tester-2 a\n", "orthanc-1 b\n", "tester-2 b\n"]
    assert fake.there == ["orthanc-1", "tester-2"]


def test_a_host_that_was_started_again_has_another_network_and_another_program(
    beside: Answering, fake: FakeEngine
) -> None:
    beside.ask("orthanc", "before")
    fake.starts["orthanc"] = "at one"
    assert beside.ask("orthanc", "after") == "orthanc-2 after\n"
    assert fake.there == ["orthanc-2"]


def test_one_that_ended_says_nothing_and_the_next_question_starts_another(
    beside: Answering, fake: FakeEngine
) -> None:
    beside.ask("orthanc", "a")
    assert beside.ask("orthanc", "end") == ""
    assert fake.there == []
    assert beside.ask("orthanc", "b") == "orthanc-2 b\n"


def test_an_engine_that_is_gone_does_not_keep_the_others_from_being_left(
    beside: Answering, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.ask("orthanc", "a")
    beside.ask("tester", "a")

    def remove(container: Any) -> None:
        fake.there.remove(container.id)
        raise UnhealthyError("the engine refuses")

    monkeypatch.setattr(fake, "remove", remove)
    beside.close()
    assert fake.there == []


def test_a_reading_that_nobody_answers_is_made_by_a_sidecar_of_its_own(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answering, "ask", lambda *_: "")
    engine = cast("Engine", fake)
    with netns.readers_staying(engine), netns.readers_staying(engine):
        assert netns.read_hop(engine, "orthanc") == hop()
    assert fake.sidecars == 1


def test_in_the_block_no_sidecar_is_started_for_a_reading(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answering, "ask", lambda *_: json.dumps(PRINTED))
    engine = cast("Engine", fake)
    with netns.readers_staying(engine):
        found: Hop = netns.read_hop(engine, "orthanc")
    assert (found, fake.sidecars) == (hop(), 0)
    netns.read_hop(engine, "orthanc")
    assert fake.sidecars == 1
