"""A program that stays beside each host for as long as a command lasts, and answers a line with a line.

A sidecar for each question takes half a second, most of it the engine's; one that stays takes some 30 ms.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from lab.errors import LabError
from lab.system import process
from lab.system.engine import READER_ROLE, Engine
from lab.system.process import Conversation


@dataclass(frozen=True, kw_only=True)
class _Beside:
    """``start`` is of the host: started again it has another network, and this one is of no use."""

    start: tuple[str, str]
    talk: Conversation
    leaving: ExitStack


class Answering:
    """The same program beside every host that was asked. Close it when done."""

    def __init__(self, engine: Engine, argv: Sequence[str]) -> None:
        self._engine = engine
        self._argv = argv
        self._beside: dict[str, _Beside] = {}

    def ask(self, service: str, line: str) -> str:
        """What it answers; "" where it is not there any more. The next question starts it anew."""
        there = self._beside.get(service)
        start = self._engine.start_of(service)
        if there and there.start != start:
            self._leave(service)
            there = None
        answer = _said(there.talk, line) if there else self._started(service, start, line)
        if not answer:
            self._leave(service)
        return answer

    def close(self) -> None:
        """No program stays; what an engine that is gone keeps is removed by the next command."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._try_to_leave, list(self._beside)))

    def _try_to_leave(self, service: str) -> None:
        with suppress(LabError):
            self._leave(service)

    def _started(self, service: str, start: tuple[str, str], line: str) -> str:
        container = self._engine.start_sidecar(service, self._argv, role=READER_ROLE, answers=True)
        attached = ["docker", "attach", "--sig-proxy=false", container.id or ""]
        with ExitStack() as entered:
            entered.callback(self._engine.remove, container)
            talk = entered.enter_context(process.conversation(attached, line))
            self._beside[service] = _Beside(start=start, talk=talk, leaving=entered.pop_all())
        return next(talk.lines, "")

    def _leave(self, service: str) -> None:
        self._beside.pop(service).leaving.close()


def _said(talk: Conversation, line: str) -> str:
    try:
        talk.say(line)
    except OSError:  # it has ended
        return ""
    return next(talk.lines, "")
