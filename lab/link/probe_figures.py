"""What was sent and what arrived, as figures. Pure."""

import statistics
from collections import Counter
from collections.abc import Sequence

from lab.link.probe_packet import HEADERS_BYTES
from lab.model.probe import Arrived, Received, Sent, SentStream
from lab.model.verdict import Figures

_FEWEST_FOR_A_RATE = 40
_LEFT_OUT_AT_FIRST = 0.2
_GROUPS = 10


def figures_of(timed: tuple[Sent, Received], flooded: tuple[Sent, Received]) -> Figures:
    """One direction, from a probe of one or two streams and one of a flood.

    The first stream of ``timed`` is for delays, the last for counts: with a single one, for both.
    """
    sent, received = timed
    paced, counted = received.streams[0], received.streams[-1]
    (flood,), (arrived_of_flood,) = flooded[0].streams, flooded[1].streams
    undisturbed = undisturbed_packets(paced)
    delays_ms = [delay_ms for _, delay_ms in undisturbed]
    lost = lost_sequences(sent.streams[-1].packets, counted)
    return Figures(
        delay_ms=statistics.median(delays_ms) if delays_ms else None,
        spread_ms=spread(delays_ms) if len(delays_ms) > 1 else None,
        sent_at_ms=tuple(at_ms for at_ms, _ in undisturbed),
        sent_packets=sent.streams[-1].packets,
        lost_packets=len(lost),
        loss_runs=runs(lost),
        duplicated_packets=sum(times > 1 for times in Counter(counted.sequence).values()),
        overtaking_packets=len(overtaking(counted.sequence)),
        corrupted_packets=len(set(counted.corrupted)),
        overrun_packets=received.overrun_packets,
        offered_bit_s=_offered_bit_s(flood),
        rate_bit_s=arrived_of_flood.steady_bit_s,
    )


def _offered_bit_s(flood: SentStream) -> float:
    if not flood.lasted_s:
        return 0.0
    return flood.packets * (flood.payload_bytes + HEADERS_BYTES) * 8 / flood.lasted_s


def undisturbed_packets(arrived: Arrived) -> list[tuple[float, float]]:
    """When each packet that overtook nothing was sent, and its one-way delay, in ms and in that order.

    Of duplicates the first counts.
    """
    left_out = overtaking(arrived.sequence)
    stamps = zip(arrived.sent_us, arrived.delay_us, strict=True)
    first = dict(reversed(list(zip(arrived.sequence, stamps, strict=True))))
    kept = (first[sequence] for sequence in first.keys() - left_out)
    return sorted((sent_us / 1e3, delay_us / 1e3) for sent_us, delay_us in kept)


def spread(values: Sequence[float]) -> float:
    """From the 10th to the 90th percentile: what one stall of a busy machine does not change."""
    deciles = statistics.quantiles(values, n=10, method="inclusive")
    return deciles[-1] - deciles[0]


def lost_sequences(sent_packets: int, arrived: Arrived) -> list[int]:
    """Numbers of packets that never came, ascending."""
    return sorted(set(range(sent_packets)) - set(arrived.sequence))


def runs(ascending: Sequence[int]) -> int:
    """How many runs of numbers that follow each other."""
    return len({number - place for place, number in enumerate(ascending)})


def overtaking(sequence: Sequence[int]) -> set[int]:
    """Packets that came before one that was sent earlier. Only the first of duplicates counts."""
    order = list(dict.fromkeys(sequence))
    earliest_to_come = float("inf")
    found = set()
    for number in reversed(order):
        if number > earliest_to_come:
            found.add(number)
        earliest_to_come = min(earliest_to_come, number)
    return found


def steady_bit_s(at_ns: Sequence[int], frame_bytes: Sequence[int]) -> float | None:
    """The rate at which packets came: the median over ten groups of them, the first fifth left out.

    By groups, so that a sender or an emulator that stalls once does not count. None for too few.
    """
    if len(at_ns) < _FEWEST_FOR_A_RATE:
        return None
    first = int(len(at_ns) * _LEFT_OUT_AT_FIRST)
    size = (len(at_ns) - first - 1) // _GROUPS
    begins = range(first, first + size * _GROUPS, size)
    rates = [_rate_bit_s(at_ns[i : i + size + 1], frame_bytes[i : i + size + 1]) for i in begins]
    return statistics.median(rates)


def _rate_bit_s(at_ns: Sequence[int], frame_bytes: Sequence[int]) -> float:
    """Of what came after the first until the last."""
    return sum(frame_bytes[1:]) * 8e9 / max(1, at_ns[-1] - at_ns[0])
