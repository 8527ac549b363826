"""An association on which instances are stored: C-STORE as an SCU over a socket (PS3.4 B.2).

Each (SOP class, transfer syntax) is a presentation context of its own (PS3.8 9.3.2), so nothing can be
transcoded; PDUs are as long as the PACS announced, at most 1 MiB. One operation is outstanding at a time
(PS3.7 D.3.3.3).
"""

import time
from collections.abc import Iterable

from lab.dicom import dimse
from lab.dicom.dimse import Command
from lab.dicom.requester import Requester
from lab.dicom.states import Event
from lab.dicom.storing import contexts_of, data_set_buffers, fragment_bytes, shorter
from lab.inside import tcp
from lab.inside.requesting import Requesting
from lab.model.exchange import Connection
from lab.model.store import StoreOrder

_MAX_PDU_BYTES = 16384  # of what the PACS may send us: responses only


class StorageScu(Requesting):
    """One association, set up at once.

    Attributes:
        context_ids: of what was accepted, by SOP class and transfer syntax.

    Raises:
        ConnectionError: nobody listens, it is not accepted, or it ends before what was sent is answered.
    """

    def __init__(self, order: StoreOrder, pairs: Iterable[tuple[str, str]]) -> None:
        association = Requester(
            calling_ae_title=order.calling_ae_title,
            called_ae_title=order.pacs_ae_title,
            max_pdu_bytes=_MAX_PDU_BYTES,
            contexts=contexts_of(pairs),
        )
        self._max_pdu_bytes = order.max_pdu_bytes
        super().__init__(order.pacs_host, order.pacs_port, association, order.silence_s, tls=order.tls)
        self.context_ids = self._accepted()

    @property
    def fragment_bytes(self) -> int:
        """How Data Sets are to be cut for this PACS."""
        acceptance = self._association.acceptance
        announced = acceptance.max_pdu_bytes if acceptance else 0
        return fragment_bytes(shorter(announced, self._max_pdu_bytes))

    @property
    def connection(self) -> Connection:
        """What the kernel knows of it now."""
        return tcp.describe(self._connection)

    def begin(self, command_pdu: bytes, context_id: int, fragments: list[bytes], *, ends: bool) -> float:
        """A C-STORE-RQ and as much of its Data Set as there is; the monotonic time just before."""
        buffers = [command_pdu, *data_set_buffers(context_id, fragments, ends=ends)]
        begin_s = time.monotonic()
        self._send(buffers)
        return begin_s

    def go_on(self, context_id: int, fragments: list[bytes], *, ends: bool) -> None:
        """More of the Data Set."""
        self._send(data_set_buffers(context_id, fragments, ends=ends))

    def await_response(self, message_id: int) -> Command:
        """The C-STORE-RSP that answers; anything else ends the association (PS3.7 9.3.1.2)."""
        association = self._association
        while not association.responses:
            if self.lost:
                raise self._ended()
            self.read()
        command = association.responses.pop(0).command
        answers = (command.field, command.us_or_none(dimse.MESSAGE_ID_RESPONDED_TO))
        due = (dimse.CommandField.C_STORE_RSP, message_id)
        if answers != due or command.us_or_none(dimse.STATUS) is None:
            what = f"response 0x{command.field:04X} to message {answers[1]}"
            association.happened(Event.TRANSPORT_CLOSED, f"{what} was not asked for, or lacks a status")
            raise self._ended()
        return command

    def _send(self, buffers: list[bytes]) -> None:
        try:
            tcp.send_gathered(self._connection, buffers)
        except OSError as error:
            if not isinstance(error, TimeoutError):
                self.read()  # it may have said why, in an A-ABORT
            text = f"the connection broke: {error.strerror or error}"
            self._association.happened(Event.TRANSPORT_CLOSED, text)
            raise self._ended() from error

    def _accepted(self) -> dict[tuple[str, str], int]:
        acceptance = self._association.acceptance
        contexts = acceptance.contexts.values() if acceptance else ()
        return {(one.abstract_syntax, one.transfer_syntaxes[0]): one.context_id for one in contexts}
