"""A study split into several C-MOVEs at once, against pynetdicom as the PACS."""

import io
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEGLSLossless
from pynetdicom import AE, evt

from lab.bench.proof import prove
from lab.data.synth import instance
from lab.inside.requests import PATIENT_ROOT_MOVE, STUDY_ROOT_FIND, STUDY_ROOT_MOVE
from lab.model.exchange import Ending, Suboperations
from lab.model.study import StudyKey
from tests.loopback.orders import moved, receiver_order
from tests.loopback.ports import free_port
from tests.loopback.speedtesting import answers_with
from tests.loopback.test_tls import NAME, context, files, folder
from tests.unit.studies import SMALL, small_study

__all__ = ["folder"]
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
INSTANCES = [pydicom.dcmread(io.BytesIO(instance(SMALL, index)[0])) for index in range(SMALL.instances)]


class Archive:
    """Holds the small study, its instances spread over so many series; remembers what it was asked."""

    def __init__(self, destination_port: int, series: int) -> None:
        self.asked: list[Dataset] = []
        self._lock = threading.Lock()
        self._port = destination_port
        self._series = {
            str(one.SOPInstanceUID): f"2.25.18.{number % series}" for number, one in enumerate(INSTANCES)
        }

    def forget(self) -> None:
        self._series = {}

    def find(self, event: Any) -> Iterator[Any]:
        keys = event.identifier
        for uid in self._matching(keys):
            match = Dataset()
            match.QueryRetrieveLevel = keys.QueryRetrieveLevel
            match.SeriesInstanceUID = self._series[uid]
            if keys.QueryRetrieveLevel == "IMAGE":
                match.SOPInstanceUID = uid
            yield 0xFF00, match

    def move(self, event: Any) -> Iterator[Any]:
        with self._lock:
            self.asked.append(event.identifier)
        wanted = [one for one in INSTANCES if str(one.SOPInstanceUID) in self._matching(event.identifier)]
        scu = AE()
        scu.add_requested_context(SMALL.sop_class_uid, JPEGLSLossless)
        yield "127.0.0.1", self._port, {"contexts": scu.requested_contexts}
        yield len(wanted)
        for one in wanted:
            yield 0xFF00, one

    def _matching(self, keys: Dataset) -> list[str]:
        """One instance for each series when series are asked for, else all that match."""
        found = {
            uid: series
            for uid, series in self._series.items()
            if _matches(keys.get("SOPInstanceUID"), uid) and _matches(keys.get("SeriesInstanceUID"), series)
        }
        if keys.QueryRetrieveLevel == "SERIES" and not keys.get("SeriesInstanceUID"):
            return list({series: uid for uid, series in found.items()}.values())
        return list(found)


def _matches(key: Any, value: str) -> bool:
    return not key or value in ([key] if isinstance(key, str) else list(key))


@contextmanager
def serving(archive: Archive, secured: ssl.SSLContext | None = None) -> Iterator[int]:
    ae = AE("ORTHANC")
    for syntax in (STUDY_ROOT_MOVE, STUDY_ROOT_FIND, PATIENT_ROOT_MOVE):
        ae.add_supported_context(syntax)
    handlers: list[Any] = [(evt.EVT_C_MOVE, archive.move), (evt.EVT_C_FIND, archive.find)]
    port = free_port()
    server: Any = ae.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=handlers, ssl_context=secured
    )
    try:
        yield port
    finally:
        server.shutdown()


@pytest.mark.parametrize(
    ("series", "parallel", "level"), [(1, 3, "IMAGE"), (3, 3, "SERIES"), (2, 3, "IMAGE")]
)
def test_shares_together_are_the_study_and_nothing_twice(series: int, parallel: int, level: str) -> None:
    receiver = receiver_order(processes=2)
    archive = Archive(receiver.port, series)
    with serving(archive) as port:
        outcome = moved(port, receiver, parallel=parallel, expected_instances=SMALL.instances)
    prove(outcome, small_study())
    assert (outcome.level, outcome.requests) == (level, parallel)
    assert len(archive.asked) == len(outcome.associations) == parallel
    assert {one.QueryRetrieveLevel for one in archive.asked} == {level}


def test_what_a_study_consists_of_is_asked_by_tls_where_the_pacs_speaks_it(folder: Path) -> None:
    receiver = receiver_order()
    secured = context(files(folder, NAME), server_side=True)
    with serving(Archive(receiver.port, 1), secured) as port:
        outcome = moved(
            port,
            receiver,
            pacs_host=NAME,
            parallel=2,
            expected_instances=SMALL.instances,
            tls=files(folder, "client"),
        )
    prove(outcome, small_study())


