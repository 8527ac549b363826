"""The methods by which a study is stored: who sends, from where, over what."""

from collections.abc import Callable, Mapping

from lab.bench.c_move import Bench
from lab.bench.store_log import outcome_of
from lab.dicom.storing import contexts_of
from lab.errors import UsageProblem
from lab.model.case import Case
from lab.model.link_state import PACS
from lab.model.store import LAB, REST, STORESCU, Outgoing, PostOrder, StoreOrder, StoreOutcome
from lab.model.study import Instance, Study
from lab.system import agent, storescu
from lab.system.settings import USER

OnProgress = Callable[[Mapping[str, int]], None]
Sender = Callable[[Bench, Case, OnProgress], StoreOutcome]

_DICOM_PORT = 4242
_HTTP_PORT = 8042
_PACS_AE_TITLE = "ORTHANC"
_CALLING_AE_TITLE = "DICOMLAB"
_STUDIES = "/studies"  # where the containers see them


def shares_of(study: Study, jobs: int) -> list[list[Instance]]:
    """Dealt out in turn; never more shares than instances."""
    shares = [list(study.instances[job::jobs]) for job in range(jobs)]
    return [share for share in shares if share]


def contexts_fit(study: Study, jobs: int) -> None:
    """Each association must be able to propose what its share consists of. Raises UsageProblem."""
    try:
        for share in shares_of(study, jobs):
            contexts_of(map(_pair, share))
    except ValueError as error:
        msg = f"{study.name} cannot be stored over {jobs} associations: it has {error}"
        raise UsageProblem(msg, "--via rest, or a smaller study") from None


def by_lab(bench: Bench, case: Case, show: OnProgress) -> StoreOutcome:
    """The lab's own C-STORE sender in the tester container."""
    order = StoreOrder(
        pacs_host=PACS,
        pacs_port=_DICOM_PORT,
        pacs_ae_title=_PACS_AE_TITLE,
        calling_ae_title=_CALLING_AE_TITLE,
        folder=_folder(bench.study),
        shares=_shares(bench.study, case.parallel),
        max_pdu_bytes=case.max_pdu_bytes,
        tls=bench.settings.tls,
    )
    return agent.store(bench.engine, order, show)


def by_rest(bench: Bench, case: Case, show: OnProgress) -> StoreOutcome:
    """HTTP POST from the tester container."""
    order = PostOrder(
        host=PACS,
        port=_HTTP_PORT,
        user=USER,
        password=bench.settings.password,
        folder=_folder(bench.study),
        shares=_shares(bench.study, case.parallel),
        tls=bench.settings.https,
    )
    return agent.post(bench.engine, order, show)


def by_storescu(bench: Bench, case: Case, show: OnProgress) -> StoreOutcome:
    """DCMTK's storescu in the tools container; a killed command's would go on beside us, and is ended."""
    bench.engine.kill_in("dcmtk", "storescu")
    shares = shares_of(bench.study, case.parallel)
    by_file = {f"{_folder(bench.study)}/{one.file}": one for one in bench.study.instances}
    sizes = [instance.dataset_bytes for instance in bench.study.instances]
    lines, code = storescu.run(
        bench.engine,
        (PACS, _DICOM_PORT, _PACS_AE_TITLE, _CALLING_AE_TITLE),
        list(dict.fromkeys(map(_pair, bench.study.instances))),
        [[f"{_folder(bench.study)}/{one.file}" for one in share] for share in shares],
        lambda stored: show({"instances": stored, "bytes": sum(sizes[:stored])}),
        bench.settings.tls,
        case.max_pdu_bytes,
    )
    return outcome_of(lines, code, by_file)


SENDERS: Mapping[str, Sender] = {LAB: by_lab, STORESCU: by_storescu, REST: by_rest}


def _folder(study: Study) -> str:
    return f"{_STUDIES}/{study.name}"


def _pair(instance: Instance) -> tuple[str, str]:
    return instance.sop_class_uid, instance.transfer_syntax_uid


def _shares(study: Study, jobs: int) -> list[list[Outgoing]]:
    return [[outgoing(instance) for instance in share] for share in shares_of(study, jobs)]


def outgoing(instance: Instance) -> Outgoing:
    """As an order has it."""
    return Outgoing(
        file=instance.file,
        file_bytes=instance.file_bytes,
        dataset_bytes=instance.dataset_bytes,
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        transfer_syntax_uid=instance.transfer_syntax_uid,
    )
