"""A C-MOVE as it is measured: listen, associate, ask, receive until everything has come, stop listening."""

import selectors
import time
from collections.abc import Callable
from dataclasses import replace

from pydicom.dataset import Dataset

from lab.dicom import dimse
from lab.dicom.requester import Response
from lab.inside.receiver import Receiver
from lab.inside.requests import Scu
from lab.inside.shares import Shares, shares_of
from lab.model.exchange import Ending, MoveOrder, MoveOutcome, Received, Stop, Suboperations

Report = Callable[[dict[str, int]], None]

_REPORT_INTERVAL_S = 0.2
_GRACE_S = 1.0
_MEANINGS = {
    0xA701: "the PACS is out of resources: it cannot count the matches",
    0xA702: "the PACS could not perform the sub-operations",
    0xA801: "the PACS does not know the move destination",
    0xA900: "the PACS says the identifier does not match the SOP class",
    0xB000: "the PACS ended with one or more failed sub-operations",
    0xC000: "the PACS was unable to process the request",
    0xFE00: "the move was cancelled",
}


def move(order: MoveOrder, report: Report) -> MoveOutcome:
    """Measure one C-MOVE, or several at once that make up one study.

    ``report`` hears of the progress at most five times a second. Raises OSError when the port is taken and
    ConnectionError when the PACS does not let us ask; whatever happens after that is told by the outcome.
    """
    with selectors.DefaultSelector() as selector:
        receiver = Receiver(order.receiver, selector)
        requests: list[_Request] = []
        try:
            receiver.start()
            shares = shares_of(order)
            for _ in shares.identifiers:
                requests.append(_Request(_associated(order, shares)))
            receiver.mark()
            for request, identifier in zip(requests, shares.identifiers, strict=True):
                request.begin(identifier, order.receiver.ae_title)
            idle = _Watch(order, receiver, requests, selector, report).wait()
            received = receiver.stop()
        finally:
            receiver.kill()
            for request in requests:
                request.end()
    return _outcome(shares, requests, received, idle=idle)


class _Request:
    """One C-MOVE-RQ and what was answered to it."""

    def __init__(self, scu: Scu) -> None:
        self.scu = scu
        self.requested_s = 0.0
        self.answered_s = 0.0
        self.status: int | None = None
        self.last: Response | None = None

    @property
    def is_over(self) -> bool:
        """Answered for good, or never to be."""
        return self.status is not None or bool(self.scu.lost)

    def begin(self, identifier: Dataset, destination_ae_title: str) -> None:
        self.requested_s = self.scu.move(identifier, destination_ae_title)

    def read(self) -> None:
        self.scu.read()
        for response in self.scu.responses:
            status = response.command.us_or_none(dimse.STATUS)
            self.last = response
            if status not in dimse.PENDING:
                self.status, self.answered_s = status, self.scu.last_read_s
        self.scu.responses.clear()

    def count(self, element: int) -> int:
        """Of the last response; a C-MOVE-RSP may leave counts out (PS3.7 Table 9.3-10)."""
        return (self.last.command.us_or_none(element) or 0) if self.last else 0

    def end(self) -> None:
        if self.status is None:
            self.scu.hang_up()
        else:
            self.scu.release()


