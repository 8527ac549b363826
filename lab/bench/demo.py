"""Everything once, thin: what `make demo` shows."""

from lab.bench.c_move import Bench
from lab.bench.move import measure
from lab.model.case import Case
from lab.model.link_state import AUTO
from lab.model.progress import Progress
from lab.model.record import Record
from lab.stack import images, lifecycle
from lab.system import recipes, store, studies
from lab.system.engine import Engine
from lab.system.home import Home

STUDY = "quick"
PROFILES = ("baseline", "wan-20ms", "mpls-hospital")


def run(home: Home, engine: Engine, progress: Progress) -> Record:
    """Images, stack, study, then the C-MOVE benchmark: unshaped and over two degraded links."""
    images.build(home, engine, progress)
    settings = lifecycle.up(home, engine, progress)
    study = studies.make(home, recipes.recipe(STUDY), progress)
    bench = Bench(home=home, engine=engine, settings=settings, study=study, progress=progress)
    return measure(bench, [_case(name) for name in PROFILES], home.results)


def _case(profile_name: str) -> Case:
    return Case(
        study=STUDY,
        profile=store.profile(profile_name),
        shaper="auto",
        congestion_control=AUTO,
        runs=3,
        warmup=0,
        max_pdu_bytes=131072,
    )
