"""Probes that were never sent: what a receiver would tell of a link by netem's rules."""

import random
from collections.abc import Iterator

from lab.link import probe_plan
from lab.link.distribution import quantile
from lab.link.netem import gilbert_elliott
from lab.model.probe import Arrived, Received, Sent, SentStream, Stream
from lab.model.profile import Link

RATE_BIT_S = 10e6
LINK = Link(
    rate_bit_s=RATE_BIT_S,
    delay_s=0.02,
    loss_ratio=0.01,
    duplicate_ratio=0.01,
    corrupt_ratio=0.02,
    reorder_ratio=0.01,
)


def bernoulli(chance: random.Random, trials: int, ratio: float) -> list[bool]:
    return [chance.random() < ratio for _ in range(trials)]


def gilbert(chance: random.Random, trials: int, ratio: float, burst: float) -> list[bool]:
    """The chain of the model: what is lost follows what is lost."""
    onset, end = gilbert_elliott(ratio, burst)
    bad = chance.random() < ratio
    found = []
    for _ in range(trials):
        found.append(bad)
        bad = chance.random() >= end if bad else chance.random() < onset
    return found


def over(link: Link, seconds: float, seed: int) -> tuple[tuple[Sent, Received], tuple[Sent, Received]]:
    """A timed probe and a flood over a link by netem's rules, and nothing else in the way."""
    chance = random.Random(seed)
    streams = probe_plan.timed_streams(link, seconds)
    sent = Sent(streams=tuple(_sent(stream) for stream in streams))
    received = Received(streams=tuple(_arrived(link, s, chance) for s in streams), overrun_packets=0)
    flood = probe_plan.flood(link, seconds)
    arrived = Arrived(
        sequence=(), sent_us=(), delay_us=(), corrupted=(), packets=1, steady_bit_s=link.rate_bit_s or 200e6
    )
    return (sent, received), (
        Sent(streams=(_sent(flood),)),
        Received(streams=(arrived,), overrun_packets=0),
    )


def _sent(stream: Stream) -> SentStream:
    return SentStream(packets=stream.packets, payload_bytes=stream.payload_bytes, lasted_s=stream.lasts_s)


def _arrived(link: Link, stream: Stream, chance: random.Random) -> Arrived:
    """By time of arrival."""
    came = sorted(_packets(link, stream, chance), key=lambda packet: packet[0])
    return Arrived(
        sequence=tuple(sequence for _, sequence, _, _ in came),
        sent_us=tuple(sent_s * 1e6 for _, _, sent_s, _ in came),
        delay_us=tuple((at_s - sent_s) * 1e6 for at_s, _, sent_s, _ in came),
        corrupted=tuple(sequence for _, sequence, _, hit in came if hit),
        packets=len(came),
        steady_bit_s=None,
    )


def _packets(link: Link, stream: Stream, chance: random.Random) -> Iterator[tuple[float, int, float, bool]]:
    """(arrived, sequence, sent, corrupted) of each; one with a wrong bit in a header is gone."""
    lost = (
        gilbert(chance, stream.packets, link.loss_ratio, link.loss_burst_packets)
        if link.loss_burst_packets > 1
        else bernoulli(chance, stream.packets, link.loss_ratio)
    )
    deviation = quantile(link.jitter_distribution)
    last_s = 0.0
    for sequence in range(stream.packets):
        sent_s = sequence * stream.spacing_s
        copies = 1 + (chance.random() < link.duplicate_ratio) - lost[sequence]
        for _ in range(copies):
            hit = chance.random() < link.corrupt_ratio
            if hit and chance.random() * (stream.payload_bytes + 42) > stream.payload_bytes:
                continue
            ahead = chance.random() < link.reorder_ratio
            travelled_s = sent_s + max(0.0, link.delay_s + link.jitter_s * deviation(chance.random()))
            serialised_s = probe_plan.frame_s(link, stream.payload_bytes + 42)
            last_s = last_s if ahead else max(travelled_s, last_s) + serialised_s
            yield (sent_s if ahead else last_s), sequence, sent_s, hit