class _Watch:
    """Waits for the end of a transfer, and tells how far it is."""

    def __init__(
        self,
        order: MoveOrder,
        receiver: Receiver,
        requests: list[_Request],
        selector: selectors.BaseSelector,
        report: Report,
    ) -> None:
        self._order = order
        self._receiver = receiver
        self._requests = requests
        self._selector = selector
        self._report = report
        self._began_s = time.monotonic()
        for request in requests:
            selector.register(request.scu, selectors.EVENT_READ, request)

    def wait(self) -> bool:
        """Until everything has been said and received; True when it was given up for silence."""
        report_s = 0.0
        while not self._complete():
            for key, _ in self._selector.select(_REPORT_INTERVAL_S):
                self._serve(key)
            now_s = time.monotonic()
            if now_s >= report_s:
                report_s = now_s + _REPORT_INTERVAL_S
                self._tell()
            if now_s - self._last_sign_s() > self._patience_s():
                return not (self._all_answered() and self._failed())
        return False

    def _serve(self, key: selectors.SelectorKey) -> None:
        if isinstance(key.data, _Request):
            key.data.read()
            if key.data.is_over:
                self._selector.unregister(key.fileobj)
        else:
            self._receiver.serve(key.fileobj)

    def _complete(self) -> bool:
        return self._all_answered() and (self._missing() <= 0)

    def _all_answered(self) -> bool:
        return all(request.is_over for request in self._requests)

    def _failed(self) -> bool:
        """Some request failed, so that nobody knows how much is still to come."""
        return any(request.status != dimse.SUCCESS for request in self._requests)

    def _missing(self) -> int:
        """Instances still to come: a PACS may answer before its transfer ends (asynchronous C-MOVE)."""
        said = [r.count(dimse.COMPLETED) + r.count(dimse.WARNING) for r in self._requests]
        whole = sum(said) if all(said) else self._order.expected_instances or sum(said)
        return whole - self._receiver.instances

    def _patience_s(self) -> float:
        """After a failure only what was under way is waited for."""
        return _GRACE_S if self._all_answered() and self._failed() else self._order.idle_timeout_s

    def _last_sign_s(self) -> float:
        reads = [request.scu.last_read_s for request in self._requests]
        return max(self._began_s, self._receiver.last_read_s, *reads)

    def _tell(self) -> None:
        self._report(
            {
                "instances": self._receiver.instances,
                "bytes": self._receiver.received_bytes,
                "remaining": sum(request.count(dimse.REMAINING) for request in self._requests),
            }
        )


def _associated(order: MoveOrder, shares: Shares) -> Scu:
    return Scu(
        order.pacs_host,
        order.pacs_port,
        called_ae_title=order.pacs_ae_title,
        calling_ae_title=order.calling_ae_title,
        abstract_syntax=shares.abstract_syntax,
    )


def _outcome(shares: Shares, requests: list[_Request], received: Received, *, idle: bool) -> MoveOutcome:
    origin_s = requests[0].requested_s
    answered_s = max(request.answered_s for request in requests)
    ends_s = received.arrivals.end_s
    arrivals = replace(
        received.arrivals,
        begin_s=[begin_s - origin_s for begin_s in received.arrivals.begin_s],
        end_s=[end_s - origin_s for end_s in ends_s],
    )
    ending, explanation = _ending(requests, idle=idle)
    late = ending is Ending.COMPLETED and bool(ends_s) and ends_s[-1] > answered_s
    return MoveOutcome(
        ending=ending,
        explanation=explanation,
        stop=Stop.IDLE_TIMEOUT if idle else Stop.ALL_RECEIVED if late else Stop.FINAL_RESPONSE,
        status=_worst(requests),
        level=shares.level,
        requests=len(requests),
        associate_s=requests[0].scu.associate_s,
        completion_s=max(0.0, answered_s - origin_s),
        suboperations=Suboperations(
            completed=sum(request.count(dimse.COMPLETED) for request in requests),
            failed=sum(request.count(dimse.FAILED) for request in requests),
            warning=sum(request.count(dimse.WARNING) for request in requests),
        ),
        arrivals=arrivals,
        associations=received.associations,
        cost=received.cost,
    )


def _worst(requests: list[_Request]) -> int | None:
    statuses = [request.status for request in requests]
    failures = [status for status in statuses if status not in (None, dimse.SUCCESS)]
    return failures[0] if failures else None if None in statuses else dimse.SUCCESS


def _ending(requests: list[_Request], *, idle: bool) -> tuple[Ending, str]:
    if lost := [request.scu.lost for request in requests if request.status is None and request.scu.lost]:
        text = f"the PACS ended the association before its final response ({lost[0]})"
        return Ending.CONNECTION_LOST, text
    status = _worst(requests)
    if status is not None and status != dimse.SUCCESS:
        meaning = _MEANINGS.get(status, "the PACS reports a failure")
        return Ending.REFUSED, f"{meaning} (status 0x{status:04X})"
    if idle:
        return Ending.IDLE, "the PACS sent nothing any more"
    return Ending.COMPLETED, ""
