"""The 40 ms that Nagle's algorithm and a delayed ACK cost together, found in the gaps of a run. Pure.

Nagle's algorithm holds a short segment back until what was sent before is acknowledged (RFC 9293 3.7.4); a
kernel delays that acknowledgement by 40 ms (Linux, TCP_DELACK_MIN) when it has nothing to send. Together they
cost 40 ms an image, in one of two places:

    before an image     a receiver that writes its response in two parts: the second waits
    within an image     a PACS whose last segment of an image is short: that one waits

On images of 160 kB this alone takes a PACS down to 30 Mbit/s.
"""

from collections.abc import Iterator

from lab.model.case import Case
from lab.model.exchange import Arrivals
from lab.model.spread import Doubt

_STALL_MS = (38.0, 50.0)  # HZ/25, a tick of the timer, and what the PACS takes for an image anyway
_BESIDE_MS = ((26.0, 38.0), (50.0, 62.0))  # as wide: a mode stands out from both
_STANDS_OUT = 3
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
    case: Case, rtt_ms: float | None, path_mbit_s: float | None, arrivals: Arrivals
) -> Doubt | None:
    """A doubt when a tenth of the images came 40 ms later than round trip and rate explain, as a mode.

    Without the path's rate or round trip nothing is claimed. A PACS that needs 44 ms for each image, every
    time, cannot be told from one that stalls: hence "looks like".
    """
    if path_mbit_s is None or rtt_ms is None or rtt_ms > _LONGEST_RTT_MS:
        return None
    excess_ms = dict(excess_by_row(rtt_ms, path_mbit_s, arrivals))
    stalled = _within(excess_ms, _STALL_MS)
    beside = max(len(_within(excess_ms, place)) for place in _BESIDE_MS)
    if len(stalled) < _SHARE * len(arrivals.end_s) or len(stalled) < _STANDS_OUT * max(1, beside) - 1:
        return None
    inside = [
        row
        for row in stalled
        if _transfer_ms(arrivals, row) - serialisation_ms(path_mbit_s, arrivals, row) > _MOST_OF_IT_MS
    ]
    where = "within" if len(inside) * 2 > len(stalled) else "before"
    what, remedy = _EXPLANATIONS[where, case.ack]
    text = f"a tenth of the images or more came after 40 ms that look like a delayed ACK: {what}"
    return Doubt(code="delayed_ack_stall", text=text, remedy=remedy)


def excess_by_row(rtt_ms: float, path_mbit_s: float, arrivals: Arrivals) -> Iterator[tuple[int, float]]:
    """How much later, in ms, each came after the one before on its association than the path explains."""
    previous_s: dict[int, float] = {}
    for row, end_s in enumerate(arrivals.end_s):
        association = arrivals.association[row]
        if association in previous_s:
            gap_ms = (end_s - previous_s[association]) * 1e3
            yield row, gap_ms - rtt_ms - serialisation_ms(path_mbit_s, arrivals, row)
        previous_s[association] = end_s


def serialisation_ms(path_mbit_s: float, arrivals: Arrivals, row: int) -> float:
    """What an image takes on a path of that rate."""
    return arrivals.dataset_bytes[row] * 8 / path_mbit_s / 1e3


def _within(excess_ms: dict[int, float], place: tuple[float, float]) -> list[int]:
    return [row for row, excess in excess_ms.items() if place[0] <= excess < place[1]]


def _transfer_ms(arrivals: Arrivals, row: int) -> float:
    return (arrivals.end_s[row] - arrivals.begin_s[row]) * 1e3
