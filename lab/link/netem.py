"""tc-netem: a Link as the argv that sets it, and what the kernel then reports as a Link.

Rules, each from tc-netem(8) or the kernel's sch_netem.c:
  - one netem per device, at the root; `replace` of the same handle changes it in place: what waits stays,
    and so does every parameter that is left out, so rate, corrupt and reorder are always said;
  - a table of delays cannot be taken away, and uniform jitter is netem without one: it has a handle of its
    own, for `replace` by another handle puts a new netem in the place of the old, at once;
  - `limit` counts packets and includes those in flight, so it follows from rate, delay and buffer
    (the default of 1000 drops above about 120 Mbit/s at 100 ms). It is sized for full frames: room for
    small ones in flight would be a buffer many times too long for full ones;
  - never without `rate`: packets would overtake each other where there is jitter, or where the delay
    becomes less while some are on their way;
  - loss in bursts by the Gilbert-Elliott model; the `correlation` form is deprecated;
  - segmentation offload off on the device, or "1 % loss" takes 64 KB at a time.
"""

import math
from collections.abc import Mapping
from typing import Any, cast

from lab.model.profile import Link

FRAME_BYTES = 1514
UNSHAPED_GSO_MAX_SEGS = 65535
_NO_RATE_LIMIT_BIT_S = 100e9
_NOTHING = 1e-6  # of a share, which the kernel keeps in 32 bits
_HANDLE = "1:"
_TABLELESS_HANDLE = "2:"
INGRESS_KINDS = ("clsact", "ingress")
_MISSING = (
    "specified qdisc kind is unknown",
    "specified qdisc not found",
    "rtnetlink answers: no such file or directory",
    "rtnetlink answers: operation not supported",
)


def apply_argvs(link: Link, device: str, seed: int | None = None) -> list[list[str]]:
    """The commands that put ``link`` on what leaves ``device``; ``seed`` None where tc knows of none."""
    return [offload_argv(device, 1), replace_argv(link, device, seed)]


def replace_argv(link: Link, device: str, seed: int | None = None) -> list[str]:
    """Put ``link`` in the place of what was there."""
    handle = _TABLELESS_HANDLE if link.jitter_distribution == "uniform" else _HANDLE
    words = netem_words(link) + (["seed", str(seed)] if seed is not None else [])
    return ["tc", "qdisc", "replace", "dev", device, "root", "handle", handle, *words]


def remove_argv(device: str) -> list[str]:
    """Take the root qdisc away."""
    return ["tc", "qdisc", "del", "dev", device, "root"]


def remove_ingress_argv(device: str, kind: str) -> list[str]:
    """Take away one that hooks into what comes in; ``kind`` is one of INGRESS_KINDS."""
    return ["tc", "qdisc", "del", "dev", device, kind]


def offload_argv(device: str, segments: int) -> list[str]:
    """How many segments a packet may hold before it is cut into frames; 1 switches the offload off."""
    return ["ip", "link", "set", "dev", device, "gso_max_segs", str(segments)]


def netem_words(link: Link) -> list[str]:
    """netem and its parameters, as tc takes them."""
    words = ["netem", "limit", str(queue_limit_packets(link)), "delay", _microseconds(link.delay_s)]
    if link.jitter_s:
        words += _jitter_words(link)
    if link.loss_ratio:
        words += _loss_words(link)
    if link.duplicate_ratio:
        words += ["duplicate", _percent(link.duplicate_ratio)]
    words += ["corrupt", _percent(link.corrupt_ratio), "reorder", _percent(link.reorder_ratio)]
    return [*words, "rate", f"{_rate_bit_s(link):.0f}bit"]


def _jitter_words(link: Link) -> list[str]:
    jitter = _microseconds(link.jitter_s)
    uniform = link.jitter_distribution == "uniform"
    return [jitter] if uniform else [jitter, "distribution", link.jitter_distribution]


def says_missing(said: str) -> bool:
    """Whether these are words with which tc tells that the kernel has no netem, old kernels' ones too."""
    return any(text in said.lower() for text in _MISSING)


