"""`make honest`: comparisons whose truth is known, through `lab compare` itself.

    python -m tests.honest [N]

N (100) times: two comparisons of a PACS with itself and one with a PACS that is 10 % slower, every one of
fresh runs, saved as records and compared by the command. Prints what was found beside what is promised;
exit 99 when a promise is not kept. Alone on a machine: what else runs there is in the figures.
"""

import json
import random
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner

from lab.cli.main import main as lab
from lab.cli.progress import ConsoleProgress
from lab.errors import ThresholdError
from lab.report.text import as_table
from lab.system import records
from tests.honest.judging import COLUMNS, Said, honesty, is_honest
from tests.honest.sessions import session
from tests.unit.records import record_of

TIMES = 100
RUNS = 8
SLOWER = 1.10
SEED = 1


def measured(times: int) -> list[Said]:
    """In turn, so that whatever drifts on the machine meets both kinds alike."""
    draw, said = random.Random(SEED), list[Said]()
    with ConsoleProgress().task("comparing what is known") as task, tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            for factor in (1.0, 1.0, SLOWER):
                said.append(_compared(Path(folder), factor, draw))
            task.update(number + 1, times, f"{number + 1} of {times}")
    return said


def _compared(folder: Path, factor: float, draw: random.Random) -> Said:
    """BASE, then NEW, then `lab compare` on their records."""
    for name, slowness in (("base", 1.0), ("new", factor)):
        records.save(record_of(session(RUNS, slowness, draw)), folder / f"{name}.json")
    words = [
        "compare",
        str(folder / "base.json"),
        str(folder / "new.json"),
        "--fail-above",
        "5%",
        "-o",
        "json",
    ]
    result = CliRunner().invoke(lab, words)
    (case,) = json.loads(result.stdout)["cases"]
    interval = case["measures"][0]["ratio"]["interval"]
    return Said(
        slower=factor > 1,
        words=tuple(measure["word"] for measure in case["measures"]),
        low=interval["low"],
        high=interval["high"],
        exit_code=result.exit_code,
    )


if __name__ == "__main__":
    rows = honesty(measured(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES), RUNS)
    print(as_table(rows, COLUMNS))
    sys.exit(0 if is_honest(rows) else ThresholdError.exit_code)
