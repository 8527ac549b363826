"""The links of a page as the kernel or the emulator reported them, each once."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.model.conditions import LinkRecord
from lab.model.profile import Link
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.cases import PageCase
from lab.units import format_rate, format_ratio, format_time

READ_BACK_COLUMNS = (
    "profile",
    "shaper",
    "runs",
    "the PACS sends",
    "its client sends",
    "packets let pass",
    "dropped",
    "offload",
    "seeds",
    "source",
    "assumed",
)
_SIDES = ("pacs", "tester")


@dataclass(frozen=True, kw_only=True)
class ReadBackRow:
    """A link and all runs over it, in the order of READ_BACK_COLUMNS."""

    cells: list[str]


def read_back_rows(cases: Sequence[PageCase]) -> list[ReadBackRow]:
    """In the order in which they first come; nothing of records that do not say."""
    found: dict[tuple[str, ...], list[LinkRecord]] = {}
    for case in cases:
        for run in case.result.runs:
            if run.link and run.link.read_back:
                words = _link_in_words(run, run.link, _source(case))
                found.setdefault(words, []).append(run.link)
    return [_row(words, links) for words, links in found.items()]


def _source(case: PageCase) -> str:
    profile = case.result.case.profile if case.result.case else None
    return profile.source if profile else ""


def _link_in_words(run: Run | StoreRun, link: LinkRecord, source: str) -> tuple[str, ...]:
    offload = {"on" if on else "off" for on in link.segmentation_offload.values()}
    seeds = [str(seed) for seed in link.seed.values() if seed is not None]
    halves = (half_in_words(link.read_back.get(side)) for side in _SIDES)
    return (
        run.profile or "link as found",
        run.shaper,
        *halves,
        ", ".join(sorted(offload)) or "-",
        ", ".join(seeds) or "-",
        source or "-",
        ", ".join(link.assumed) or "-",
    )


def half_in_words(link: Link | None) -> str:
    """ "100 mbit, buffer 10 ms, delay 200 us"; what is as on a wire is not said."""
    if link is None:
        return "-"
    burst = f" in runs of {link.loss_burst_packets:.3g}" if link.loss_burst_packets > 1 else ""
    said = (
        (link.rate_bit_s, f"{format_rate(link.rate_bit_s or 0)}, buffer {format_time(link.buffer_s)}"),
        (link.delay_s, f"delay {format_time(link.delay_s)}"),
        (link.jitter_s, f"jitter {format_time(link.jitter_s)} {link.jitter_distribution}"),
        (link.loss_ratio, f"{format_ratio(link.loss_ratio)} lost{burst}"),
        (link.duplicate_ratio, f"{format_ratio(link.duplicate_ratio)} twice"),
        (link.corrupt_ratio, f"{format_ratio(link.corrupt_ratio)} corrupt"),
        (link.reorder_ratio, f"{format_ratio(link.reorder_ratio)} reordered"),
    )
    return ", ".join(words for value, words in said if value) or "not shaped"


def _row(words: tuple[str, ...], links: Sequence[LinkRecord]) -> ReadBackRow:
    profile, shaper, down, up, *rest = words
    counts = [_packets(links), _dropped(links)]
    return ReadBackRow(cells=[profile, shaper, str(len(links)), down, up, *counts, *rest])


def _packets(links: Sequence[LinkRecord]) -> str:
    """Of all runs and both directions; "-" where nothing counted them."""
    passed = [
        after.sent_packets - link.counters_before[side].sent_packets
        for link in links
        for side, after in link.counters_after.items()
        if side in link.counters_before
    ]
    return str(sum(passed)) if passed else "-"


def _dropped(links: Sequence[LinkRecord]) -> str:
    dropped = [count for link in links for count in link.dropped_packets.values()]
    return str(sum(dropped)) if dropped else "-"