def _rate_bit_s(link: Link) -> float:
    """Always said: a `replace` that leaves it out keeps the old one, and without one packets overtake."""
    return link.rate_bit_s or _NO_RATE_LIMIT_BIT_S


def queue_limit_packets(link: Link) -> int:
    """Packets in flight plus packets in the buffer, at full frames; at least ten."""
    rate_bit_s = link.rate_bit_s or 10e9
    return max(10, math.ceil(rate_bit_s * (in_flight_s(link) + link.buffer_s) / 8 / FRAME_BYTES))


def in_flight_s(link: Link) -> float:
    """The longest that a packet travels: no table of delays goes beyond four jitters."""
    return link.delay_s + 4 * link.jitter_s


def gilbert_elliott(loss_ratio: float, burst_packets: float) -> tuple[float, float]:
    """(p, r) of a two-state model that loses all in its bad state: r = 1/B, p = P / (B (1 - P))."""
    return loss_ratio / (burst_packets * (1 - loss_ratio)), 1 / burst_packets


def _loss_words(link: Link) -> list[str]:
    if link.loss_burst_packets == 1 or link.loss_ratio == 1:
        return ["loss", "random", _percent(link.loss_ratio)]
    p, r = gilbert_elliott(link.loss_ratio, link.loss_burst_packets)
    return ["loss", "gemodel", _percent(p), _percent(r), "100%", "0%"]


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.0f}us"


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.6g}%"


def link_from_qdisc(qdisc: Mapping[str, Any], asked: Link) -> Link:
    """The Link in force, from one entry of ``tc -j qdisc show``.

    netem has a packet limit, not a buffer: a limit equal to the one ``asked`` needs reads back as
    its buffer, any other as the time that limit lasts at the rate. It tells no distribution: that is
    taken from ``asked``, and measured by `lab net verify`.
    """
    options = cast("dict[str, Any]", qdisc.get("options", {}))
    delay = options.get("delay", {})
    rate_bit_s = options.get("rate", {}).get("rate", 0) * 8.0
    loss_ratio, burst = _loss_read_back(options)
    return Link(
        rate_bit_s=rate_bit_s if 0 < rate_bit_s < _NO_RATE_LIMIT_BIT_S else None,
        delay_s=delay.get("delay", 0.0),
        jitter_s=delay.get("jitter", 0.0),
        jitter_distribution=asked.jitter_distribution,
        loss_ratio=loss_ratio,
        loss_burst_packets=burst,
        duplicate_ratio=options.get("duplicate", {}).get("duplicate", 0.0),
        corrupt_ratio=options.get("corrupt", {}).get("corrupt", 0.0),
        reorder_ratio=options.get("reorder", {}).get("reorder", 0.0) if options.get("gap") else 0.0,
        buffer_s=_buffer_read_back(options.get("limit", 0), asked),
    )


def _loss_read_back(options: Mapping[str, Any]) -> tuple[float, float]:
    if "loss-gemodel" in options:
        p, r = options["loss-gemodel"]["p"], options["loss-gemodel"]["r"]
        return (p / (p + r), 1 / r) if p and r else (float(p > 0), 1.0)
    return options.get("loss-random", {}).get("loss", 0.0), 1.0


def untold(qdisc: Mapping[str, Any]) -> str:
    """What a netem that somebody else put there does and no Link has, in tc's words; "" for nothing."""
    options = cast("dict[str, Any]", qdisc.get("options", {}))
    gemodel = options.get("loss-gemodel", {})
    if "loss-state" in options:
        return "loss state"
    if gemodel.get("1-h", 1) < 1 - _NOTHING or gemodel.get("1-k", 0) > _NOTHING:
        return "loss gemodel with 1-h or 1-k"
    if any(isinstance(value, Mapping) and value.get("correlation") for value in options.values()):
        return "a correlation"
    return "slot" if "slot" in options else ""


def _buffer_read_back(limit_packets: int, asked: Link) -> float:
    if limit_packets == queue_limit_packets(asked):
        return asked.buffer_s
    return limit_packets * FRAME_BYTES * 8 / (asked.rate_bit_s or 10e9)
