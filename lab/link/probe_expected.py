"""What a probe is to find on a link. Pure.

Delays come from the link's distribution, cut off at 0, and packets keep their order: one that would
overtake leaves with the one before it, but for those that are reordered, which do not wait. That shifts the
median and the spread of what arrives, so both are drawn here many times over, for packets sent when the
probe's were, and so is their sampling error.
The drawing knows nothing of any shaper.
"""

import random
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lab.link.distribution import quantile
from lab.link.probe_figures import spread
from lab.link.probe_packet import HEADERS_BYTES
from lab.link.probe_plan import PING_FRAME_BYTES, frame_s, ping_spacing_s
from lab.model.profile import Link

_FEWEST_TIMES, _MOST_TIMES = 25, 200  # of 25 the sampling error is known to 14 %, of 200 to 5 %
_PACKETS_DRAWN = 60_000  # and the more packets there are, the less that error matters
_SEED = 20260101


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A figure, and the standard error with which a probe of this length finds it."""

    value: float
    standard_error: float


def one_way_ms(link: Link, sent_at_ms: Sequence[float], payload_bytes: int) -> tuple[Expected, Expected]:
    """Median and spread of the one-way delay of packets sent then, in milliseconds."""
    sent_s = [at_ms / 1e3 for at_ms in sent_at_ms] or [0.0, 0.0]
    runs = list(_delays_ms([link], sent_s, payload_bytes + HEADERS_BYTES))
    return _expected([statistics.median(run) for run in runs]), _expected([spread(run) for run in runs])


def round_trip_ms(down: Link, up: Link, pings: int) -> Expected:
    """Median of so many pings' round trips, in milliseconds."""
    spacing_s = ping_spacing_s(down, up)
    sent_s = [index * spacing_s for index in range(pings)]
    runs = _delays_ms([up, down], sent_s, PING_FRAME_BYTES)
    return _expected([statistics.median(run) for run in runs])


def _expected(found: list[float]) -> Expected:
    error = statistics.stdev(found) if len(found) > 1 else 0.0
    return Expected(value=statistics.fmean(found), standard_error=error)


def _delays_ms(links: list[Link], sent_s: list[float], frame_bytes: int) -> Iterator[list[float]]:
    """Delays over links one after the other; the whole as often as chance makes it worth while."""
    chance = random.Random(_SEED)
    chancy = any(link.jitter_s or link.reorder_ratio for link in links)
    for _ in range(_times_over(len(sent_s)) if chancy else 1):
        arrived_s: Iterable[float] = sent_s
        for link in links:
            arrived_s = _arrivals_s(link, arrived_s, frame_bytes, chance)
        yield [round((at_s - then_s) * 1e3, 6) for then_s, at_s in zip(sent_s, arrived_s, strict=True)]


def _times_over(packets: int) -> int:
    return max(_FEWEST_TIMES, min(_MOST_TIMES, _PACKETS_DRAWN // packets))


def _arrivals_s(
    link: Link, sent_s: Iterable[float], frame_bytes: int, chance: random.Random
) -> Iterator[float]:
    draw = _drawer(link.jitter_distribution, chance)
    serialising_s, last_s = frame_s(link, frame_bytes), 0.0
    for at_s in sent_s:
        if link.reorder_ratio and chance.random() < link.reorder_ratio:
            yield at_s  # it waits for nothing, the rate neither
            continue
        travel_s = max(0.0, link.delay_s + link.jitter_s * draw()) if link.jitter_s else link.delay_s
        last_s = max(at_s + travel_s, last_s) + serialising_s
        yield last_s


def _drawer(distribution: str, chance: random.Random) -> Callable[[], float]:
    at = quantile(distribution)
    return lambda: at(chance.random())
