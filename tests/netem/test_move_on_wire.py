"""A C-MOVE over a wire that netem shapes takes the time that stop-and-wait over it must take."""

import json
from typing import Any

import pytest

from lab.system import store
from tests.netem.kernel import run_module
from tests.netem.move_on_wire import DATASET_BYTES, PROFILE
from tests.netem.needs import demand_programs


@pytest.fixture(scope="module")
def outcome() -> Any:
    demand_programs()
    return json.loads(run_module("tests.netem.move_on_wire"))


def test_every_instance_arrives(outcome: Any) -> None:
    assert outcome["ending"] == "completed"
    assert outcome["arrivals"]["dataset_bytes"] == DATASET_BYTES


def test_each_instance_costs_its_round_trip(outcome: Any) -> None:
    """Slow start adds some at the beginning: ten segments of 1448 bytes, doubled each time."""
    rtt_s = store.profile(PROFILE).rtt_s
    assert (
        len(DATASET_BYTES) * rtt_s
        < max(outcome["arrivals"]["end_s"])
        < (len(DATASET_BYTES) + 10) * 1.1 * rtt_s
    )
