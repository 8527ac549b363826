"""Records without what tells whose they are: hosts, addresses, AE titles, names of studies and instances.

Who is the same stays the same: "host-1" is one host in all records that are redacted together.
"""

import dataclasses
import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from lab.model.environment import WITH_NAGLE
from lab.model.gating import GateVerdict
from lab.model.record import Record
from lab.model.store_record import StoreRecord
from lab.report.redact_table import AE, FIELDS, HOST, INSTANCE, KEPT, OWN_WORDS, PACS, TEXT
from lab.statistics.naming import labels
from lab.statistics.results import CaseResult

_OF_THE_LAB = re.compile(rf"Orthanc \S+?({re.escape(WITH_NAGLE)})?")
_FOREIGN = re.compile(r"(?P<title>.*) at (?P<host>.*):(?P<port>\d+)", re.DOTALL)
_WHOLE_WORDS = 4  # a shorter name is looked for in sentences as a word of its own only
_STANDARD_UIDS = "1.2.840.10008."
_LOOKS_LIKE = "|".join(
    (
        r"(?P<url>\b[a-z][a-z0-9+.-]*://[^\s,;'\"]+)",
        r"(?P<path>(?<![\w/.])~?/[^\s:,;'\"]+)",
        r"(?P<mail>[\w.+-]+@[\w.-]+)",
        r"(?P<address>\b\d{1,3}(?:\.\d{1,3}){3}\b(?!\.\d)|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F.]*)",
        r"(?P<uid>\b(?:[0-2](?:\.\d+){3,}|2\.25\.\d+))",
        r"(?P<host>\b[A-Za-z][\w.-]*(?=:\d{1,5}\b)|\b(?:[\w-]+\.)+(?!toml\b|json\b|md\b|py\b)[A-Za-z]{2,}\b)",
    )
)


def redacted(
    records: Sequence[Record | StoreRecord], public: Collection[str] = ()
) -> list[Record | StoreRecord]:
    """The records with a pseudonym for each text that lab.report.redact_table does not keep.

    ``public`` are names of studies, profiles and phases and descriptions that everybody has: they stay.
    """
    names = _Pseudonyms(public)
    for record in records:
        names.clean(record)
    names.read_sentences()
    return [names.clean(record) for record in records]


class _Pseudonyms:
    """What stands for what. Sentences are left alone until all names are known."""

    def __init__(self, public: Collection[str]) -> None:
        self._public = frozenset(public)
        self._given: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._telling: re.Pattern[str] | None = None
        self._known: dict[str, str] = {}

    def read_sentences(self) -> None:
        """From now on, with every name that was met so far."""
        self._known = {name: given for (kind, name), given in self._given.items() if kind != INSTANCE}
        longest_first = sorted(self._known, key=len, reverse=True)
        known = "|".join(_as_pattern(name) for name in longest_first)
        self._telling = re.compile(f"(?P<known>{known})|{_LOOKS_LIKE}" if known else _LOOKS_LIKE)

    def clean(self, value: Any, rule: str = KEPT) -> Any:
        """The value with every text in it replaced by its rule."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            rules = FIELDS.get(type(value), {})
            names = [field.name for field in dataclasses.fields(value)]
            return dataclasses.replace(
                value, **{name: self.clean(getattr(value, name), rules.get(name, KEPT)) for name in names}
            )
        if isinstance(value, dict):
            return {key: self.clean(inner, rule) for key, inner in value.items()}
        if isinstance(value, list | tuple) and value and not isinstance(value[0], int | float):
            return type(value)(self.clean(inner, rule) for inner in value)
        return self._text(value, rule) if isinstance(value, str) else value

    def _text(self, text: str, rule: str) -> str:
        if rule == KEPT or not text or (rule in OWN_WORDS and text in self._public):
            return text
        if rule == TEXT:
            return self._telling.sub(self._told, text) if self._telling else text
        if rule == PACS:
            return self._pacs(text)
        return self._pseudonym(rule, text)

    def _pacs(self, text: str) -> str:
        if _OF_THE_LAB.fullmatch(text):
            return text
        if not (foreign := _FOREIGN.fullmatch(text)):
            return self._pseudonym(PACS, text)
        title, host = self._text(foreign["title"], AE), self._text(foreign["host"], HOST)
        return f"{title} at {host}:{foreign['port']}"

    def _told(self, match: re.Match[str]) -> str:
        text, kind = match[0], str(match.lastgroup)
        if kind == "known":
            return self._known[text]
        if kind == "address":
            return self._pseudonym(HOST, text) if _is_address(text) else text
        if kind == "uid" and text.startswith(_STANDARD_UIDS):
            return text
        if kind == "uid" and (INSTANCE, text) in self._given:
            return self._given[INSTANCE, text]
        return self._pseudonym(kind, text)

    def _pseudonym(self, kind: str, text: str) -> str:
        if (kind, text) not in self._given:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._given[kind, text] = f"{kind}-{self._counts[kind]}"
        return self._given[kind, text]


def redacted_verdicts(
    verdicts: Sequence[GateVerdict], before: Sequence[CaseResult], after: Sequence[CaseResult]
) -> list[GateVerdict]:
    """Under the names that the cases have now; which cases a gate is for is not said any more.

    ``before`` and ``after`` are the same cases, as they were and as they may be shown.
    """
    names = dict(zip(labels([one.key for one in before]), labels([one.key for one in after]), strict=True))
    return [
        replace(
            one,
            gate=replace(one.gate, only={}),
            case=names.get(one.case, ""),
            text=f"{one.gate.text}: not measured" if one.passed is None else one.text,
        )
        for one in verdicts
    ]


def _as_pattern(name: str) -> str:
    return re.escape(name) if len(name) >= _WHOLE_WORDS else rf"(?<!\w){re.escape(name)}(?!\w)"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
