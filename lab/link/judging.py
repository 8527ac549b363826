"""Is the link what it claims to be? One Verdict per figure of a probe. Pure.

"out" is what was measured outside its range. "cannot tell" is said in two cases: the figure is within
its range, but a link that is clearly wrong would be there too; or it is outside, and the machine that
measures is the likelier reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.link import probe_plan, probe_shares
from lab.link import tolerances as tol
from lab.link.probe_expected import Expected, one_way_ms, round_trip_ms
from lab.link.tolerances import Range
from lab.model.probe import Stream
from lab.model.profile import Link
from lab.model.verdict import CANNOT_TELL, OK, OUT, Figures, Measured, Verdict

_MORE_SECONDS = "--seconds gives more"
_TUN_CARRIES_BIT_S = 200e6
_ARRIVES_WHEN_UNLIMITED = 0.9
_JUST_OVER = 1.02


def judge(down: Link, up: Link, measured: Measured, seconds: float, shaper: str = "") -> list[Verdict]:
    """Both directions and the round trip, for a probe that was planned for so many seconds."""
    return [
        *judge_direction("down", down, measured.down, seconds, shaper),
        *judge_direction("up", up, measured.up, seconds, shaper),
        _round_trip(down, up, seconds).met_by(measured.rtt_ms),
    ]


def judge_direction(name: str, link: Link, found: Figures, seconds: float, shaper: str = "") -> list[Verdict]:
    """Delay, jitter, rate, and what is counted."""
    streams = probe_plan.timed_streams(link, seconds)
    return [
        *_delays(name, link, found, streams[0].payload_bytes),
        _rate(name, link, found, shaper),
        *_counts(name, link, found, streams[-1]),
    ]


def better(first: Sequence[Verdict], second: Sequence[Verdict]) -> list[Verdict]:
    """Of two measurements of a link, line by line: out is what was out both times."""
    pairs = zip(first, second, strict=True)
    return [again if again.verdict != OUT or once.verdict == OUT else once for once, again in pairs]


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """``blind``: why being within says little; ``excuse``: why being outside may not be the link's fault."""

    direction: str
    what: str
    unit: str
    expected: float
    allowed: Range
    blind: str = ""
    excuse: str = ""

    def met_by(self, measured: float | None) -> Verdict:
        verdict, why = self._verdict(measured)
        return Verdict(
            direction=self.direction,
            what=self.what,
            unit=self.unit,
            expected=self.expected,
            measured=measured,
            lowest=max(0.0, self.allowed.lowest),
            highest=self.allowed.highest,
            verdict=verdict,
            why=why,
        )

    def _verdict(self, measured: float | None) -> tuple[str, str]:
        if measured is None:
            return CANNOT_TELL, self.excuse or "too little arrived"
        within = self.allowed.holds(measured)
        doubt = self.blind if within else self.excuse
        return (CANNOT_TELL, doubt) if doubt else (OK if within else OUT, "")


def _round_trip(down: Link, up: Link, seconds: float) -> _Claim:
    rtt = round_trip_ms(down, up, probe_plan.pings(down, up, seconds))
    allowed = tol.around(rtt.value, tol.RTT_RATIO, tol.RTT_S * 1e3, rtt.standard_error)
    return _milliseconds("both", "round trip", rtt, allowed)


def _delays(name: str, link: Link, found: Figures, payload_bytes: int) -> list[Verdict]:
    delay, spread = one_way_ms(link, found.sent_at_ms, payload_bytes)
    near = tol.around(delay.value, tol.ONE_WAY_RATIO, tol.ONE_WAY_S * 1e3, delay.standard_error)
    least_ms = max(tol.SPREAD_S * 1e3, tol.SPREAD_OF_DELAY_RATIO * delay.value)
    wide = tol.around(spread.value, tol.SPREAD_RATIO, least_ms, spread.standard_error)
    too_small = link.jitter_s and spread.value < 2 * least_ms
    unseen = f"within {least_ms:.2g} ms a probe cannot tell" if too_small else ""
    return [
        _milliseconds(name, "delay", delay, near).met_by(found.delay_ms),
        _milliseconds(name, "jitter p10-p90", spread, wide, unseen).met_by(found.spread_ms),
    ]


def _milliseconds(name: str, what: str, expected: Expected, allowed: Range, blind: str = "") -> _Claim:
    """A time, which a sampling error can make worthless."""
    error = tol.SIGMAS * expected.standard_error
    blunt = f"too few packets for so much jitter: {_MORE_SECONDS}"
    return _Claim(
        direction=name,
        what=what,
        unit="ms",
        expected=expected.value,
        allowed=allowed,
        blind=blunt if error > tol.BLUNT_RATIO * expected.value else blind,
    )


