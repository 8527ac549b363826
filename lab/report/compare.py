"""A comparison as rows, and as lines for what has to be known with it."""

from collections.abc import Mapping, Sequence

from lab.report.text import Row
from lab.statistics.comparing import Compared, Comparison, Comparisons
from lab.statistics.doubting import doubts_of
from lab.statistics.matching import Alone
from lab.statistics.naming import distinguishing, labels, settings
from lab.statistics.ratio import runs_needed
from lab.statistics.results import CaseKey, CaseResult
from lab.units import format_ratio, format_time

COMPARE_COLUMNS = (
    "study",
    "profile",
    "method",
    "settings",
    "differs",
    "measure",
    "base",
    "new",
    "ratio",
    "from",
    "to",
    "word",
    "runs",
    "note",
)
_ONLY_WHERE_SAID = ("settings", "differs", "note")
_FAR_APART_S = 600


def compare_rows(found: Comparisons) -> list[Row]:
    """A row per case and measure, then one for each case that only one side has.

    ``base`` and ``new`` are medians in the measure's unit; the ratio's 99 % interval is ``from`` and ``to``.
    """
    fields = distinguishing(_keys(found))
    rows = [_row(one, compared, fields) for one in found.both for compared in one.measures]
    return rows + [_row_alone(one, fields) for one in found.alone]


def columns_shown(rows: Sequence[Row]) -> tuple[str, ...]:
    """For people: without those in which no row says anything."""
    return tuple(
        name for name in COMPARE_COLUMNS if name not in _ONLY_WHERE_SAID or any(row[name] for row in rows)
    )


def slower_cases(found: Comparisons, share: float) -> list[str]:
    """Of those whose whole interval of durations lies over 1 + ``share``: name, ratio and interval."""
    names = _names(found)
    return [
        f"{_name(one, names)}: {_interval(one.duration)}" for one in found.both if one.is_slower_by(share)
    ]


def untold_cases(found: Comparisons) -> list[str]:
    """Of those whose durations have no interval: no threshold can be held against them."""
    names = _names(found)
    return [
        _name(one, names)
        for one in found.both
        if one.duration.ratio is None or one.duration.ratio.interval is None
    ]


def threshold_line(found: Comparisons, share: float) -> str:
    """How many cases are surely slower by more than that, and how many could not be held against it."""
    slower, untold = slower_cases(found, share), untold_cases(found)
    said = [f"{len(slower)} of {len(found.both)} cases surely slower by over {format_ratio(share)}"]
    said += [f"{len(untold)} with too few runs to tell"] if untold else []
    said += [f"{len(found.alone)} on one side only"] if found.alone else []
    return "; ".join(said)


def compare_notes(found: Comparisons) -> list[str]:
    """What else is different, each once, the machine first."""
    names = _names(found)
    noted = [
        note
        for field in ("machine", "pacs", "configuration")
        for one in found.both
        for note in _noted(one, field)
    ]
    cases = [f"{_name(one, names)}: {text}" for one in found.both for text in _doubtful(one)]
    return list(dict.fromkeys([*noted, *_far_apart(found), *cases]))


def _keys(found: Comparisons) -> list[CaseKey]:
    keys = [one.pair.base.key for one in found.both] + [one.result.key for one in found.alone]
    return list(dict.fromkeys(keys))


def _names(found: Comparisons) -> dict[CaseKey, str]:
    keys = _keys(found)
    return dict(zip(keys, labels(keys), strict=True))


def _name(one: Comparison, names: Mapping[CaseKey, str]) -> str:
    differs = "; ".join(map(str, one.pair.differs))
    return names[one.pair.base.key] + (f" ({differs})" if differs else "")


def _row(one: Comparison, compared: Compared, fields: Sequence[str]) -> Row:
    interval = compared.ratio.interval if compared.ratio else None
    return {
        **_key_cells(one.pair.base.key, fields),
        "differs": "; ".join(map(str, one.pair.differs)),
        "measure": " ".join((compared.measure.title, compared.measure.unit)),
        "base": compared.base_median,
        "new": compared.new_median,
        "ratio": compared.ratio.estimate if compared.ratio else None,
        "from": interval.low if interval else None,
        "to": interval.high if interval else None,
        "word": compared.word,
        "runs": _runs(one, compared),
        "note": _note(one, compared),
    }