def test_a_pacs_that_never_lets_us_ask_what_there_is_is_left_after_the_acse_timeout() -> None:
    with answers_with(b"", []) as port, pytest.raises(ConnectionError, match="timed out"):
        moved(port, receiver_order(), parallel=2, acse_timeout_s=0.2)


def test_more_shares_than_instances_ask_for_each_instance_once() -> None:
    receiver = receiver_order()
    archive = Archive(receiver.port, 1)
    with serving(archive) as port:
        outcome = moved(port, receiver, parallel=8, expected_instances=SMALL.instances)
    prove(outcome, small_study())
    assert outcome.requests == SMALL.instances


def test_a_pacs_that_finds_nothing_is_said_so() -> None:
    receiver = receiver_order()
    archive = Archive(receiver.port, 1)
    archive.forget()
    with serving(archive) as port, pytest.raises(ConnectionError, match="finds nothing of study"):
        moved(port, receiver, parallel=2)


def test_at_patient_level_both_keys_are_given_as_tools_do() -> None:
    receiver = receiver_order()
    archive = Archive(receiver.port, 1)
    with serving(archive) as port:
        moved(port, receiver, level="PATIENT")
    asked = archive.asked[0]
    assert (asked.QueryRetrieveLevel, asked.PatientID) == ("PATIENT", SMALL.patient_id)
    assert asked.StudyInstanceUID == SMALL.study_instance_uid


def test_a_pacs_without_query_cannot_be_asked_in_parallel_and_it_is_said_so() -> None:
    ae = AE("ORTHANC")
    ae.add_supported_context(STUDY_ROOT_MOVE)
    port = free_port()
    server: Any = ae.start_server(("127.0.0.1", port), block=False)
    try:
        with pytest.raises(ConnectionError, match=r"does not offer 1.2.840.10008.5.1.4.1.2.2.1"):
            moved(port, receiver_order(), parallel=2)
    finally:
        server.shutdown()


def two_studies() -> list[StudyKey]:
    return [StudyKey(patient_id="SMALL", study_instance_uid=uid) for uid in ("2.25.17", "2.25.18")]


class Shelf:
    """A study of one instance for each that it has; remembers in which order it was asked for them."""

    def __init__(self, destination_port: int, failing: str = "") -> None:
        self.asked: list[str] = []
        self._port = destination_port
        self._failing = failing

    def move(self, event: Any) -> Iterator[Any]:
        uid = str(event.identifier.StudyInstanceUID)
        self.asked.append(uid)
        scu = AE()
        scu.add_requested_context(SMALL.sop_class_uid, JPEGLSLossless)
        yield "127.0.0.1", self._port, {"contexts": scu.requested_contexts}
        yield 1
        if uid == self._failing:
            yield 0xC000, None
        else:
            yield 0xFF00, INSTANCES[len(self.asked) - 1]


@contextmanager
def shelved(shelf: Shelf) -> Iterator[int]:
    ae = AE("ORTHANC")
    ae.add_supported_context(STUDY_ROOT_MOVE)
    port = free_port()
    server: Any = ae.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_MOVE, shelf.move)]
    )
    try:
        yield port
    finally:
        server.shutdown()


def test_several_studies_are_asked_for_one_after_the_other_on_one_association() -> None:
    receiver = receiver_order()
    shelf = Shelf(receiver.port)
    with shelved(shelf) as port:
        outcome = moved(port, receiver, studies=two_studies())
    assert shelf.asked == ["2.25.17", "2.25.18"]
    assert (outcome.ending, outcome.requests) == (Ending.COMPLETED, 2)
    assert outcome.suboperations == Suboperations(completed=2, failed=0, warning=0)
    assert len(outcome.arrivals.end_s) == 2


def test_several_studies_in_parallel_are_dealt_out() -> None:
    receiver = receiver_order()
    shelf = Shelf(receiver.port)
    with shelved(shelf) as port:
        outcome = moved(port, receiver, studies=two_studies(), parallel=8)
    assert sorted(shelf.asked) == ["2.25.17", "2.25.18"]
    assert outcome.requests == 2


def test_a_study_that_fails_does_not_keep_the_next_one_from_being_moved() -> None:
    receiver = receiver_order()
    shelf = Shelf(receiver.port, failing="2.25.17")
    with shelved(shelf) as port:
        outcome = moved(port, receiver, studies=two_studies())
    assert (outcome.ending, outcome.status) == (Ending.REFUSED, 0xC000)
    assert outcome.arrivals.sop_instance_uids == [str(INSTANCES[1].SOPInstanceUID)]
