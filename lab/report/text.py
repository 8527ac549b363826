"""Rows as a table for people, CSV for spreadsheets, Markdown for documents."""

import csv
import io
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = Mapping[str, object]
_WIDEST = 1000


def as_table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Aligned columns under a heading; numbers to the right."""
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*(Text(cell(row[column])) for column in columns))
    for column, name in zip(table.columns, columns, strict=True):
        if all(isinstance(row[name], int | float | None) for row in rows):
            column.justify = "right"
    output = Console(file=io.StringIO(), width=_WIDEST, color_system=None)
    output.print(table)
    text: str = output.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines())


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """RFC 4180 with a heading; nothing is "" and numbers are not rounded."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if row[column] is None else row[column] for column in columns] for row in rows)
    return output.getvalue().rstrip("\n")


def as_markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """A GitHub table."""
    lines = [list(columns), ["---"] * len(columns)]
    lines += [[cell(row[column]).replace("|", r"\|") for column in columns] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(value: object) -> str:
    """Three digits of a number, "-" for nothing."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return str(value)
