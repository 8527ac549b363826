"""Rows as a table for people, CSV for spreadsheets, Markdown for documents."""

import csv
import io
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

Row = Mapping[str, object]
_GAP = "   "


def as_table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Aligned columns under a heading; numbers to the right."""
    aligned = [_aligned(column, [row[column] for row in rows]) for column in columns]
    heading, *lines = (_GAP.join(line) for line in zip(*aligned, strict=True))
    return "\n".join(line.rstrip() for line in (heading, "─" * cell_len(heading), *lines))


def _aligned(column: str, values: Sequence[object]) -> list[str]:
    """Heading and cells, as wide as the widest; what is not printable, such as a new line, is a space."""
    texts = [column, *(_printable(cell(value)) for value in values)]
    widths = [cell_len(text) for text in texts]
    pads = [" " * (max(widths) - width) for width in widths]
    to_the_right = all(isinstance(value, int | float | None) for value in values)
    return [pad + text if to_the_right else text + pad for text, pad in zip(texts, pads, strict=True)]


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


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
