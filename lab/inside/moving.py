"""A C-MOVE as it is measured: listen, associate, ask, receive until everything has come, stop listening."""

import selectors
import time
from collections.abc import Callable
from dataclasses import replace

from lab.dicom import dimse
from lab.inside.lane import Lane
from lab.inside.receiver import Receiver
from lab.inside.shares import Shares, associated, shares_of
from lab.model.exchange import Ending, MoveOrder, MoveOutcome, Received, Stop, Suboperations
from lab.units import since_s

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
    """Measure one C-MOVE, or as many as it takes for all that is ordered.

    ``report`` hears of the progress at most five times a second. Raises OSError when the port is taken and
    ConnectionError when the PACS does not let us ask; whatever happens after that is told by the outcome.
    """
    with selectors.DefaultSelector() as selector:
        receiver = Receiver(order.receiver, selector)
        lanes: list[Lane] = []
        try:
            receiver.start()
            shares = shares_of(order)
            for identifiers in shares.lanes:
                scu = associated(order, shares.abstract_syntax)
                lanes.append(Lane(scu, identifiers, order.receiver.ae_title))
            time.sleep(max(0.0, order.not_before_s - time.monotonic()))
            receiver.mark()
            for lane in lanes:
                lane.begin()
            idle = _Watch(order, receiver, lanes, selector, report).wait()
            received = receiver.stop()
        finally:
            receiver.kill()
            for lane in lanes:
                lane.end()
    return _outcome(shares, lanes, received, idle=idle)


class _Watch:
    """Waits for the end of a transfer, and tells how far it is."""

    def __init__(
        self,
        order: MoveOrder,
        receiver: Receiver,
        lanes: list[Lane],
        selector: selectors.BaseSelector,
        report: Report,
    ) -> None:
        self._order = order
        self._receiver = receiver
        self._lanes = lanes
        self._selector = selector
        self._report = report
        self._began_s = time.monotonic()
        for lane in lanes:
            selector.register(lane.scu, selectors.EVENT_READ, lane)

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
        if isinstance(key.data, Lane):
            key.data.read()
            if key.data.is_over:
                self._selector.unregister(key.fileobj)
        else:
            self._receiver.serve(key.fileobj)

    def _complete(self) -> bool:
        return self._all_answered() and (self._missing() <= 0)

    def _all_answered(self) -> bool:
        return all(lane.is_over for lane in self._lanes)

    def _failed(self) -> bool:
        """Some request failed, so that nobody knows how much is still to come."""
        return any(lane.failures or not lane.is_answered for lane in self._lanes)

    def _missing(self) -> int:
        """Instances still to come: a PACS may answer before its transfer ends (asynchronous C-MOVE)."""
        said = [r.count(dimse.COMPLETED) + r.count(dimse.WARNING) for r in self._lanes]
        whole = sum(said) if all(said) else self._order.expected_instances or sum(said)
        return whole - self._receiver.instances

    def _patience_s(self) -> float:
        """After a failure only what was under way is waited for."""
        return _GRACE_S if self._all_answered() and self._failed() else self._order.idle_timeout_s

    def _last_sign_s(self) -> float:
        reads = [lane.scu.last_read_s for lane in self._lanes]
        return max(self._began_s, self._receiver.last_read_s, *reads)

    def _tell(self) -> None:
        self._report(
            {
                "instances": self._receiver.instances,
                "bytes": self._receiver.received_bytes,
                "remaining": sum(lane.count(dimse.REMAINING) for lane in self._lanes),
            }
        )


def _outcome(shares: Shares, lanes: list[Lane], received: Received, *, idle: bool) -> MoveOutcome:
    origin_s = lanes[0].requested_s
    answered_s = max(lane.answered_s for lane in lanes)
    ends_s = received.arrivals.end_s
    arrivals = replace(
        received.arrivals,
        begin_s=since_s(origin_s, received.arrivals.begin_s),
        end_s=since_s(origin_s, ends_s),
    )
    ending, explanation = _ending(lanes, idle=idle)
    late = ending is Ending.COMPLETED and bool(ends_s) and ends_s[-1] > answered_s
    return MoveOutcome(
        ending=ending,
        explanation=explanation,
        stop=Stop.IDLE_TIMEOUT if idle else Stop.ALL_RECEIVED if late else Stop.FINAL_RESPONSE,
        status=_status(lanes),
        level=shares.level,
        requests=sum(map(len, shares.lanes)),
        associate_s=lanes[0].scu.associate_s,
        completion_s=max(0.0, answered_s - origin_s),
        requested_s=origin_s,
        suboperations=Suboperations(
            completed=sum(lane.count(dimse.COMPLETED) for lane in lanes),
            failed=sum(lane.count(dimse.FAILED) for lane in lanes),
            warning=sum(lane.count(dimse.WARNING) for lane in lanes),
        ),
        arrivals=arrivals,
        associations=received.associations,
        cost=received.cost,
    )


def _status(lanes: list[Lane]) -> int | None:
    """The first that is not Success; None when one was never answered."""
    failures = [status for lane in lanes for status in lane.failures]
    return failures[0] if failures else dimse.SUCCESS if all(lane.is_answered for lane in lanes) else None


def _ending(lanes: list[Lane], *, idle: bool) -> tuple[Ending, str]:
    if lost := [lane.scu.lost for lane in lanes if not lane.is_answered and lane.scu.lost]:
        text = f"the PACS ended the association before its final response ({lost[0]})"
        return Ending.CONNECTION_LOST, text
    status = _status(lanes)
    if status is not None and status != dimse.SUCCESS:
        meaning = _MEANINGS.get(status, "the PACS reports a failure")
        return Ending.REFUSED, f"{meaning} (status 0x{status:04X})"
    if idle:
        return Ending.IDLE, "the PACS sent nothing any more"
    return Ending.COMPLETED, ""
