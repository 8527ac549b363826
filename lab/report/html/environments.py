"""Where the runs were made, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from lab.model.environment import Environment, Limits
from lab.report.html.cases import PageCase

_TITLES = {
    "lab_version": "lab",
    "memory_bytes": "memory",
    "cpus": "CPUs",
    "pacs": "PACS",
    "kernel_congestion_control": "kernel's congestion control",
    "pacs_configuration_sha256": "configuration of the PACS, SHA-256",
}


@dataclass(frozen=True, kw_only=True)
class EnvironmentRow:
    """One fact, with its value in each environment; ``differs`` when they are not all the same."""

    fact: str
    values: list[str]
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Environments:
    """The distinct ones and how many cases each has."""

    cases: list[int]
    rows: list[EnvironmentRow]


def environments(cases: Sequence[PageCase]) -> Environments:
    """In the order in which they first come; facts that no environment has are left out."""
    found: list[Environment] = []
    counts: list[int] = []
    for case in cases:
        if case.result.environment not in found:
            found.append(case.result.environment)
            counts.append(0)
        counts[found.index(case.result.environment)] += 1
    rows = [_row(field.name, found) for field in fields(Environment)]
    return Environments(cases=counts, rows=[row for row in rows if any(row.values)])


def _row(name: str, found: Sequence[Environment]) -> EnvironmentRow:
    values = [_in_words(name, getattr(one, name)) for one in found]
    return EnvironmentRow(
        fact=_TITLES.get(name, name.replace("_", " ")), values=values, differs=len(set(values)) > 1
    )


def _in_words(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return _lines(name, value)
    if isinstance(value, Limits):
        return _limits(value)
    if name == "memory_bytes" and isinstance(value, int):
        return f"{value / 1e9:.3g} GB"
    return str(value)


def _lines(name: str, values: Mapping[str, object]) -> str:
    """A line per value, after the services that have it; of "service: program" the service is enough."""
    having: dict[str, list[str]] = {}
    for key, value in values.items():
        service = key.split(":")[0] if name == "programs" else key
        having.setdefault(_in_words("", value).strip("$ "), []).append(service)
    return "\n".join(f"{', '.join(services)}: {words}" for words, services in having.items())


def _limits(limits: Limits) -> str:
    cpus = "all CPUs" if limits.cpus is None else f"{limits.cpus:g} CPUs"
    memory = "all memory" if limits.memory_bytes is None else f"{limits.memory_bytes / 1e9:.3g} GB"
    return f"{cpus}, {memory}"
