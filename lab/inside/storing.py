"""A study stored by C-STORE, measured: one instance after the other, as PACS send them.

An instance is begun just before the first byte of its C-STORE-RQ is handed to the kernel, and is answered
when the read that completed its C-STORE-RSP returns. Its Data Set is in memory by then: a thread reads ahead.
"""

from lab.dicom import dimse
from lab.dicom.storing import status_text
from lab.inside.ingest import Lane, Report, data_set_extents, send_all, warm
from lab.inside.reading import ReadAhead
from lab.inside.storage_scu import StorageScu
from lab.model.store import Outgoing, StoreOrder, StoreOutcome


def store(order: StoreOrder, report: Report) -> StoreOutcome:
    """Associate as often as there are shares, then send all of them at once.

    Raises ConnectionError when the PACS does not let us begin, and OSError when a file is not there;
    whatever happens after that is told by the outcome.
    """
    warm(order.folder, order.shares)
    lanes: list[_StoreLane] = []
    try:
        for share in order.shares:
            lanes.append(_StoreLane(order, share))
        for lane in lanes:
            lane.settle()
        return send_all(lanes, report)
    finally:
        for lane in lanes:
            lane.hang_up()


class _StoreLane(Lane):
    """One association and its share."""

    def __init__(self, order: StoreOrder, share: list[Outgoing]) -> None:
        super().__init__()
        self._scu = StorageScu(order, map(_pair, share))
        self.associate_s = self._scu.associate_s
        self._share = [item for item in share if self._is_accepted(item)]
        self._ahead = ReadAhead(data_set_extents(order.folder, self._share), self._scu.fragment_bytes)

    def settle(self) -> None:
        """Wait until what goes first is in memory."""
        self._ahead.settle()

    def send(self) -> None:
        """One C-STORE after the other."""
        for number, item in enumerate(self._share):
            message_id = number % 0xFFFF + 1
            self.under_way = item
            begin_s = self._request(item, message_id)
            command = self._scu.await_response(message_id)
            status = command.us_or_none(dimse.STATUS) or dimse.SUCCESS
            comment = command.text(dimse.ERROR_COMMENT)
            failure = status_text(status, comment) if status != dimse.SUCCESS else ""
            self.answered(item, begin_s, self._scu.last_read_s, status, failure)
        self.connection = self._scu.connection

    def close(self) -> None:
        """Release, unless something went wrong."""
        if not self.lost:
            self._scu.release()

    def hang_up(self) -> None:
        """Whatever was not released is aborted."""
        self._ahead.stop()
        self._scu.hang_up()

    def _request(self, item: Outgoing, message_id: int) -> float:
        """A C-STORE-RQ with its Data Set; when it was begun (monotonic)."""
        context_id = self._scu.context_ids[_pair(item)]
        command = dimse.c_store_rq(context_id, message_id, item.sop_class_uid, item.sop_instance_uid)
        fragments, ends = self._ahead.take()
        begin_s = self._scu.begin(command, context_id, fragments, ends=ends)
        while not ends:
            fragments, ends = self._ahead.take()
            self._scu.go_on(context_id, fragments, ends=ends)
        return begin_s

    def _is_accepted(self, item: Outgoing) -> bool:
        """An instance without a presentation context cannot be sent; the others can."""
        if _pair(item) in self._scu.context_ids:
            return True
        what = f"SOP class {item.sop_class_uid} in transfer syntax {item.transfer_syntax_uid}"
        self.failures[item.sop_instance_uid] = f"the PACS does not accept {what}"
        return False


def _pair(item: Outgoing) -> tuple[str, str]:
    return item.sop_class_uid, item.transfer_syntax_uid
