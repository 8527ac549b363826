"""What storescu's log tells: times, statuses and complaints, instance by instance. Pure.

A line is the number of the share, seconds since 1970, milliseconds with their fraction, level and text:

    0 1795261230 768.936 INFO Association Accepted (Max Send PDV: 131060)
    0 1795261230 768.952 INFO Sending file: /studies/quick/00001.dcm
    0 1795261230 769.344 INFO Sending Store Request (MsgID 1, CT)
    0 1795261230 774.894 INFO Received Store Response
    0 1795261230 775.148 DEBUG DIMSE Status                  : 0x0000: Success

The request's line is written when the file has been read, just before the first byte is sent; the response's
when it has been read. Both are of the tools container's clock of the day: a step of it in the middle shows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lab.dicom.storing import status_text
from lab.model.store import StoreOutcome, Stores
from lab.model.study import Instance
from lab.units import since_s

_LINE = re.compile(r"(\d{1,9}) (\d{1,18}) (\d{1,3}(?:\.\d{1,6})?) ([A-Z]+) (.*)", re.ASCII)
_STATUS = re.compile(r"DIMSE Status +: 0x([0-9a-fA-F]{1,4})\b", re.ASCII)
_FILE = "Sending file: "
_COMPLAINTS = ("ERROR", "FATAL")
_LONGEST_COMPLAINT = 200


@dataclass
class _Row:
    """One file on its way."""

    file: str
    begin_s: float | None = None
    end_s: float | None = None
    status: int | None = None
    complaints: list[str] = field(default_factory=list)

    def hear(self, at_s: float, text: str) -> None:
        """A line between this file and the next one."""
        if text.startswith("Sending Store Request"):
            self.begin_s = at_s
        elif text.startswith("Received Store Response"):
            self.end_s = at_s
        elif self.end_s is not None and (found := _STATUS.search(text)):
            self.status = int(found[1], 16)


@dataclass
class _Share:
    """One storescu; ``current`` is the file under way."""

    requested_s: float | None = None
    accepted_s: float | None = None
    complaints: list[str] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    current: _Row | None = None

    def hear(self, at_s: float, level: str, text: str) -> None:
        """A line of its log."""
        if text.startswith(_FILE):
            self.current = _Row(file=text.removeprefix(_FILE))
            self.rows.append(self.current)
        elif text.startswith("Requesting Association"):
            self.requested_s = at_s
        elif text.startswith("Association Accepted"):
            self.accepted_s = at_s
        elif text.startswith("Releasing Association"):
            self.current = None
        elif level in _COMPLAINTS:
            self._complain(text)
        elif self.current is not None:
            self.current.hear(at_s, text)

    def _complain(self, text: str) -> None:
        if text.startswith("Store Failed"):  # the reason is in the next line
            return
        self.complaints.append(text[:_LONGEST_COMPLAINT])
        if self.current is not None:
            self.current.complaints.append(text[:_LONGEST_COMPLAINT])


def outcome_of(lines: Iterable[str], exit_code: int, instances: Mapping[str, Instance]) -> StoreOutcome:
    """From the lines of every share's log; ``instances`` by file as storescu was given it."""
    shares = _shares(lines)
    rows = sorted(_answered(shares, instances), key=lambda row: row[1])
    origin_s = min((begin_s for begin_s, *_ in rows), default=0.0)
    return StoreOutcome(
        stores=Stores(
            sop_instance_uids=[instance.sop_instance_uid for *_, instance in rows],
            dataset_bytes=[instance.dataset_bytes for *_, instance in rows],
            begin_s=since_s(origin_s, (begin_s for begin_s, *_ in rows)),
            end_s=since_s(origin_s, (end_s for _, end_s, *_ in rows)),
            status=[status for _, _, status, *_ in rows],
            association=[share for *_, share, _ in rows],
        ),
        failures=_failures(shares, instances),
        lost=_lost(shares, exit_code),
        associate_s=_associate_s(shares),
    )


def _shares(lines: Iterable[str]) -> dict[int, _Share]:
    shares: dict[int, _Share] = {}
    for line in lines:
        if found := _LINE.fullmatch(line):
            share, seconds, milliseconds, level, text = found.groups()
            at_s = int(seconds) + float(milliseconds) / 1e3
            shares.setdefault(int(share), _Share()).hear(at_s, level, text)
    return shares


def _answered(
    shares: Mapping[int, _Share], instances: Mapping[str, Instance]
) -> Iterator[tuple[float, float, int, int, Instance]]:
    """Begin, end, status, share and instance of each that was answered."""
    for number, share in shares.items():
        for row in share.rows:
            if row.begin_s is None or row.end_s is None or row.status is None:
                continue
            if row.file in instances:
                yield row.begin_s, row.end_s, row.status, number, instances[row.file]


def _failures(shares: Mapping[int, _Share], instances: Mapping[str, Instance]) -> dict[str, str]:
    """Why a file was not stored; one that nothing is said about is not here."""
    found = {}
    for row in (row for share in shares.values() for row in share.rows if row.file in instances):
        if text := _failure(row):
            found[instances[row.file].sop_instance_uid] = text
    return found


def _failure(row: _Row) -> str:
    if row.status is None:
        return "; ".join(row.complaints)
    return status_text(row.status) if row.status else ""


def _lost(shares: Mapping[int, _Share], exit_code: int) -> str:
    """Why a share was not even begun, or what storescu ended with: what it complained of first."""
    without = next((share for share in shares.values() if share.accepted_s is None), None)
    if without is not None:
        why = without.complaints[0] if without.complaints else "its log does not say why"
        return f"storescu did not get an association: {why}"
    if not exit_code:
        return ""
    said = next((share.complaints[0] for share in shares.values() if share.complaints), "")
    return f"storescu ended with {exit_code}" + (f": {said}" if said else "")


def _associate_s(shares: Mapping[int, _Share]) -> float | None:
    first = shares.get(0)
    if first is None or first.requested_s is None or first.accepted_s is None:
        return None
    return first.accepted_s - first.requested_s
