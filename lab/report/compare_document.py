"""A comparison as a document for programs."""

import dataclasses

from lab.report.compare import compare_notes, slower_cases
from lab.statistics.comparing import Compared, Comparison, Comparisons
from lab.statistics.ratio import LEVEL, SAME_WITHIN_RATIO

SCHEMA_VERSION = 1


def compare_document(found: Comparisons, fail_above: float | None) -> object:
    """Everything for programs; ratios are NEW / BASE."""
    return {
        "schema_version": SCHEMA_VERSION,
        "level": LEVEL,
        "same_within_ratio": SAME_WITHIN_RATIO,
        "fail_above_ratio": fail_above,
        "failed": [] if fail_above is None else slower_cases(found, fail_above),
        "cases": [_case(one) for one in found.both],
        "alone": [{"side": one.side, **dataclasses.asdict(one.result.key)} for one in found.alone],
        "notes": compare_notes(found),
    }


def _case(one: Comparison) -> object:
    return {
        "base": dataclasses.asdict(one.pair.base.key),
        "new": dataclasses.asdict(one.pair.new.key),
        "differs": [difference.field for difference in one.pair.differs],
        "same_runs": one.same_runs,
        "apart_s": one.apart_s,
        "measures": [_measured(compared) for compared in one.measures],
    }


def _measured(compared: Compared) -> object:
    return {
        "measure": compared.measure.name,
        "unit": compared.measure.unit,
        "base_median": compared.base_median,
        "new_median": compared.new_median,
        "ratio": dataclasses.asdict(compared.ratio) if compared.ratio else None,
        "word": compared.word,
    }
