"""The Upper Layer's state machine as a table (PS3.8 9.2), for both sides of an association.

Theory of operation
    A state and an event name one action; actions are those of PS3.8 Tables 9-6 to 9-9, carried out by
    lab/dicom/acceptor.py and lab/dicom/requester.py. What the standard does in two steps with a local
    user between them (Sta3, Sta8) is one step here: the user is this program and answers at once.
    Opening the transport connection (Sta1, Sta4) is the socket side's. ARTIM, the timer on a peer that
    has not associated yet or does not close, runs in the states of ``ARTIM_STATES``.
"""

from enum import Enum, auto

from lab.dicom.pdu import PduType


class State(Enum):
    """PS3.8 Tables 9-1 to 9-5."""

    STA2 = "awaiting A-ASSOCIATE-RQ"
    STA5 = "awaiting A-ASSOCIATE-AC or A-ASSOCIATE-RJ"
    STA6 = "ready for data transfer"
    STA7 = "awaiting A-RELEASE-RP"
    STA11 = "awaiting A-RELEASE-RP after a release collision"
    STA13 = "awaiting the transport connection's end"
    STA1 = "closed"


class Event(Enum):
    """What happens besides PDUs that came."""

    INVALID_PDU = auto()  # Evt19: unrecognized or invalid PDU received
    TRANSPORT_CLOSED = auto()  # Evt17: transport connection closed indication
    TIMER_EXPIRED = auto()  # Evt18: ARTIM, or this lab's own limit on silence


class Action(Enum):
    """PS3.8 Tables 9-6 (AE), 9-7 (DT), 9-8 (AR) and 9-9 (AA)."""

    ANSWER_REQUEST = "AE-6, then AE-7 or AE-8"
    CONFIRM_ACCEPTANCE = "AE-3"
    CONFIRM_REJECTION = "AE-4"
    TAKE_DATA = "DT-2"
    RELEASE = "AR-2, then AR-4"
    CONFIRM_RELEASE = "AR-3"
    TAKE_DATA_IN_RELEASE = "AR-6"
    RELEASE_COLLISION = "AR-8, then AR-9"
    IGNORE = "AA-6"
    ABORT_AS_USER = "AA-1"
    CLOSE = "AA-2"
    END_ABORTED = "AA-3"
    END_LOST = "AA-4"
    END_BEFORE_ASSOCIATION = "AA-5"
    ABORT_AGAIN = "AA-7"
    ABORT_AS_PROVIDER = "AA-8"
    END = "AR-5"


ARTIM_STATES = (State.STA2, State.STA13)

_AC, _RJ, _RQ = PduType.A_ASSOCIATE_AC, PduType.A_ASSOCIATE_RJ, PduType.A_ASSOCIATE_RQ
_DATA, _ABORT = PduType.P_DATA_TF, PduType.A_ABORT
_RELEASE_RQ, _RELEASE_RP = PduType.A_RELEASE_RQ, PduType.A_RELEASE_RP
_INVALID, _CLOSED, _EXPIRED = Event.INVALID_PDU, Event.TRANSPORT_CLOSED, Event.TIMER_EXPIRED

# PS3.8 Table 9-10, a column per state: (event) -> action. What the table leaves blank cannot happen.
TABLE: dict[State, dict[PduType | Event, Action]] = {
    State.STA2: {
        _AC: Action.ABORT_AS_USER,  # Evt3
        _RJ: Action.ABORT_AS_USER,  # Evt4
        _RQ: Action.ANSWER_REQUEST,  # Evt6
        _DATA: Action.ABORT_AS_USER,  # Evt10
        _RELEASE_RQ: Action.ABORT_AS_USER,  # Evt12
        _RELEASE_RP: Action.ABORT_AS_USER,  # Evt13
        _ABORT: Action.CLOSE,  # Evt16
        _CLOSED: Action.END_BEFORE_ASSOCIATION,  # Evt17
        _EXPIRED: Action.CLOSE,  # Evt18
        _INVALID: Action.ABORT_AS_USER,  # Evt19
    },
    State.STA5: {
        _AC: Action.CONFIRM_ACCEPTANCE,
        _RJ: Action.CONFIRM_REJECTION,
        _RQ: Action.ABORT_AS_PROVIDER,
        _DATA: Action.ABORT_AS_PROVIDER,
        _RELEASE_RQ: Action.ABORT_AS_PROVIDER,
        _RELEASE_RP: Action.ABORT_AS_PROVIDER,
        _ABORT: Action.END_ABORTED,
        _CLOSED: Action.END_LOST,
        _EXPIRED: Action.ABORT_AS_PROVIDER,  # blank in the standard, which sets no limit here
        _INVALID: Action.ABORT_AS_PROVIDER,
    },
    State.STA6: {
        _AC: Action.ABORT_AS_PROVIDER,
        _RJ: Action.ABORT_AS_PROVIDER,
        _RQ: Action.ABORT_AS_PROVIDER,
        _DATA: Action.TAKE_DATA,
        _RELEASE_RQ: Action.RELEASE,
        _RELEASE_RP: Action.ABORT_AS_PROVIDER,
        _ABORT: Action.END_ABORTED,
        _CLOSED: Action.END_LOST,
        _EXPIRED: Action.ABORT_AS_PROVIDER,  # blank in the standard, which sets no limit here
        _INVALID: Action.ABORT_AS_PROVIDER,
    },
    State.STA7: {
        _AC: Action.ABORT_AS_PROVIDER,
        _RJ: Action.ABORT_AS_PROVIDER,
        _RQ: Action.ABORT_AS_PROVIDER,
        _DATA: Action.TAKE_DATA_IN_RELEASE,
        _RELEASE_RQ: Action.RELEASE_COLLISION,  # we are the requestor: Sta9, answered at once: Sta11
        _RELEASE_RP: Action.CONFIRM_RELEASE,
        _ABORT: Action.END_ABORTED,
        _CLOSED: Action.END_LOST,
        _EXPIRED: Action.ABORT_AS_PROVIDER,  # blank in the standard, which sets no limit here
        _INVALID: Action.ABORT_AS_PROVIDER,
    },
    State.STA11: {
        _AC: Action.ABORT_AS_PROVIDER,
        _RJ: Action.ABORT_AS_PROVIDER,
        _RQ: Action.ABORT_AS_PROVIDER,
        _DATA: Action.ABORT_AS_PROVIDER,
        _RELEASE_RQ: Action.ABORT_AS_PROVIDER,
        _RELEASE_RP: Action.CONFIRM_RELEASE,
        _ABORT: Action.END_ABORTED,
        _CLOSED: Action.END_LOST,
        _EXPIRED: Action.ABORT_AS_PROVIDER,  # blank in the standard, which sets no limit here
        _INVALID: Action.ABORT_AS_PROVIDER,
    },
    State.STA13: {
        _AC: Action.IGNORE,
        _RJ: Action.IGNORE,
        _RQ: Action.ABORT_AGAIN,
        _DATA: Action.IGNORE,
        _RELEASE_RQ: Action.IGNORE,
        _RELEASE_RP: Action.IGNORE,
        _ABORT: Action.CLOSE,
        _CLOSED: Action.END,
        _EXPIRED: Action.CLOSE,
        _INVALID: Action.ABORT_AGAIN,
    },
}
