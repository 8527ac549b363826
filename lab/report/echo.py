"""C-ECHOs as a row and as a document."""

import dataclasses
from collections.abc import Sequence

from lab.model.echo import Echo, EchoSummary
from lab.report.text import Row

ECHO_COLUMNS = ("sent", "answered", "failed", "lost", "min ms", "median ms", "p95 ms", "max ms")
SCHEMA_VERSION = 1


def echo_row(summary: EchoSummary) -> Row:
    """One row."""
    return {name.replace("_", " "): value for name, value in dataclasses.asdict(summary).items()}


def echo_document(summary: EchoSummary, echoes: Sequence[Echo]) -> object:
    """The summary with every C-ECHO in it."""
    return {
        "schema_version": SCHEMA_VERSION,
        **dataclasses.asdict(summary),
        "echoes": [dataclasses.asdict(echo) for echo in echoes],
    }
