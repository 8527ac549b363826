import re
from collections.abc import Callable

import pytest
from pynetdicom.fsm import ACTIONS, TRANSITION_TABLE

from lab.dicom.acceptor import Acceptor
from lab.dicom.association import Association
from lab.dicom.pdu import PduType
from lab.dicom.requester import Requester
from lab.dicom.states import ARTIM_STATES, TABLE, Action, Event, State
from tests.unit import wire

# PS3.8 Table 9-10: what the standard calls what can happen here
EVENTS: dict[PduType | Event, str] = {
    PduType.A_ASSOCIATE_AC: "Evt3",
    PduType.A_ASSOCIATE_RJ: "Evt4",
    PduType.A_ASSOCIATE_RQ: "Evt6",
    PduType.P_DATA_TF: "Evt10",
    PduType.A_RELEASE_RQ: "Evt12",
    PduType.A_RELEASE_RP: "Evt13",
    PduType.A_ABORT: "Evt16",
    Event.TRANSPORT_CLOSED: "Evt17",
    Event.TIMER_EXPIRED: "Evt18",
    Event.INVALID_PDU: "Evt19",
}
STATES: dict[State, str] = {state: state.name.capitalize() for state in State if state is not State.STA1}
CELLS = [(state, event) for state in STATES for event in EVENTS]


@pytest.mark.parametrize(("state", "event"), CELLS)
def test_the_first_action_is_the_one_the_standard_names(state: State, event: PduType | Event) -> None:
    first = TABLE[state][event].value.split(",")[0]
    standard = TRANSITION_TABLE.get((EVENTS[event], STATES[state]))
    if standard is None:
        assert event is Event.TIMER_EXPIRED, "blank in the standard: it cannot happen"
        assert first == "AA-8"
    else:
        assert first == standard


def test_every_event_is_answered_in_every_state_but_the_closed_one() -> None:
    assert set(TABLE) == set(STATES)
    assert all(set(events) == set(EVENTS) for events in TABLE.values())
    assert set(EVENTS) == {*PduType, *Event}


def test_every_action_is_taken_somewhere() -> None:
    assert {action for events in TABLE.values() for action in events.values()} == set(Action)


def test_the_standard_limits_time_where_artim_runs_and_nowhere_else() -> None:
    limited = {state for state, name in STATES.items() if ("Evt18", name) in TRANSITION_TABLE}
    assert limited == set(ARTIM_STATES)


def released_requester() -> Requester:
    requester = wire.associated_requester()
    requester.release()
    requester.outgoing.clear()
    return requester


def colliding_requester() -> Requester:
    requester = released_requester()
    wire.feed(requester, wire.A_RELEASE_RQ)
    requester.outgoing.clear()
    return requester


def released_acceptor() -> Acceptor:
    acceptor = wire.acceptor()
    wire.feed(acceptor, wire.A_RELEASE_RQ)
    acceptor.outgoing.clear()
    return acceptor


ASSOCIATIONS: list[tuple[State, Callable[[], Association]]] = [
    (State.STA2, lambda: Acceptor(wire.OFFER, None)),
    (State.STA6, wire.acceptor),
    (State.STA13, released_acceptor),
    (State.STA5, wire.requester),
    (State.STA6, wire.associated_requester),
    (State.STA7, released_requester),
    (State.STA11, colliding_requester),
]
ENCODED: dict[PduType | Event, bytes] = {
    PduType.A_ASSOCIATE_AC: wire.acceptance(),
    PduType.A_ASSOCIATE_RJ: bytes.fromhex("03 00 00000004 00 01 01 07"),
    PduType.A_ASSOCIATE_RQ: wire.REQUEST,
    PduType.P_DATA_TF: bytes.fromhex("04 00 00000007  00000003 01 01 00"),  # a command begins
    PduType.A_RELEASE_RQ: wire.A_RELEASE_RQ,
    PduType.A_RELEASE_RP: wire.A_RELEASE_RP,
    PduType.A_ABORT: wire.A_ABORT_OF_USER,
    Event.INVALID_PDU: bytes.fromhex("42 00 00000000"),
}
AN_ABORT = bytes.fromhex("07 00 00000004 00 00")
SAID = {
    "AA-1": AN_ABORT + b"\x00",  # source: service user
    "AA-7": AN_ABORT + b"\x02",  # source: service provider
    "AA-8": AN_ABORT + b"\x02",
    "AR-4": wire.A_RELEASE_RP,
    "AR-9": wire.A_RELEASE_RP,
    "AE-7": b"\x02",  # A-ASSOCIATE-AC
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(("state", "associate"), ASSOCIATIONS)
def test_an_association_says_and_becomes_what_the_standard_says(
    state: State, associate: Callable[[], Association], event: PduType | Event
) -> None:
    association = associate()
    assert association.state is state
    if event in ENCODED:
        wire.feed(association, ENCODED[event])
    else:
        assert isinstance(event, Event)
        association.happened(event, "it is over")
    names = re.findall(r"[AED][A-Z]-\d+", TABLE[state][event].value)
    last = "AE-7" if "AE-7" in names else names[-1]
    assert ACTIONS[last][2] == association.state.name.capitalize()
    said = wire.said(association)
    assert said.startswith(SAID.get(last, b""))
    assert bool(said) is (last in SAID)


@pytest.mark.parametrize("event", ENCODED)
def test_a_closed_association_says_nothing_more(event: PduType | Event) -> None:
    association = wire.acceptor()
    association.happened(Event.TRANSPORT_CLOSED, "the connection was closed")
    wire.feed(association, ENCODED[event])
    assert association.is_over
    assert not association.outgoing
    assert association.trouble == "the connection was closed"
