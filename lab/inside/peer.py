"""The socket side of one accepted association: reads into the buffer, answers, looks at the clock.

A read takes what is there, whatever PDU it belongs to. The time of a read is taken when it returns, and
the kernel's own stamp of the last byte says how late that was.
"""

import socket
import time

from lab.dicom.acceptor import Acceptor
from lab.dicom.states import ARTIM_STATES, Event
from lab.inside import tcp
from lab.inside.columns import Columns
from lab.inside.tls_failures import broken
from lab.model.exchange import Accepted, Connection

_FIRST_WRITE_BYTES = 12  # of a response by DCMTK: the headers of the PDU and of its presentation data value


class Peer:
    """One connection.

    Args:
        connection: non-blocking.
        stamped: ask the kernel to stamp what arrives, where it does.
        quick: acknowledge at once, and send each response at once. Otherwise as common tools do: ACKs
            delayed, Nagle's algorithm on, a response in two writes, of which the second then waits for the
            other side's delayed ACK of the first.
        artim_s, silence_s: how long to wait where (PS3.8 9.1.5 for ARTIM).
    """

    def __init__(
        self,
        connection: socket.socket,
        acceptor: Acceptor,
        *,
        quick: bool,
        artim_s: float,
        silence_s: float,
        stamped: bool = True,
    ) -> None:
        self.acceptor = acceptor
        self.columns = Columns()
        self.received_bytes = 0
        self.accept_s = 0.0
        self.connection = connection
        self._quick = quick
        self._artim_s = artim_s
        self._silence_s = silence_s
        self._address = _peer_name(connection)
        self._kernel: Connection | None = None
        self.last_read_s = time.monotonic()
        self._state_since_s = self.last_read_s
        self._stamped = stamped and tcp.stamp_arrivals(connection)
        if quick:
            tcp.send_at_once(connection)
            tcp.acknowledge_at_once(connection)

    def readable(self, buffer: memoryview) -> None:
        """Read once, into ``buffer`` from its start, and do what follows from it."""
        acceptor = self.acceptor
        try:
            if self._stamped:
                count, ancillary, _, _ = self.connection.recvmsg_into([buffer], tcp.STAMP_BYTES)
            else:
                count, ancillary = self.connection.recv_into(buffer), []
            now_s, clock_s = time.monotonic(), time.time()
        except BlockingIOError:
            return
        except OSError as error:
            acceptor.happened(Event.TRANSPORT_CLOSED, broken(error))
            return
        if not count:
            acceptor.happened(Event.TRANSPORT_CLOSED, "the peer closed the connection without a release")
            return
        self.last_read_s = now_s
        self.received_bytes += count
        state = acceptor.state
        try:
            acceptor.receive(buffer[:count], now_s)
        except OSError as error:  # of the sink: a full disk, a folder that cannot be written
            acceptor.happened(Event.TRANSPORT_CLOSED, f"what arrives cannot be kept: {error}")
        if acceptor.state is not state:
            self._changed(now_s)
        if acceptor.outgoing:
            self._send()
        if acceptor.stored:
            stamp_s = tcp.stamp_s(ancillary)
            for stored in acceptor.stored:
                self.columns.add(stored, None if stamp_s is None else clock_s - stamp_s)
            acceptor.stored.clear()
        if self._quick:
            tcp.acknowledge_at_once(self.connection)

    def look_at_the_clock(self, now_s: float) -> None:
        """Time may be up: ARTIM before and after an association, silence within one."""
        state = self.acceptor.state
        if state in ARTIM_STATES:
            due_s, text = self._state_since_s + self._artim_s, f"{self._artim_s:g} s {state.value}"
        else:
            due_s, text = self.last_read_s + self._silence_s, f"nothing came for {self._silence_s:g} s"
        if now_s >= due_s:
            self.acceptor.happened(Event.TIMER_EXPIRED, text)
            self._state_since_s = now_s
            self._send()

    def close(self) -> None:
        """Let the connection go."""
        self._ask_kernel()
        self.connection.close()

    def described(self) -> Accepted:
        """This association, for the record."""
        return Accepted(
            peer=self._address,
            calling_ae_title=self.acceptor.calling_ae_title,
            instances=len(self.columns),
            received_bytes=self.received_bytes,
            accept_s=self.accept_s,
            trouble=self.acceptor.trouble,
            connection=self._kernel,
        )

    def _changed(self, since_s: float) -> None:
        """A state begins; before the socket goes, the kernel is asked about the connection."""
        self._state_since_s = since_s
        if self.acceptor.acceptance is not None and not self.accept_s:
            self._send()
            self.accept_s = time.monotonic() - since_s
        else:
            self._ask_kernel()

    def _ask_kernel(self) -> None:
        if self._kernel is None and self.connection.fileno() >= 0:
            self._kernel = tcp.describe(self.connection)

    def _send(self) -> None:
        """Responses are short and a peer has one request outstanding: what does not fit is not being read."""
        pdus = self.acceptor.outgoing
        data = pdus[0] if len(pdus) == 1 else b"".join(pdus)
        pdus.clear()
        try:
            sent = 0 if self._quick else self.connection.send(data[:_FIRST_WRITE_BYTES])
            sent += self.connection.send(data[sent:]) if data else 0
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self.acceptor.happened(Event.TRANSPORT_CLOSED, f"the connection broke: {error.strerror}")
            return
        if sent < len(data):
            self.acceptor.happened(Event.TRANSPORT_CLOSED, "the peer does not read its responses")


def _peer_name(connection: socket.socket) -> str:
    try:
        return str(connection.getpeername()[0])
    except OSError:
        return ""
