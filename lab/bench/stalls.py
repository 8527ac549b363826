"""The 40 ms that Nagle's algorithm and a delayed ACK cost together, found in the gaps of a run. Pure.

Nagle's algorithm holds a short segment back until what was sent before is acknowledged (RFC 9293 3.7.4); a
kernel delays that acknowledgement by 40 ms (Linux, TCP_DELACK_MIN) when it has nothing to send. Together they
cost 40 ms an image, in one of two places:

    before an image     a receiver that writes its response in two parts: the second waits
    within an image     a PACS whose last segment of an image is short: that one waits

On images of 160 kB this alone takes a PACS down to 30 Mbit/s.
"""

from collections.abc import Iterator

from lab.model.exchange import Arrivals
from lab.model.record import Case, Doubt

_STALL_MS = (38.0, 50.0)  # HZ/25, a tick of the timer, and what the PACS takes for an image anyway
_MOST_OF_IT_MS = 30.0
_SHARE = 0.1
_LONGEST_RTT_MS = 20.0  # beyond, slow start and BBR's pacing make gaps of 40 ms too: nothing is claimed

_EXPLANATIONS = {
    ("before", "delayed"): (
        "this receiver, as told, answers in two writes with Nagle's algorithm on; the PACS delays its ACK",
        "--ack quick; in other receivers TCP_NODELAY (DCMTK's tools take it from the environment)",
    ),
    ("before", "quick"): (
        "the PACS's side waits before it sends an image; the responses of this receiver leave at once",
        "TCP_NODELAY in the PACS, and on its way to its own storage and database",
    ),
    ("within", "delayed"): (
        "the PACS holds the end of an image back (Nagle) until this receiver, as told, acknowledges late",
        "--ack quick; TCP_NODELAY in the PACS cures it for every receiver",
    ),
    ("within", "quick"): (
        "the PACS waits within an image, though this receiver acknowledges at once",
        "look for a proxy or gateway on the path that delays ACKs; TCP_NODELAY in the PACS",
    ),
}


def delayed_ack_stall(
    case: Case, rtt_ms: float, path_mbit_s: float | None, arrivals: Arrivals
) -> Doubt | None:
    """A doubt when a tenth of the images came 40 ms later than round trip and rate explain."""
    stalled = list(stalled_rows(rtt_ms, path_mbit_s, arrivals))
    share = len(stalled) / max(1, len(arrivals.end_s) - 1)
    if share < _SHARE or rtt_ms > _LONGEST_RTT_MS:
        return None
    inside = [row for row in stalled if _transfer_ms(arrivals, row) > _MOST_OF_IT_MS]
    where = "within" if len(inside) * 2 > len(stalled) else "before"
    what, remedy = _EXPLANATIONS[where, case.ack]
    text = (
        f"{share:.0%} of the images came after a stall of 40 ms, which is the time of a delayed ACK: {what}"
    )
    return Doubt(code="delayed_ack_stall", text=text, remedy=remedy)


def stalled_rows(rtt_ms: float, path_mbit_s: float | None, arrivals: Arrivals) -> Iterator[int]:
    """Rows that came about 40 ms later after the one before on their association than the path explains."""
    previous_s: dict[int, float] = {}
    for row, end_s in enumerate(arrivals.end_s):
        association = arrivals.association[row]
        if association in previous_s:
            serialisation_ms = arrivals.dataset_bytes[row] * 8 / path_mbit_s / 1e3 if path_mbit_s else 0.0
            excess_ms = (end_s - previous_s[association]) * 1e3 - rtt_ms - serialisation_ms
            if _STALL_MS[0] <= excess_ms <= _STALL_MS[1]:
                yield row
        previous_s[association] = end_s


def _transfer_ms(arrivals: Arrivals, row: int) -> float:
    return (arrivals.end_s[row] - arrivals.begin_s[row]) * 1e3
