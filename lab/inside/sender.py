"""A sender of pre-encoded PDUs, to measure receivers by: it costs as little as a sender can. A program.

    python3 -m lab.inside.sender '{"host": "tester", "port": 9999, ...}'      fields of SendOrder

It associates as a Storage SCU, then sends each instance with one system call and waits for its
C-STORE-RSP, as PACS do (one operation outstanding, PS3.7 D.3.3.3). To a bare sink it sends the same bytes
without associating, and waits for an answer of 100 bytes. It prints one line of JSON: what it sent, how fast.
"""

import dataclasses
import json
import os
import socket
import sys
import threading
import time
from itertools import cycle, islice

from lab.dicom.dimse import c_store_rq
from lab.dicom.negotiation import Context, Proposal
from lab.dicom.pdu import A_RELEASE_RQ, HEADER, PduType, data_set_pdus
from lab.dicom.proposing import decode_acceptance, encode_request
from lab.inside import tcp
from lab.inside.secured import requestor_context, secured
from lab.model.exchange import SendOrder, Sent
from lab.model.plain import from_json

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
BARE_ANSWER_BYTES = 100
_CONTEXT_ID = 1
_RETRY_S = 10.0
_DISTINCT = (
    1000  # instances; then the same again, so that a long run costs the sender no more than a short one
)


def main() -> None:
    order = from_json(SendOrder, sys.argv[1])
    try:
        sent = send(order)
    except OSError as error:
        sys.exit(f"the sender of pre-encoded PDUs to {order.host}:{order.port} failed: {error}")
    print(json.dumps(dataclasses.asdict(sent)), flush=True)


def send(order: SendOrder) -> Sent:
    """Open every association, then send on all of them at once."""
    data = b"".join(data_set_pdus(_CONTEXT_ID, _data_set(order.dataset_bytes), order.max_pdu_bytes))
    lanes = [_Lane(order, number, data) for number in range(order.associations)]
    threads = [threading.Thread(target=lane.run, daemon=True) for lane in lanes]
    cpu_s = time.process_time()
    begun_s = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended_s = time.monotonic()
    cpu_s = time.process_time() - cpu_s
    for lane in lanes:
        lane.close()
    if failed := [lane.failure for lane in lanes if lane.failure]:
        raise ConnectionError(failed[0])
    return Sent(
        instances=sum(lane.answered for lane in lanes),
        dataset_bytes=sum(lane.answered for lane in lanes) * order.dataset_bytes,
        duration_s=ended_s - begun_s,
        sender_cpu_s=cpu_s,
    )


class _Lane:
    """One association and its share of the instances."""

    def __init__(self, order: SendOrder, number: int, data: bytes) -> None:
        self.answered = 0
        self.failure = ""
        self._bare = order.bare
        self._at_most_s = order.at_most_s
        self._connection = _connected(order.host, order.port)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if order.tls:
            context = requestor_context(order.tls, check_name=False)  # the loopback has no name
            self._connection = secured(self._connection, context, order.host)
        self._buffer = memoryview(bytearray(64 << 10))
        if order.bare:
            self._connection.sendall(_size_of(order).to_bytes(8))
        else:
            _associate(self._connection, order)
        self._data = data
        self._count = order.instances // order.associations
        self._commands = [
            c_store_rq(_CONTEXT_ID, index % 0xFFFF + 1, CT_IMAGE_STORAGE, _uid(number, index))
            for index in range(min(self._count, _DISTINCT))
        ]

    def run(self) -> None:
        """Send and wait, one after the other."""
        try:
            until_s = time.monotonic() + self._at_most_s
            for command in islice(cycle(self._commands), self._count):
                if time.monotonic() > until_s:
                    break
                self._send_whole(command)
                self._await_answer()
                self.answered += 1
        except OSError as error:
            self.failure = f"after {self.answered} instances: {error}"

    def close(self) -> None:
        if not self._bare and not self.failure:
            self._connection.sendall(A_RELEASE_RQ)
            self._connection.recv(16)
        self._connection.close()

    def _send_whole(self, command: bytes) -> None:
        tcp.send_gathered(self._connection, [command, self._data])

    def _await_answer(self) -> None:
        wanted = BARE_ANSWER_BYTES if self._bare else HEADER.size
        got = 0
        while got < wanted:
            count = self._connection.recv_into(self._buffer[got:])
            if not count:
                msg = "the receiver closed the connection"
                raise ConnectionError(msg)
            got += count
            if not self._bare and got >= HEADER.size:
                pdu_type, length = HEADER.unpack_from(self._buffer)
                if pdu_type != PduType.P_DATA_TF:
                    msg = f"the receiver answered with a PDU of type {pdu_type}"
                    raise ConnectionError(msg)
                wanted = HEADER.size + length


def _connected(host: str, port: int) -> socket.socket:
    """The receiver may be starting: try again for a while."""
    deadline_s = time.monotonic() + _RETRY_S
    while True:
        try:
            return socket.create_connection((host, port), timeout=60)
        except OSError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)


def _associate(connection: socket.socket, order: SendOrder) -> None:
    contexts = (
        Context(
            context_id=_CONTEXT_ID,
            abstract_syntax=CT_IMAGE_STORAGE,
            transfer_syntaxes=(EXPLICIT_VR_LITTLE_ENDIAN,),
        ),
    )
    proposal = Proposal(
        called_ae_title=order.called_ae_title,
        calling_ae_title="SENDER",
        contexts=contexts,
        max_pdu_bytes=16384,
    )
    connection.sendall(encode_request(proposal))
    answer = b""
    while len(answer) < HEADER.size or len(answer) < HEADER.size + HEADER.unpack_from(answer)[1]:
        chunk = connection.recv(65536)
        if not chunk:
            msg = "the receiver closed the connection instead of accepting the association"
            raise ConnectionError(msg)
        answer += chunk
    if answer[0] != PduType.A_ASSOCIATE_AC or not decode_acceptance(answer[HEADER.size :], contexts).contexts:
        msg = "the receiver does not accept CT images in Explicit VR Little Endian"
        raise ConnectionError(msg)


def _size_of(order: SendOrder) -> int:
    """Bytes on the wire of one instance: every UID is made of one length."""
    command = c_store_rq(_CONTEXT_ID, 1, CT_IMAGE_STORAGE, _uid(0, 0))
    data = data_set_pdus(_CONTEXT_ID, bytes(order.dataset_bytes), order.max_pdu_bytes)
    return len(command) + sum(map(len, data))


def _uid(association: int, index: int) -> str:
    return f"2.25.9722984146.1{association:04d}.1{index:08d}"


def _data_set(count_bytes: int) -> bytes:
    """Explicit VR Little Endian that parses: one private element of noise (PS3.5 7.8.1)."""
    header = b"\x09\x00\x10\x00LO\x08\x00DICOMLAB" + b"\x09\x00\x00\x10OB\0\0"
    noise = os.urandom(count_bytes - len(header) - 4)
    return header + len(noise).to_bytes(4, "little") + noise


if __name__ == "__main__":
    main()
