"""Which runs are due before a case's next one so that its caches are warm."""

from lab.model.case import COLD, Case


class WarmUps:
    """Those of the cases of one sitting, by their numbers in the plan."""

    def __init__(self) -> None:
        self._had: set[int] = set()
        self._warm: set[tuple[str, str]] = set()

    def due(self, case: Case, number: int) -> int:
        """How many to make now, which are taken for made.

        A case has its warm-ups before its first run. A warm one has them again when no warm case with its
        study and method had a run since Orthanc was started, which a cold one does.
        """
        if case.cache == COLD:
            self.orthanc_starts_anew()
        is_warm = case.cache == COLD or (case.study, case.method) in self._warm
        due = 0 if number in self._had and is_warm else case.warmup
        self._had.add(number)
        if case.cache != COLD:
            self._warm.add((case.study, case.method))
        return due

    def orthanc_starts_anew(self) -> None:
        """Nothing is warm after it."""
        self._warm.clear()
