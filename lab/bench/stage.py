"""What the cases of a plan share: the stack, set up when a case needs it otherwise, left while it holds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from lab.bench import moves, stores
from lab.bench.c_move import Bench
from lab.bench.capture import captured
from lab.bench.feeling import with_seed
from lab.bench.known import Felt, Measured
from lab.bench.prepared import Prepared
from lab.bench.shaped_link import ShapedLink
from lab.bench.store_figures import client_of
from lab.bench.warm_ups import WarmUps
from lab.errors import LabError
from lab.model.case import MOVE, Case
from lab.model.prediction import Prediction
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.plans.ordering import settings_of
from lab.stack import pacs_settings

_THE_LABS_OWN = ""


class Stage:
    """The stack, as the cases of one sitting need it, one after the other.

    Args:
        benches: of each study, by its name.
        cases: all that are to come.
    """

    def __init__(self, benches: Mapping[str, Bench], cases: Sequence[Case]) -> None:
        self._benches = benches
        self._settings: str | None = _THE_LABS_OWN
        self._link = ShapedLink()
        self._prepared = Prepared(benches, cases, self._link)
        self._warm_ups = WarmUps()

    def run(self, case: Case, number: int, round_: int, title: str) -> Measured:
        """One measured run of the case that has that number, after its warm-ups where they are due.

        ``case`` has the seed that its first run gave it, and ``round_`` counts its runs from 1.

        Raises LabError: what the case needs cannot be had, or the run is no number.
        """
        with self._forgetting_when_it_fails(case):
            return self._measured(case, self._ready(case, number, round_, title), title)

    def capture(self, case: Case, number: int, round_: int, file: Path) -> None:
        """The case once more, with what is on the wire in ``file``; setting it up is not in it, nor warm-ups.

        Raises LabError as ``run`` does; or tcpdump does not start.
        """
        title = f"{file.name}: the case once more"
        with self._forgetting_when_it_fails(case):
            felt = self._ready(case, number, round_, title)
            with captured(self._prepared.bench(case).engine, client_of(case.method), file):
                self._measured(case, felt, title)

    @contextmanager
    def nothing_left_stored(self) -> Iterator[None]:
        """After the block no study is stored as the settings of a case had it."""
        try:
            yield
        finally:
            if self._settings != _THE_LABS_OWN:
                with suppress(LabError):  # without a PACS there is no study in it
                    for bench in self._benches.values():
                        stores.take_out(bench)

    @contextmanager
    def _forgetting_when_it_fails(self, case: Case) -> Iterator[None]:
        """After a failure nothing is taken for granted."""
        try:
            yield
        except BaseException:
            self._link.forget()
            self._prepared.may_be_out_of_pacs(case.study)
            raise

    def _ready(self, case: Case, number: int, round_: int, title: str) -> Felt:
        """Everything but the run itself: Orthanc, the study, the link, the warm-ups."""
        bench = self._prepared.bench(case)
        self._settle_pacs(case)
        self._prepared.prepare(case)
        felt = self._link.settled(bench, case, round_)
        for _ in range(self._warm_ups.due(case, number)):
            self._warm_up(bench, case, f"{title}: warm-up")
        return felt

    def _warm_up(self, bench: Bench, case: Case, title: str) -> None:
        if case.method == MOVE:
            moves.warm_up(self._prepared.proved(case), case, title)
        else:
            stores.store(bench, case, title)

    def _measured(self, case: Case, felt: Felt, title: str) -> Measured:
        run, prediction = (self._move if case.method == MOVE else self._store)(case, felt, title)
        return Measured(run=run, prediction=prediction, case=with_seed(case, felt))

    def _settle_pacs(self, case: Case) -> None:
        """Orthanc as the case wants it. Settings may decide how it stores, so studies go in anew."""
        wanted = settings_of(case)
        if wanted == self._settings:
            return
        bench, self._settings = self._prepared.bench(case), None  # unknown, should this fail
        with bench.progress.task(f"Orthanc with {wanted or 'the settings of the lab'}"):
            self._warm_ups.orthanc_starts_anew()
            pacs_settings.change(bench.engine, bench.settings, case)
            for other in self._benches.values():
                stores.take_out(other)
        self._prepared.may_be_out_of_pacs(*self._benches)
        self._settings = wanted

    def _move(self, case: Case, felt: Felt, title: str) -> tuple[Run, Prediction | None]:
        bench, known, rewritten = self._prepared.moved(case, felt)
        return moves.one_run(bench, case, known, rewritten, title), known.prediction

    def _store(self, case: Case, felt: Felt, title: str) -> tuple[StoreRun, Prediction | None]:
        known = self._prepared.stored(case, felt)
        run = stores.one_run(self._prepared.bench(case), case, known, title)
        self._prepared.is_in_pacs(case.study)
        return run, known.prediction
