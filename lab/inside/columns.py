"""What arrived on one association, as columns: a row costs about 150 bytes, so that long runs stay small."""

import dataclasses
import sys
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from lab.dicom.acceptor import Stored
from lab.model.exchange import Arrivals

_UNKNOWN = -1.0


class Columns:
    """Grows by a row per instance, in the order in which they were complete."""

    def __init__(self) -> None:
        self.sop_instance_uids: list[str] = []
        self.sop_class_uids: list[str] = []
        self.transfer_syntax_uids: list[str] = []
        self.dataset_sha256: list[str] = []
        self.dataset_bytes = array("q")
        self.begin_s = array("d")
        self.end_s = array("d")
        self.late_s = array("d")

    def __len__(self) -> int:
        return len(self.end_s)

    def add(self, stored: Stored, late_s: float | None) -> None:
        """One more. ``late_s`` is how long the kernel had its last byte; None where it does not tell."""
        self.sop_instance_uids.append(stored.sop_instance_uid)
        self.sop_class_uids.append(sys.intern(stored.sop_class_uid))
        self.transfer_syntax_uids.append(stored.transfer_syntax_uid)
        self.dataset_sha256.append(stored.dataset_sha256)
        self.dataset_bytes.append(stored.dataset_bytes)
        self.begin_s.append(stored.begin_s)
        self.end_s.append(stored.end_s)
        self.late_s.append(_UNKNOWN if late_s is None else late_s)


def concatenated(columns: Sequence[Columns]) -> Iterator[tuple[str, list[Any]]]:
    """The columns of an Arrivals one after the other, association by association, named by its fields."""
    for field in dataclasses.fields(Arrivals):
        if field.name == "association":
            yield field.name, [index for index, one in enumerate(columns) for _ in range(len(one))]
        else:
            values = list(chain.from_iterable(getattr(one, field.name) for one in columns))
            yield field.name, [] if _UNKNOWN in values else values


def in_order(columns: dict[str, list[Any]]) -> Arrivals:
    """Rows in the order in which they were complete."""
    order = sorted(range(len(columns["end_s"])), key=columns["end_s"].__getitem__)
    whole = {name: values for name, values in columns.items() if len(values) == len(order)}
    return Arrivals(
        **{name: [whole[name][row] for row in order] if name in whole else [] for name in columns}
    )
