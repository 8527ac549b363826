"""The original's way of measuring beside `lab speedtest`, in turn, on the same PACS: where its time goes.

    python -m tests.speedtest_ways                                  # dcmqrscp and pynetdicom's qrscp
    python -m tests.speedtest_ways HOST PORT AEC UID PATIENT_ID     # a PACS that is up, with that study in it
        [-aet STORESCP] [-p 9999] [--level patient|study]

Prints the table of docs/speedtest.md: medians of five. Alone on a machine: what else runs there is in the
figures. Fails when the two do not count the same bytes.
"""

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from lab.model.study import Recipe
from lab.report.text import Row, as_markdown
from lab.system.recipes import recipe
from tests.loopback.peers import AE_TITLE, dcmqrscp, qrscp
from tests.loopback.ports import free_port
from tests.loopback.speedtesting import speedtest_of

TIMES, IMAGES = 5, 300
COLUMNS = (
    *("PACS", "level", "images", "original's way s", "lab speedtest s", "difference s"),
    *("start of Python s", "decoding and writing s", "exit s", "PDUs and answers s"),
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Of which PACS, and for what."""

    host: str
    port: int
    aec: str
    study: str
    patient: str
    ae_title: str
    own_port: int
    level: str


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One measurement: from its clock's start to the first sign of the PACS at the receiver, and so on.

    ``handled_s`` is what decoding and writing took, ``ended_s`` the time after the last image.
    """

    total_s: float
    begun_s: float
    handled_s: float
    ended_s: float
    images: int
    total_bytes: int


def original(asked: Asked) -> Turn:
    """In a process of its own, as it runs."""
    words = [asked.host, str(asked.port), asked.aec, asked.study, asked.patient, "--level", asked.level]
    words += ["--ae-title", asked.ae_title, "--port", str(asked.own_port)]
    argv = [sys.executable, "-m", "lab.inside.speedtest_way", *words]
    said = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return Turn(
        total_s=said["duration_s"],
        begun_s=said["connected_s"],
        handled_s=said["handling_s"],
        ended_s=said["duration_s"] - said["last_image_s"],
        images=said["instances"],
        total_bytes=said["bytes"],
    )


def ours(asked: Asked) -> Turn:
    """As its users call it."""
    words = ["-s", asked.study, "-pid", asked.patient, "-aet", asked.ae_title, "--level", asked.level]
    result = speedtest_of(asked.aec, asked.port, asked.own_port, *words, "-o", "json", host=asked.host)
    if result.exit_code:
        sys.exit(result.stderr)
    said = json.loads(result.stdout)
    return turn_of(said["runs"][0], said["speedtest"][0])


def turn_of(run: Mapping[str, Any], block: Mapping[str, Any]) -> Turn:
    """Of what `lab speedtest -o json` prints."""
    start, end = (datetime.fromisoformat(block[name]) for name in ("start_time", "end_time"))
    total_s = (end - start).total_seconds()
    return Turn(
        total_s=total_s,
        begun_s=run["associate_s"] + run["timeline"]["begin_s"][0],
        handled_s=0.0,
        ended_s=total_s - run["associate_s"] - run["duration_s"],
        images=run["instances"],
        total_bytes=block["total_bytes"],
    )


def compared(name: str, asked: Asked) -> Row:
    """In turn, so that whatever drifts on the machine meets both alike."""
    turns = [(original(asked), ours(asked)) for _ in range(TIMES)]
    if any(theirs.total_bytes != own.total_bytes for theirs, own in turns):
        sys.exit(f"{name}: the two do not count the same bytes: {turns}")
    return row(name, asked.level, [theirs for theirs, _ in turns], [own for _, own in turns])


def row(name: str, level: str, theirs: list[Turn], own: list[Turn]) -> Row:
    """What the one took longer, and in what: what is left is its work per PDU and per answer."""

    def longer_s(part: str) -> float:
        return float(median(getattr(one, part) for one in theirs) - median(getattr(one, part) for one in own))

    parts = [longer_s("begun_s"), longer_s("handled_s"), longer_s("ended_s")]
    totals = [median(one.total_s for one in theirs), median(one.total_s for one in own)]
    difference_s = longer_s("total_s")
    values = (*totals, difference_s, *parts, difference_s - sum(parts))
    return dict(zip(COLUMNS, (name, level, own[0].images, *values), strict=True))


def on_the_loopback(study: Recipe) -> Iterator[Row]:
    """Each PACS at the level that it takes."""
    for name, peer, level in (("dcmqrscp", dcmqrscp, "patient"), ("qrscp", qrscp, "study")):
        own_port = free_port()
        with tempfile.TemporaryDirectory() as folder, peer(Path(folder), own_port, study) as port:
            asked = Asked(
                host="127.0.0.1",
                port=port,
                aec=AE_TITLE,
                study=study.study_instance_uid,
                patient=study.patient_id,
                ae_title="STORESCP",
                own_port=own_port,
                level=level,
            )
            yield compared(name, asked)


def asked_for() -> Asked | None:
    """None when no PACS is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.speedtest_ways")
    parser.add_argument("pacs", nargs="*", metavar="HOST PORT AEC UID PATIENT_ID")
    parser.add_argument("-aet", dest="ae_title", default="STORESCP")
    parser.add_argument("-p", dest="own_port", type=int, default=9999)
    parser.add_argument("--level", choices=["patient", "study"], default="patient")
    words = vars(parser.parse_args())
    pacs = words.pop("pacs")
    if len(pacs) not in (0, 5):
        parser.error("HOST PORT AEC UID PATIENT_ID go together")
    named = dict(zip(("host", "port", "aec", "study", "patient"), pacs, strict=False))
    return Asked(**{**named, "port": int(named["port"])}, **words) if named else None


if __name__ == "__main__":
    pacs = asked_for()
    rows = (
        [compared(pacs.aec, pacs)]
        if pacs
        else on_the_loopback(dataclasses.replace(recipe("quick"), instances=IMAGES))
    )
    print(as_markdown(list(rows), COLUMNS))
