"""A C-STORE SCP that counts what arrives, built plainly on pynetdicom.

The Data Set is never decoded. Times are taken when the read that completed it returns: C-STORE is
stop-and-wait on an association (PS3.7 9.1.1), so the last read before the handler is the one.
"""

import hashlib
import threading
import time
from collections.abc import Sequence
from socket import IPPROTO_TCP, TCP_CONGESTION, TCP_NODELAY, socket
from typing import Any

from pynetdicom import AE, AllStoragePresentationContexts, evt

from lab.dicom.syntaxes import acceptor_order
from lab.model.exchange import Arrivals

VERIFICATION = "1.2.840.10008.1.1"
SUCCESS = 0x0000


class Receiver:
    """Listens on a port from ``start`` to ``stop``.

    Args:
        ae_title: its own AE title; any called AE title is accepted.
        port: TCP port on every address.
        max_pdu_bytes: largest P-DATA-TF it announces (PS3.8 D.1); 0 is no limit.
        preferred_transfer_syntax_uids: chosen first when a context proposes several.
        digest: SHA-256 of each Data Set as received.
    """

    def __init__(
        self,
        *,
        ae_title: str,
        port: int,
        max_pdu_bytes: int,
        preferred_transfer_syntax_uids: Sequence[str],
        digest: bool,
    ) -> None:
        self.last_read_s = time.monotonic()
        self.associations = 0
        self.congestion_control = ""
        self.received_bytes = 0
        self._port = port
        self._digest = digest
        self._rows: list[tuple[str, str, int, str, float]] = []
        self._read_s: dict[int, float] = {}
        self._lock = threading.Lock()
        self._ae = _acceptor(ae_title, max_pdu_bytes, preferred_transfer_syntax_uids)
        self._server: Any = None

    def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, self._opened),
            (evt.EVT_DATA_RECV, self._read),
            (evt.EVT_C_STORE, self._stored),
        ]
        self._server = self._ae.start_server(("", self._port), block=False, evt_handlers=handlers)

    def stop(self) -> None:
        """Stop listening and abort what is still open."""
        self._server.shutdown()
        for association in self._server.active_associations:
            association.abort()

    @property
    def count(self) -> int:
        """Instances received so far."""
        return len(self._rows)

    def arrivals(self, origin_s: float) -> Arrivals:
        """What has arrived, with times counted from ``origin_s`` on the monotonic clock."""
        with self._lock:
            rows = list(self._rows)
        return Arrivals(
            sop_instance_uids=[row[0] for row in rows],
            transfer_syntax_uids=[row[1] for row in rows],
            dataset_bytes=[row[2] for row in rows],
            dataset_sha256=[row[3] for row in rows],
            end_s=[row[4] - origin_s for row in rows],
        )

    def _opened(self, event: Any) -> None:
        connection: socket = event.assoc.dul.socket.socket
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self.congestion_control = (
            connection.getsockopt(IPPROTO_TCP, TCP_CONGESTION, 16).rstrip(b"\0").decode()
        )
        self.associations += 1

    def _read(self, event: Any) -> None:
        now_s = time.monotonic()
        self._read_s[id(event.assoc)] = now_s
        self.last_read_s = now_s
        self.received_bytes += len(event.data)

    def _stored(self, event: Any) -> int:
        data_set = event.request.DataSet.getbuffer()
        row = (
            str(event.request.AffectedSOPInstanceUID),
            str(event.context.transfer_syntax),
            len(data_set),
            hashlib.sha256(data_set).hexdigest() if self._digest else "",
            self._read_s[id(event.assoc)],
        )
        with self._lock:
            self._rows.append(row)
        return SUCCESS


def _acceptor(ae_title: str, max_pdu_bytes: int, preferred_uids: Sequence[str]) -> AE:
    ae = AE(ae_title)
    ae.maximum_pdu_size = max_pdu_bytes
    ae.network_timeout = None
    ae.dimse_timeout = None
    order = acceptor_order(preferred_uids)
    ae.add_supported_context(VERIFICATION)
    for context in AllStoragePresentationContexts:
        ae.add_supported_context(str(context.abstract_syntax), order)
    return ae
