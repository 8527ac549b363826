"""One iperf3 TCP transfer in the terms of RFC 6349, from iperf3's own report. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.link.expect import SEGMENT_BYTES
from lab.link.netem import FRAME_BYTES
from lab.model.conditions import Flow

IMAGES_S, OTHER_S = 2, 1  # counted at least: the way the images go, and the other
_SLOW_START_ROUND_TRIPS = 10  # from ten segments to 15 MB in a round trip, doubling in each (RFC 6928, 5681)
_LONGEST_SLOW_START_S = 10
_NO_MATTER_RATIO = 0.005


@dataclass(frozen=True, kw_only=True)
class Spell:
    """How long a flow lasts, in whole seconds: first ``omitted_s`` of slow start, then what counts."""

    omitted_s: int
    counted_s: int


def spell(rtt_ms: float | None, at_least_s: int) -> Spell:
    """For a path of that round trip when idle; None is a short one.

    Ten round trips are left out, 1 to 10 s, and as long is counted, or ``at_least_s``. Nothing is left out
    where they are under 0.5 % of that.
    """
    slow_start_s = _SLOW_START_ROUND_TRIPS * (rtt_ms or 0.0) / 1e3
    if slow_start_s < _NO_MATTER_RATIO * at_least_s:
        return Spell(omitted_s=0, counted_s=at_least_s)
    omitted_s = min(math.ceil(slow_start_s), _LONGEST_SLOW_START_S)
    return Spell(omitted_s=omitted_s, counted_s=max(at_least_s, omitted_s))


def flow(report: Mapping[str, Any], rtt_ms: float | None, rate_bit_s: float | None) -> Flow | None:
    """From what ``iperf3 --client --json`` printed where the data was sent.

    ``rtt_ms`` is the round trip of the idle path, ``rate_bit_s`` the profile's, layer 2. None when nothing
    was transferred.
    """
    end = report.get("end", {})
    received_bit_s = end.get("sum_received", {}).get("bits_per_second")
    if not received_bit_s:
        return None
    sender: Mapping[str, Any] = next((stream.get("sender", {}) for stream in end.get("streams", [])), {})
    retransmits = end.get("sum_sent", {}).get("retransmits")
    busy_rtt_ms = sender["mean_rtt"] / 1e3 if sender.get("mean_rtt") else None
    return Flow(
        mbit_s=received_bit_s / 1e6,
        retransmitted_segments=retransmits,
        efficiency_ratio=_efficiency(end.get("sum_sent", {}).get("bytes"), retransmits, _mss(report)),
        rtt_ms=busy_rtt_ms,
        buffer_delay_ratio=(busy_rtt_ms - rtt_ms) / rtt_ms if busy_rtt_ms and rtt_ms else None,
        transfer_time_ratio=_ideal_bit_s(rate_bit_s) / received_bit_s if rate_bit_s else None,
    )


def _mss(report: Mapping[str, Any]) -> int:
    return int(report.get("start", {}).get("tcp_mss_default") or SEGMENT_BYTES)


def _efficiency(sent_bytes: int | None, retransmits: int | None, segment_bytes: int) -> float | None:
    """Bytes sent once to all bytes sent (RFC 6349 4.1)."""
    if not sent_bytes or retransmits is None:
        return None
    return sent_bytes / (sent_bytes + retransmits * segment_bytes)


def _ideal_bit_s(rate_bit_s: float) -> float:
    """TCP payload at that layer-2 rate in full frames (RFC 6349 3.3.1)."""
    return rate_bit_s * SEGMENT_BYTES / FRAME_BYTES
