"""From what ping and iperf3 measured on a real link to a profile.

What is measured is there and back; a profile wants each way. It is assumed that both ways are alike:
  delay    half the median round trip;
  jitter   the interquartile range of the round trips / 1.349 is their standard deviation, were they
           normally distributed; few odd ones do not move it. Two alike and independent ways add as
           squares, so each has that / sqrt 2;
  loss     a ping is lost when either way loses it: 1 - sqrt(share of the pings that were answered);
  rate     what TCP got through, plus the headers of its frames, for the profile's rate counts those.
"""

import json
import math
import statistics
from typing import Any

from lab.link.expect import SEGMENT_BYTES
from lab.link.link_keys import write_table
from lab.link.netem import FRAME_BYTES
from lab.model.learning import Goodput, Measured
from lab.model.profile import Link, Profile

_NORMAL_IQR = 1.349  # of a normal distribution, in standard deviations
_LONGEST_DELAY_S = 60.0
_LARGEST_JITTER_S = 2.0
_LARGEST_GOODPUT_BIT_S = 90e9  # with the headers still below what a profile can say
_SMALLEST_RATE_BIT_S = 8.0


def profile_of(measured: Measured, name: str) -> Profile:
    """The profile that stands for the measured link."""
    down, up = _link(measured, measured.down), _link(measured, measured.up)
    programs = "ping and iperf3" if measured.down.bit_s or measured.up.bit_s else "ping"
    return Profile(
        name=name,
        description=f"as between {measured.here} and {measured.host}{_unknown_rates(down, up)}",
        source=f"measured on {measured.date} from {measured.here} to {measured.host} with {programs}",
        assumed=_assumed(down, up),
        down=down,
        up=up,
    )


def _link(measured: Measured, goodput: Goodput) -> Link:
    return Link(
        rate_bit_s=_rate_bit_s(goodput.bit_s),
        delay_s=min(_LONGEST_DELAY_S, round(statistics.median(measured.rtts_ms) / 2e3, 6)),
        jitter_s=min(_LARGEST_JITTER_S, round(jitter_s(measured.rtts_ms), 6)),
        loss_ratio=float(f"{loss_ratio(measured.sent, measured.answered):.3g}"),
    )


def jitter_s(rtts_ms: tuple[float, ...]) -> float:
    """Standard deviation of one way, in seconds; 0 when there are too few round trips to tell."""
    if len(rtts_ms) < 4:
        return 0.0
    lower, _, upper = statistics.quantiles(rtts_ms, n=4)
    return (upper - lower) / 1e3 / _NORMAL_IQR / math.sqrt(2)


def loss_ratio(sent: int, answered: int) -> float:
    """Share lost on one way."""
    return 1 - math.sqrt(min(1.0, answered / sent))


def _rate_bit_s(goodput_bit_s: float | None) -> float | None:
    """To three digits."""
    if goodput_bit_s is None:
        return None
    rate_bit_s = float(f"{goodput_bit_s * FRAME_BYTES / SEGMENT_BYTES:.3g}")
    return max(_SMALLEST_RATE_BIT_S, rate_bit_s)


def _unknown_rates(down: Link, up: Link) -> str:
    missing = [name for name, link in (("down", down), ("up", up)) if link.rate_bit_s is None]
    return f"; rate {' and '.join(missing)} not known" if missing else ""


def _assumed(down: Link, up: Link) -> tuple[str, ...]:
    """All but the rate, for both ways were taken as alike; of the buffer before a rate nothing is known."""
    written = {*write_table(down), *write_table(up)}
    buffer = ("buffer",) if "rate" in written else ()
    return (*(key for key in ("delay", "jitter", "loss") if key in written), *buffer)


def goodput(output: str) -> Goodput:
    """What ``iperf3 --json`` printed: payload that arrived, in bit/s, or why there is none."""
    try:
        report = json.loads(output)
        if error := _text_of(report, "error"):
            return Goodput(bit_s=None, trouble=error)
        bit_s = report["end"]["sum_received"]["bits_per_second"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return Goodput(bit_s=None, trouble="iperf3 printed nothing to read a rate from")
    if isinstance(bit_s, bool) or not isinstance(bit_s, int | float) or not bit_s > 0:
        return Goodput(bit_s=None, trouble="iperf3 says that nothing came through")
    if bit_s > _LARGEST_GOODPUT_BIT_S:
        return Goodput(bit_s=None, trouble="it is over 90gbit, more than a profile can say")
    return Goodput(bit_s=float(bit_s))


def _text_of(report: Any, key: str) -> str:
    value = report.get(key, "") if isinstance(report, dict) else ""
    return value if isinstance(value, str) else ""
