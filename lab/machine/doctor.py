"""Look at the machine, put right what may be put right, take it back."""

from lab.errors import LabError, PreflightError
from lab.machine import fixes, journal
from lab.machine.checks import FAIL, FOR_TESTS, Finding, examine
from lab.model.progress import Progress
from lab.system.engine import Engine
from lab.system.home import Home

_ROUNDS = 4  # an engine must be there before it can be asked for an image


def look(home: Home, engine: Engine, progress: Progress, *, for_tests: bool) -> list[Finding]:
    """Every finding."""
    with progress.task("looking at this machine"):
        return examine(home, engine) + ([check() for check in FOR_TESTS] if for_tests else [])


def fix(home: Home, engine: Engine, progress: Progress, *, for_tests: bool) -> list[Finding]:
    """Put right what is missing, if all of it can be; returns what is found afterwards.

    Raises PreflightError before anything is changed when something missing cannot be put right here.
    """
    for _ in range(_ROUNDS):
        found = look(home, engine, progress, for_tests=for_tests)
        wanting = [finding for finding in found if finding.state == FAIL or finding.fix]
        if not wanting:
            break
        demand_fixable([finding for finding in wanting if finding.state == FAIL])
        for finding in wanting:
            _put_right(finding, progress)
    return look(home, engine, progress, for_tests=for_tests)


def demand_fixable(failing: list[Finding]) -> None:
    """Raise PreflightError naming what cannot be put right from here."""
    stuck = [finding for finding in failing if finding.fix is None]
    if stuck:
        what = "; ".join(f"{finding.check}: {finding.found}" for finding in stuck)
        raise PreflightError(what, "; ".join(finding.remedy for finding in stuck))


def _put_right(finding: Finding, progress: Progress) -> None:
    if finding.fix is None:
        return
    progress.say(f"{finding.check}: {finding.found}; will {finding.fix.text}")
    with progress.task(finding.fix.text):
        finding.fix.do(journal.remember)


def undo(engine: Engine, progress: Progress) -> list[journal.Change]:
    """Take back everything `fix` did on this machine, last change first. Raises LabError if a lab is up."""
    _demand_no_lab(engine)
    taken_back = []
    for change in reversed(journal.changes()):
        with progress.task(f"taking back: {change.text}"):
            fixes.undo(change)
        journal.forget(change)
        taken_back.append(change)
    return taken_back


def _demand_no_lab(engine: Engine) -> None:
    try:
        labs = engine.labs()
    except LabError:  # no engine, no lab
        return
    if labs:
        msg = f"there are labs on this machine still: {', '.join(labs)}"
        raise LabError(msg, "; ".join(f"lab --project {name} down --volumes" for name in labs))
