"""The 40 ms that Nagle's algorithm and a delayed ACK cost together, found in the gaps of a run. Pure.

A sender that holds a last, short segment back until what it sent before is acknowledged (RFC 9293 3.7.4)
meets a receiver that delays that acknowledgement by 40 ms (Linux, TCP_DELACK_MIN). On images of 160 kB this
alone takes a PACS down to 30 Mbit/s. It shows as gaps of 40 ms and a little that the path does not explain.
"""

from collections.abc import Iterator

from lab.model.exchange import Arrivals
from lab.model.record import Case, Doubt

_STALL_MS = (38.0, 50.0)  # HZ/25, a tick of the timer, and what the PACS takes for an image anyway
_MOST_OF_IT_MS = 30.0
_SHARE = 0.1
_LONGEST_RTT_MS = 20.0  # beyond, slow start and BBR's pacing make gaps of 40 ms too: nothing is claimed


def delayed_ack_stall(
    case: Case, rtt_ms: float, path_mbit_s: float | None, arrivals: Arrivals
) -> Doubt | None:
    """A doubt when a tenth of the images came 40 ms later than round trip and rate explain."""
    stalled = list(stalled_rows(rtt_ms, path_mbit_s, arrivals))
    share = len(stalled) / max(1, len(arrivals.end_s) - 1)
    if share < _SHARE or rtt_ms > _LONGEST_RTT_MS:
        return None
    inside = [row for row in stalled if _transfer_ms(arrivals, row) > _MOST_OF_IT_MS]
    text = f"{share:.0%} of the images came after a stall of 40 ms, which is the time of a delayed ACK: "
    if len(inside) * 2 < len(stalled):
        text += "the PACS's side waits before it sends an image; the responses of this receiver leave at once"
        remedy = "TCP_NODELAY in the PACS, and on its way to its own storage and database"
    elif case.ack == "delayed":
        text += "the PACS's side holds an image's end back (Nagle) until this receiver, as told, acknowledges"
        remedy = "--ack quick measures without it; TCP_NODELAY in the PACS cures it for every receiver"
    else:
        text += "the PACS's side waits within an image, though this receiver acknowledges at once"
        remedy = "look for a proxy or gateway on the path that delays ACKs; TCP_NODELAY in the PACS"
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