def _row_alone(one: Alone, fields: Sequence[str]) -> Row:
    nearest = "the nearest differs: " + "; ".join(map(str, one.nearest)) if one.nearest else ""
    failed = _failure(one.side, one.result)
    return {
        **dict.fromkeys(COMPARE_COLUMNS),
        **_key_cells(one.result.key, fields),
        "word": f"only in {one.side}",
        "runs": str(len(one.result.runs)),
        "note": ". ".join(filter(None, (failed, nearest))),
    }


def _key_cells(key: CaseKey, fields: Sequence[str]) -> Row:
    cells = {"study": key.study, "profile": key.profile, "method": key.method}
    return {**cells, "settings": settings(key, fields)}


def _runs(one: Comparison, compared: Compared) -> str:
    if one.same_runs:
        return f"the same {len(one.pair.base.runs)}"
    if compared.ratio and compared.ratio.paired:
        return f"{compared.ratio.base_runs} pairs"
    return f"{len(one.pair.base.runs)} + {len(one.pair.new.runs)}"


def _note(one: Comparison, compared: Compared) -> str:
    """Why there is no interval."""
    if compared.ratio and compared.ratio.interval:
        return ""
    failed = [text for side in _sides(one) if (text := _failure(*side)) and not side[1].runs]
    return "; ".join(failed) or f"{runs_needed()} runs a side would do"


def _sides(one: Comparison) -> tuple[tuple[str, CaseResult], tuple[str, CaseResult]]:
    return ("BASE", one.pair.base), ("NEW", one.pair.new)


def _failure(side: str, result: CaseResult) -> str:
    return f"{side} failed: {result.failure.message}" if result.failure else ""


def _interval(compared: Compared) -> str:
    found = compared.ratio
    if found is None or found.interval is None:
        return "no interval"
    low, high = found.interval.low, found.interval.high
    return f"{compared.measure.title} x {found.estimate:.3f} ({low:.3f} to {high:.3f})"


def _noted(one: Comparison, field: str) -> list[str]:
    found = [difference for difference in one.pair.differs if difference.field == field]
    if field == "machine":
        text = "ANOTHER MACHINE: {} in BASE, {} in NEW; the ratios are between the machines too"
    elif field == "pacs":
        text = "another PACS: {} in BASE, {} in NEW"
    else:
        text = "Orthanc is configured otherwise: {} in BASE, {} in NEW (pacs_configuration_sha256)"
    known = [one for one in found if one.base and one.new]  # of a PACS outside the lab nobody knows it
    return [text.format(difference.base, difference.new) for difference in known]


def _far_apart(found: Comparisons) -> list[str]:
    apart_s = max((one.apart_s for one in found.both if not one.same_runs), default=0.0)
    if apart_s < _FAR_APART_S:
        return []
    return [
        f"up to {format_time(apart_s)} lie between BASE and NEW: what the machine did meanwhile is in the"
        " ratios. Remedy: one plan with both cases, interleaved"
    ]


def _doubtful(one: Comparison) -> list[str]:
    """Runs on both sides, doubts that only one side has, cases that broke off."""
    shared = [f"runs on both sides: {one.shared_runs}, which makes the interval too sure of itself"]
    codes = {side: {doubt.code for doubt in doubts_of(result)} for side, result in _sides(one)}
    only = {"BASE": codes["BASE"] - codes["NEW"], "NEW": codes["NEW"] - codes["BASE"]}
    doubts = [f"doubted in {side} only: {', '.join(sorted(found))}" for side, found in only.items() if found]
    failures = [text for side in _sides(one) if (text := _failure(*side)) and side[1].runs]
    return [*(shared if one.shared_runs else []), *doubts, *failures]
