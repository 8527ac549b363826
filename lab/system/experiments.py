"""The folder of an experiment: its plan, and a record for each case that was begun."""

import dataclasses
import glob
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from lab.errors import UsageProblem
from lab.model.environment import Environment
from lab.model.plan import Plan
from lab.model.record import Record
from lab.model.store_record import StoreRecord
from lab.model.study import Study
from lab.system import records
from lab.system.files import write_json
from lab.system.home import Home

_PLAN = "plan.json"
_MUST_BE_THE_SAME = (
    *("lab_version", "kernel", "machine", "cpus", "limits"),
    *("pacs", "images", "pacs_configuration_sha256"),
)


def begin(
    plan: Plan, folder: Path, environment: Environment, *, resume: bool
) -> dict[int, Record | StoreRecord]:
    """The records there are, by the number of their case; the plan is written where there is none.

    Raises UsageProblem when the folder holds another plan, one that was begun and is not to be resumed, or
    records that were made in another environment.
    """
    if not (folder / _PLAN).exists():
        write_json(folder / _PLAN, dataclasses.asdict(plan))
        return {}
    if plan_of(folder).sha256 != plan.sha256:
        msg = f"{folder} holds runs of another plan, or of this one before it was changed"
        raise UsageProblem(msg, "--save another folder")
    if not resume:
        msg = f"{plan.name} was begun in {folder}"
        raise UsageProblem(msg, "--resume goes on there; --save another folder begins anew")
    files = sorted(folder.glob("case-*.json"))
    kept = {_number(record): record for file in files for record in records.load(file)}
    for record in kept.values():
        _check_environment(record.environment, environment, folder)
    return kept


def _number(record: Record | StoreRecord) -> int:
    return record.plan.number if record.plan else 0


def _check_environment(before: Environment, now: Environment, folder: Path) -> None:
    for name in _MUST_BE_THE_SAME:
        was, became = getattr(before, name), getattr(now, name)
        if was != became:
            msg = f"the runs in {folder} were made with {name} {was}, now it is {became}"
            raise UsageProblem(msg, "--save another folder: runs of one case must be of one environment")


def demand_same_studies(
    kept: Mapping[int, Record | StoreRecord], studies: Iterable[Study], folder: Path
) -> None:
    """Raises UsageProblem: a study was made or imported anew since, and has other instances now."""
    counts = {study.name: len(study.instances) for study in studies}
    for record in kept.values():
        for run in record.runs:
            count = counts.get(run.study, run.instances_expected)
            if run.instances_expected != count:
                was = f"{run.study} of {run.instances_expected} instances"
                msg = f"the runs in {folder} are of {was}, and now it has {count}"
                raise UsageProblem(msg, "--save another folder: runs of one case must be of one study")


def save(record: Record | StoreRecord, folder: Path) -> None:
    """In the place of the record of that case."""
    records.save(record, record_file(record, folder))


def record_file(record: Record | StoreRecord, folder: Path) -> Path:
    """Where the record of its case is."""
    case = record.case
    words = [case.study, case.method, case.profile.name if case.profile else "link"] if case else []
    return folder / f"{'-'.join([f'case-{_number(record):03d}', *words])}.json"


def plan_of(folder: Path) -> Plan:
    """The plan that was begun there. Raises UsageProblem when there is none, or it is damaged."""
    file = folder / _PLAN
    try:
        return msgspec.json.decode(file.read_bytes(), type=Plan)
    except (OSError, msgspec.MsgspecError) as error:
        msg = f"{file}: {error}"
        remedy = "give the folder of an experiment, as lab bench run made it, or the files of its records"
        raise UsageProblem(msg, remedy) from None


def plans_in(paths: Sequence[Path], say: Callable[[str], None]) -> dict[Path, Plan]:
    """Of these folders, and those in them, that an experiment was run in: the plan of each.

    ``say`` hears of files further down that are no plan of this version. Raises UsageProblem for one in a
    folder of ``paths`` itself.
    """
    own = {path.resolve() for path in paths}
    folders = {file.parent.resolve() for path in paths if path.is_dir() for file in path.rglob(_PLAN)}
    found = {}
    for folder in sorted(folders):
        try:
            found[folder] = plan_of(folder)
        except UsageProblem as error:
            if folder in own:
                raise
            say(f"note: no gates are held for {error.message}")
    return found


def latest(home: Home, plan: Plan) -> Path | None:
    """The folder in which this very plan was last begun."""
    found = sorted(home.results.glob(f"{glob.escape(plan.name)}-*/{_PLAN}"), reverse=True)
    return next((file.parent for file in found if _is_of(plan, file.parent)), None)


def _is_of(plan: Plan, folder: Path) -> bool:
    """What cannot be read, as of another version of the lab, is another plan."""
    try:
        return plan_of(folder).sha256 == plan.sha256
    except UsageProblem:
        return False
