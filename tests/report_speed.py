"""How long `lab report DIR --html FILE` takes for 500 cases of 5 runs: the whole process, three rounds.

    python -m tests.report_speed [INSTANCES ...]

INSTANCES (48 and 1300) has each of the studies. The machine's wall clock is what the goal of 3 s is about;
CPU time, user and system, is what stays when other things run there. Exit 99 when the goal is missed.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab.cli.progress import ConsoleProgress
from lab.errors import ThresholdError
from lab.report.text import Row, as_table
from lab.system import records
from tests.unit.many import one_by_one, recorded

CASES, RUNS, INSTANCES = 500, 5, (48, 1300)
ROUNDS = 3
GOAL_S = 3.0
_LAB = "from lab.cli.main import run; run()"
COLUMNS = ("instances", "records MB", "page MB", "wall s", "CPU s", "goal")


def measured(instances: int) -> Row:
    """Records of that many instances a run, written, and made a page of three times."""
    with tempfile.TemporaryDirectory() as name:
        folder, page = Path(name) / "records", Path(name) / "page.html"
        _write(folder, instances)
        times_s = [_reported(folder, page) for _ in range(ROUNDS)]
        wall_s, cpu_s = (statistics.median(column) for column in zip(*times_s, strict=True))
        return {
            "instances": instances,
            "records MB": sum(file.stat().st_size for file in folder.iterdir()) / 1e6,
            "page MB": page.stat().st_size / 1e6,
            "wall s": wall_s,
            "CPU s": cpu_s,
            "goal": "met" if wall_s < GOAL_S else "MISSED",
        }


def _write(folder: Path, instances: int) -> None:
    with ConsoleProgress().task(f"writing records of {instances} instances") as task:
        for number, result in enumerate(one_by_one(CASES, RUNS, instances), 1):
            records.save(recorded(result), folder / f"case-{number:03d}.json")
            task.update(number, CASES, f"{number} of {CASES}")


def _reported(folder: Path, page: Path) -> tuple[float, float]:
    """Wall clock and CPU time of the process."""
    words = [sys.executable, "-c", _LAB, "report", str(folder), "--html", str(page)]
    begun_s, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall_s, after = time.monotonic() - begun_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    rows = [measured(int(instances)) for instances in sys.argv[1:] or INSTANCES]
    print(as_table(rows, COLUMNS))
    sys.exit(0 if all(row["goal"] == "met" for row in rows) else ThresholdError.exit_code)