def _rate(name: str, link: Link, found: Figures, shaper: str) -> Verdict:
    if not link.rate_bit_s:
        return _unlimited(name, link, found)
    offered_bit_s = found.offered_bit_s * (1 - link.loss_ratio)
    expected_bit_s = link.rate_bit_s + link.reorder_ratio * offered_bit_s  # those ahead wait for no rate
    too_slow = found.rate_bit_s is None or found.rate_bit_s < expected_bit_s
    claim = _Claim(
        direction=name,
        what="rate",
        unit="Mbit/s",
        expected=expected_bit_s / 1e6,
        allowed=tol.around(expected_bit_s / 1e6, tol.RATE_RATIO, 0.0),
        excuse=_why_too_slow(link, found, expected_bit_s, shaper) if too_slow else "",
    )
    return claim.met_by(_mbit_s(found.rate_bit_s))


def falls_short(link: Link, found: Figures) -> bool:
    """Less than the rate arrived: then it is worth to know what the machine can do."""
    least = (1 - tol.RATE_RATIO) * (link.rate_bit_s or 0)
    return (found.rate_bit_s or 0) < least


def _why_too_slow(link: Link, found: Figures, expected_bit_s: float, shaper: str) -> str:
    """Reasons other than the link."""
    offered_bit_s = found.offered_bit_s * (1 - link.loss_ratio)
    if found.own_bit_s is not None and found.own_bit_s < _JUST_OVER * expected_bit_s:
        return f"this machine carries {found.own_bit_s / 1e6:.4g} Mbit/s with no link in the way"
    if offered_bit_s < _JUST_OVER * expected_bit_s:
        return f"this machine sent no more than {offered_bit_s / 1e6:.4g} Mbit/s"
    if shaper == "tun" and (link.rate_bit_s or 0) > _TUN_CARRIES_BIT_S:
        return "the emulator carries what a core of this machine lets it"
    return ""


def _unlimited(name: str, link: Link, found: Figures) -> Verdict:
    """Nothing says how fast it is to be: it is to carry what was sent."""
    expected_bit_s = found.offered_bit_s * (1 - link.loss_ratio)
    enough = found.rate_bit_s is not None and found.rate_bit_s >= _ARRIVES_WHEN_UNLIMITED * expected_bit_s
    sent = f"{found.offered_bit_s / 1e6:.4g} Mbit/s were sent"
    return Verdict(
        direction=name,
        what="rate",
        unit="Mbit/s",
        expected=None,
        measured=_mbit_s(found.rate_bit_s),
        lowest=None,
        highest=None,
        verdict=OK if enough else CANNOT_TELL,
        why=f"not limited: {sent}" if enough else f"{sent}: the machine, or a limit that nobody told",
    )


def _mbit_s(bit_s: float | None) -> float | None:
    return None if bit_s is None else bit_s / 1e6


def _counts(name: str, link: Link, found: Figures, stream: Stream) -> list[Verdict]:
    overrun = f"this machine dropped {found.overrun_packets} packets itself" if found.overrun_packets else ""
    excuse = "" if link.corrupt_ratio else overrun  # a wrong checksum counts as dropped, too
    lost, burst = probe_shares.lost(link, stream), link.loss_burst_packets
    return [
        _count(name, "loss", found, lost, burst, excuse).met_by(_percent(found.lost_packets, found)),
        *([_burst(name, link, found)] if link.loss_ratio and burst > 1 else []),
        *(
            _count(name, what, found, share).met_by(_percent(number, found))
            for what, number, share in (
                ("duplicates", found.duplicated_packets, probe_shares.doubled(link, stream)),
                ("corruption", found.corrupted_packets, probe_shares.altered(link, stream)),
                ("reordering", found.overtaking_packets, probe_shares.overtaking(link, stream)),
            )
        ),
    ]


def _percent(number: float, found: Figures) -> float:
    return 100 * number / max(1, found.sent_packets)


def _count(
    name: str, what: str, found: Figures, share: Range, burst: float = 1.0, excuse: str = ""
) -> _Claim:
    """Of the packets sent, in percent."""
    allowed = tol.count_range(found.sent_packets, share.lowest, share.highest, burst)
    events = found.sent_packets * share.lowest / burst
    few = f"{events:.1f} are expected among {found.sent_packets} packets: {_MORE_SECONDS}"
    return _Claim(
        direction=name,
        what=what,
        unit="%",
        expected=50 * (share.lowest + share.highest),
        allowed=Range(lowest=_percent(allowed.lowest, found), highest=_percent(allowed.highest, found)),
        blind=few if share.highest and events < tol.FEWEST_EVENTS else "",
        excuse=excuse,
    )


def _burst(name: str, link: Link, found: Figures) -> Verdict:
    """The mean length of a run of lost packets."""
    runs = found.loss_runs
    few = f"{runs} runs were seen: {_MORE_SECONDS}" if runs < tol.FEWEST_EVENTS else ""
    mixed = "packets lost to flipped bits are among them" if link.corrupt_ratio else ""
    claim = _Claim(
        direction=name,
        what="loss burst",
        unit="packets",
        expected=link.loss_burst_packets,
        allowed=tol.mean_burst_range(link.loss_burst_packets, max(1, runs)),
        blind=few or mixed,
        excuse=few or mixed,
    )
    return claim.met_by(found.lost_packets / runs if runs else None)
