"""Runs of a scripted PACS that keeps a pace, as the lab's receiver measures them over the loopback."""

import random
from datetime import UTC, datetime

from pydicom.dataset import Dataset

from lab.inside.lane import Lane
from lab.inside.requests import STUDY_ROOT_MOVE, Scu
from lab.model.exchange import Arrivals
from lab.model.record import Run, Timeline
from lab.statistics.summary import gaps, mbit_s, steady_mbit_s
from tests.loopback.orders import receiver_order
from tests.loopback.receiving import receiving
from tests.loopback.scripted import OPENED, Request, Script, StoreScu, scripted_pacs
from tests.loopback.test_calibration import sleep_until
from tests.unit import records

IMAGES = 20
FIRST_IMAGE_S, GAP_S = 0.020, 0.003
SPREAD_RATIO = 0.03
"""Standard deviation of every wait: of a whole run it leaves a little under 1 %."""


def session(runs: int, factor: float, draw: random.Random) -> list[Run]:
    """So many C-MOVEs in turn to a receiver of their own; the PACS waits ``factor`` times as long."""
    order = receiver_order(sink="discard")
    with receiving(order) as receiver, scripted_pacs(_paced(order.port, factor, draw)) as port:
        asked = [_asked(port, order.ae_title) for _ in range(runs)]
        arrivals = receiver.stop().arrivals
    OPENED.clear()
    return [_run(*one, arrivals, association) for association, one in enumerate(asked)]


def _paced(port: int, factor: float, draw: random.Random) -> Script:
    """Each image is due so long after the one before was due: what sending takes is no part of the pace."""

    def script(request: Request) -> None:
        scu = StoreScu(port)
        due_s = request.requested_s
        for index in range(IMAGES):
            wait_s = GAP_S if index else FIRST_IMAGE_S
            due_s += factor * wait_s * max(0.0, draw.gauss(1, SPREAD_RATIO))
            sleep_until(due_s)
            scu.send(index)
            scu.await_response()
        scu.release()
        request.respond(0, completed=IMAGES)

    return script


def _asked(port: int, destination_ae_title: str) -> tuple[str, float]:
    """When, by the wall clock and by the monotonic one; returns when everything has been sent."""
    started = datetime.now(UTC).isoformat(timespec="milliseconds")
    scu = Scu(
        "127.0.0.1",
        port,
        called_ae_title="PACED",
        calling_ae_title="DICOMLAB",
        abstract_syntax=STUDY_ROOT_MOVE,
    )
    lane = Lane(scu, [_identifier()], destination_ae_title)
    lane.begin()
    while not lane.is_over:
        lane.read()
    lane.end()
    return started, lane.requested_s


def _identifier() -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "STUDY"
    identifier.StudyInstanceUID = "2.25.17"
    return identifier


def _run(started: str, requested_s: float, arrivals: Arrivals, association: int) -> Run:
    """What came on that association, in the figures of a run; whatever comes short is no number."""
    rows = [row for row, found in enumerate(arrivals.association) if found == association]
    if len(rows) != IMAGES:
        msg = f"{len(rows)} of {IMAGES} images arrived"
        raise AssertionError(msg)
    end_s = [arrivals.end_s[row] - requested_s for row in rows]
    sizes = [arrivals.dataset_bytes[row] for row in rows]
    return records.run(
        started=started,
        study="paced",
        instances=IMAGES,
        instances_expected=IMAGES,
        dataset_bytes=sum(sizes),
        first_image_s=end_s[0],
        duration_s=end_s[-1],
        throughput_mbit_s=mbit_s(sum(sizes), end_s[-1]),
        steady_mbit_s=steady_mbit_s(end_s, sizes),
        gap_ms=gaps(end_s),
        timeline=Timeline(begin_s=[], end_s=end_s, dataset_bytes=sizes, association=[0] * IMAGES),
    )
