"""One C-MOVE to the tester, as every step of a benchmark asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lab.bench.pace import Throughput
from lab.dicom.syntaxes import acceptor_order
from lab.model.case import Case
from lab.model.exchange import MoveOrder, MoveOutcome, ReceiverOrder
from lab.model.link_state import PACS
from lab.model.progress import Progress, Task
from lab.model.study import Study, StudyKey
from lab.system import agent
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.settings import Settings
from lab.units import format_bytes

_PACS_PORT = 4242
_PACS_AE_TITLE = "ORTHANC"
_DESTINATION_AE_TITLE = "STORESCP"
_DESTINATION_PORT = 9999
_CALLING_AE_TITLE = "DICOMLAB"
_IDLE_TIMEOUT_S = 60
_SILENCE_S = 24 * 3600  # a PACS may fetch for long between two images: the watch over the whole run decides
KEEP_FOLDER = "/tmp/lab-kept"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every step of a benchmark needs; ``keep`` is where the files of the proof run go."""

    home: Home
    engine: Engine
    settings: Settings
    study: Study
    progress: Progress
    keep: Path | None = None

    def with_tls_of(self, case: Case) -> "Bench":
        """The same with DICOM TLS or without, as the case has it."""
        return replace(self, settings=replace(self.settings, dicom_is_plain=case.tls is False))


def c_move(
    bench: Bench, case: Case, title: str, *, sink: str = "discard", not_before_s: float = 0.0
) -> MoveOutcome:
    """Over the link as it is, not before that time on the machine's clock. Nothing is proved yet."""
    order = MoveOrder(
        pacs_host=PACS,
        pacs_port=_PACS_PORT,
        pacs_ae_title=_PACS_AE_TITLE,
        calling_ae_title=_CALLING_AE_TITLE,
        receiver=receiver_order(bench, case, sink),
        studies=_wanted(bench.study, case.level),
        level=case.level,
        parallel=case.parallel,
        expected_instances=len(bench.study.instances),
        idle_timeout_s=_IDLE_TIMEOUT_S,
        not_before_s=not_before_s,
        tls=bench.settings.tls,
    )
    with bench.progress.task(title) as task:
        return agent.move(bench.engine, order, _shown_by(task, len(bench.study.instances)))


def _wanted(study: Study, level: str) -> list[StudyKey]:
    """A C-MOVE each. Two patients' of one UID, as broken imports have them, are one at STUDY level."""
    if level == "PATIENT":
        return list(study.keys)
    return list({key.study_instance_uid: key for key in study.keys}.values())


def receiver_order(bench: Bench, case: Case, sink: str) -> ReceiverOrder:
    """As many processes as associations can be served by at once, leaving room for whoever sends."""
    return ReceiverOrder(
        ae_title=_DESTINATION_AE_TITLE,
        port=_DESTINATION_PORT,
        max_pdu_bytes=case.max_pdu_bytes,
        transfer_syntaxes=acceptor_order(list(bench.study.transfer_syntaxes)),
        ack=case.ack,
        sink=sink,
        keep_folder=KEEP_FOLDER,
        processes=min(case.parallel, bench.engine.cpus()),
        silence_s=_SILENCE_S,
        tls=bench.settings.tls,
    )


def _shown_by(task: Task, total: int) -> Callable[[Mapping[str, int]], None]:
    pace = Throughput()

    def show(sofar: Mapping[str, int]) -> None:
        size, now = format_bytes(sofar["bytes"]), pace.now(sofar["bytes"])
        note = f"{now}{sofar['instances']} of {total} images, {size}"
        if sofar["remaining"]:
            note += f", {sofar['remaining']} to go, says the PACS"
        task.update(sofar["instances"], total, note)

    return show
