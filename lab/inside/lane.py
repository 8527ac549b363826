"""One association on which C-MOVEs are asked for in turn, and what was answered to them."""

from collections import Counter

from pydicom.dataset import Dataset

from lab.dicom import dimse
from lab.dicom.requester import Response
from lab.inside.requests import Scu

_COUNTS = (dimse.COMPLETED, dimse.FAILED, dimse.WARNING)


class Lane:
    """One request outstanding at a time; the next one follows the final response to the one before.

    Attributes:
        requested_s: when the first was handed to the kernel (monotonic).
        answered_s: when the last final response was read.
        statuses: of the final responses so far.
    """

    def __init__(self, scu: Scu, identifiers: list[Dataset], destination_ae_title: str) -> None:
        self.scu = scu
        self.requested_s = 0.0
        self.answered_s = 0.0
        self.statuses: list[int] = []
        self._identifiers = identifiers
        self._destination_ae_title = destination_ae_title
        self._last: Response | None = None
        self._counted: Counter[int] = Counter()

    @property
    def is_answered(self) -> bool:
        """Every request has its final response."""
        return len(self.statuses) == len(self._identifiers)

    @property
    def is_over(self) -> bool:
        """Answered for good, or never to be."""
        return self.is_answered or bool(self.scu.lost)

    @property
    def failures(self) -> list[int]:
        """Statuses other than Success."""
        return [status for status in self.statuses if status != dimse.SUCCESS]

    def begin(self) -> None:
        """Ask for the first."""
        self.requested_s = self._ask()

    def read(self) -> None:
        """Read once; a final response is followed by the next request."""
        self.scu.read()
        final = False
        for response in self.scu.responses:
            self._last = response
            status = response.command.us_or_none(dimse.STATUS)
            final = status is not None and status not in dimse.PENDING
            if final:
                self._answered(status or dimse.SUCCESS)
        self.scu.responses.clear()
        if final and not self.is_over:
            self._ask()

    def count(self, element: int) -> int:
        """Of all requests so far; a C-MOVE-RSP may leave counts out (PS3.7 Table 9.3-10)."""
        return self._counted[element] + _count(self._last, element)

    def end(self) -> None:
        """Release, or abort what was never answered."""
        if self.is_answered:
            self.scu.release()
        else:
            self.scu.hang_up()

    def _ask(self) -> float:
        return self.scu.move(self._identifiers[len(self.statuses)], self._destination_ae_title)

    def _answered(self, status: int) -> None:
        self.statuses.append(status)
        self.answered_s = self.scu.last_read_s
        self._counted.update({element: _count(self._last, element) for element in _COUNTS})
        self._last = None


def _count(response: Response | None, element: int) -> int:
    return (response.command.us_or_none(element) or 0) if response else 0
