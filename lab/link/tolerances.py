"""How far a measured figure may lie from what the link claims. Pure numbers, each with its reason.

    round trip          2 % or 1 ms    the larger; 1 ms is what a busy machine adds to a median
    one-way delay       2 % or 0.5 ms  so that both ways together keep to the round trip's
    jitter              10 % or 0.5 ms a delay that may be off by so much may vary by so much; on slow
                                       links 0.5 % of the delay, for timers are coarser there
    rate                5 %            netem sends at the ticks of a timer, and the flood of a busy
                                       machine has gaps
    loss, duplicates,   99.99 %        of honest links are within the interval of the count: a dozen
    corruption,                        counts are looked at each time
    reordering

What is drawn by lot has a sampling error besides: 3.89 standard errors, 99.99 % of a normal distribution.
"""

import math
from dataclasses import dataclass

RTT_RATIO, RTT_S = 0.02, 1e-3
ONE_WAY_RATIO, ONE_WAY_S = 0.02, 0.5e-3
SPREAD_RATIO, SPREAD_S, SPREAD_OF_DELAY_RATIO = 0.1, 0.5e-3, 0.005
RATE_RATIO = 0.05
SIGMAS = 3.89
FEWEST_EVENTS = 10  # below that an interval holds nothing as well as twice as much
BLUNT_RATIO = 0.25  # an error of sampling beyond this share would not show what is a quarter off
_TAIL = 0.5e-4
_SUMMED_UP_TO = 300


@dataclass(frozen=True, kw_only=True)
class Range:
    """From ``lowest`` to ``highest``, both within."""

    lowest: float
    highest: float

    def holds(self, value: float) -> bool:
        """True when the value is within."""
        return self.lowest <= value <= self.highest


def around(expected: float, ratio: float, least: float, standard_error: float = 0.0) -> Range:
    """Within a share of what is expected or ``least``, the larger, and the sampling error besides."""
    allowed = max(ratio * abs(expected), least) + SIGMAS * standard_error
    return Range(lowest=expected - allowed, highest=expected + allowed)


def count_range(trials: int, lowest_share: float, highest_share: float, burst: float = 1.0) -> Range:
    """How often something may happen in so many trials, when it comes in bursts of that mean length."""
    return Range(
        lowest=burst_count_range(trials * lowest_share, burst).lowest,
        highest=min(trials, burst_count_range(trials * highest_share, burst).highest),
    )


def burst_count_range(mean: float, burst: float) -> Range:
    """Between the 0.005 % and the 99.995 % quantile of a count that comes in bursts.

    Bursts come by chance and their lengths are geometric, as a Gilbert-Elliott chain makes them: the count
    is then a Polya-Aeppli variable. Its variance is the mean times (1 + rho) / (1 - rho), rho being the
    correlation from one trial to the next, 1 - 1 / burst; at a burst of 1 it is Poisson's. Against a
    binomial it errs on the wide side where the share is large.
    """
    if mean > _SUMMED_UP_TO * burst:
        return around(mean, 0, 0, burst_count_sigma(mean, burst))
    return _summed_range(mean, burst)


def burst_count_sigma(mean: float, burst: float) -> float:
    """Standard deviation of a count that comes in bursts: the mean times (1 + rho) / (1 - rho), rooted."""
    rho = 1 - 1 / burst
    return math.sqrt(mean * (1 + rho) / (1 - rho))


def _summed_range(mean: float, burst: float) -> Range:
    """By summing up P(n) = ((2 rho (n-1) + m (1-rho)) P(n-1) - rho^2 (n-2) P(n-2)) / n, for m bursts."""
    rho, bursts = 1 - 1 / burst, mean / burst
    count, before, here = 0, 0.0, math.exp(-bursts)
    below, lowest = here, None
    while below < 1 - _TAIL:
        lowest = count if lowest is None and below > _TAIL else lowest
        count += 1
        step = (2 * rho * (count - 1) + bursts * (1 - rho)) * here - rho**2 * (count - 2) * before
        before, here = here, step / count
        below += here
    return Range(lowest=count if lowest is None else lowest, highest=count)


def mean_burst_range(burst: float, bursts: int) -> Range:
    """What the mean length of so many geometric bursts may be; on a logarithmic scale, for it is skewed."""
    factor = math.exp(SIGMAS * math.sqrt((burst - 1) / burst / bursts))
    return Range(lowest=burst / factor, highest=burst * factor)
