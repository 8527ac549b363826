"""A receiving process: one loop over the associations it is handed. A program, started by receiver.py.

    stdin       a SOCK_SEQPACKET socket: the order as JSON, then connections and single letters
    stdout      JSON lines: what has come so far, at most ten a second; at the end everything, by column

When stdin ends, the receiver is gone, and so is this.
"""

import dataclasses
import json
import resource
import select
import socket
import sys
import time
from itertools import chain

from lab.dicom.acceptor import Acceptor
from lab.dicom.negotiation import Offer
from lab.inside import sinks
from lab.inside.columns import concatenated
from lab.inside.peer import Peer
from lab.model.exchange import ReceiverCost, ReceiverOrder

CONNECTION, MARK, STOP = b"C", b"M", b"S"
BUFFER_BYTES = 256 << 10
MOST_ASSOCIATIONS = 64
_MOST_CONNECTIONS = 2000
_REPORT_INTERVAL_S = 0.1
_CLOCK_INTERVAL_S = 0.25
_ORDER_BYTES = 64 << 10


class Worker:
    """Serves connections until told to stop."""

    def __init__(self, control: socket.socket, order: ReceiverOrder) -> None:
        self._control = control
        self._order = order
        self._offer = Offer(
            ae_title=order.ae_title,
            check_called=order.check_called,
            max_pdu_bytes=order.max_pdu_bytes,
            transfer_syntaxes=tuple(order.transfer_syntaxes),
        )
        self._poll = select.epoll()
        self._poll.register(control, select.EPOLLIN)
        self._open: dict[int, Peer] = {}
        self._closed: list[Peer] = []
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._cpu_mark_s = time.process_time()
        self._reported = (0, 0)
        self._stopping = False

    def serve(self) -> None:
        """Until told to stop, or until whoever started this is gone."""
        clock_s = report_s = 0.0
        while not self._stopping:
            for number, _ in self._poll.poll(_REPORT_INTERVAL_S):
                if number in self._open:
                    self._served(number)
                else:
                    self._told()
            now_s = time.monotonic()
            if now_s >= clock_s:
                clock_s = now_s + _CLOCK_INTERVAL_S
                self._look_at_the_clock(now_s)
            if now_s >= report_s:
                report_s = now_s + _REPORT_INTERVAL_S
                self._report_progress()

    def tell(self) -> None:
        """Everything, a line per column; the connections that are still open are closed."""
        for number in list(self._open):
            self._open[number].acceptor.trouble = (
                self._open[number].acceptor.trouble or "still open at the end"
            )
            self._close(number)
        cpu_s = time.process_time() - self._cpu_mark_s
        peers = [peer for peer in self._closed if peer.received_bytes]
        for name, values in concatenated([peer.columns for peer in peers]):
            _say({"column": name, "values": values})
        peak_rss_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        cost = ReceiverCost(cpu_s=cpu_s, busiest_cpu_s=cpu_s, peak_rss_bytes=peak_rss_bytes)
        _say({"associations": [dataclasses.asdict(peer.described()) for peer in peers], "cost": vars(cost)})

    def _served(self, number: int) -> None:
        peer = self._open[number]
        peer.readable(self._buffer)
        if peer.acceptor.is_over:
            self._close(number)

    def _told(self) -> None:
        message, descriptors, _, _ = socket.recv_fds(self._control, _ORDER_BYTES, 1)
        for descriptor in descriptors:
            self._take(socket.socket(fileno=descriptor))
        if message == MARK:
            self._cpu_mark_s = time.process_time()
        elif message in (STOP, b""):
            self._stopping = True

    def _take(self, connection: socket.socket) -> None:
        if len(self._open) >= _MOST_CONNECTIONS:
            connection.close()
            return
        connection.setblocking(False)
        associated = sum(peer.acceptor.acceptance is not None for peer in self._open.values())
        sink = sinks.make(self._order.sink, self._order.keep_folder)
        peer = Peer(
            connection,
            Acceptor(self._offer, sink, full=associated >= MOST_ASSOCIATIONS),
            quick=self._order.ack == "quick",
            artim_s=self._order.artim_s,
            silence_s=self._order.silence_s,
        )
        self._open[connection.fileno()] = peer
        self._poll.register(connection, select.EPOLLIN)

    def _close(self, number: int) -> None:
        peer = self._open.pop(number)
        self._poll.unregister(number)
        peer.close()
        self._closed.append(peer)

    def _look_at_the_clock(self, now_s: float) -> None:
        for number, peer in list(self._open.items()):
            peer.look_at_the_clock(now_s)
            if peer.acceptor.is_over:
                self._close(number)

    def _report_progress(self) -> None:
        peers = list(chain(self._open.values(), self._closed))
        instances = sum(len(peer.columns) for peer in peers)
        received_bytes = sum(peer.received_bytes for peer in peers)
        if (instances, received_bytes) != self._reported:
            self._reported = (instances, received_bytes)
            last_read_s = max(peer.last_read_s for peer in peers)
            _say({"instances": instances, "bytes": received_bytes, "last_read_s": last_read_s})


def _say(values: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def main() -> None:
    control = socket.socket(fileno=0)
    order = ReceiverOrder(**json.loads(control.recv(_ORDER_BYTES)))
    worker = Worker(control, order)
    _say({"ready": True})
    worker.serve()
    worker.tell()


if __name__ == "__main__":
    main()
