"""The sending end of a probe, on a socket that is slow."""

import socket
import time
from typing import cast

from lab.inside.probe_sender import send_stream
from lab.model.probe import Stream

PACKETS, EACH_S = 50, 1e-3


class Slow:
    """Every packet takes longer than its place in the stream."""

    def getsockopt(self, *_: int) -> int:
        return 1500

    def setsockopt(self, *_: int) -> None:
        pass

    def send(self, _: bytes) -> None:
        time.sleep(EACH_S)


def test_a_stream_that_was_sent_too_slowly_is_said_to_have_lasted_as_long_as_it_did() -> None:
    stream = Stream(name="flood", packets=PACKETS, payload_bytes=1472, spacing_s=2e-4)
    sent = send_stream(cast("socket.socket", Slow()), 0, stream, time.monotonic() + 60)
    assert sent.packets == PACKETS
    assert sent.lasted_s >= PACKETS * EACH_S
