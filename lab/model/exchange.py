"""What the controller asks of the agent in the tester container, and what comes back.

Both sides import this module; on the wire each value is one line of JSON.
"""

from dataclasses import dataclass
from enum import StrEnum

from lab.model.study import StudyKey
from lab.model.tls import TlsFiles


class Ending(StrEnum):
    """How a C-MOVE ended, as the requester saw it."""

    COMPLETED = "completed"
    REFUSED = "refused"
    CONNECTION_LOST = "connection lost"
    IDLE = "idle"


class Obstacle(StrEnum):
    """Why a transfer could not begin."""

    PORT_TAKEN = "port taken"
    CANNOT_LISTEN = "cannot listen"
    NO_ANSWER = "no answer"
    REFUSED = "refused"
    NOT_OFFERED = "not offered"
    NOT_SECURED = "not secured"
    OTHER = "other"


class Stop(StrEnum):
    """What made the instrument stop waiting."""

    FINAL_RESPONSE = "final response"
    ALL_RECEIVED = "all received"
    IDLE_TIMEOUT = "idle timeout"


@dataclass(frozen=True, kw_only=True)
class ReceiverOrder:
    """How to receive: a C-STORE SCP on one port.

    Attributes:
        ae_title: its own.
        check_called: reject whoever calls another title.
        address: where it listens; "" is every address.
        port: TCP port; 0 takes a free one.
        max_pdu_bytes: longest P-DATA-TF it announces (PS3.8 D.1), up to 4294967295; 0 is no limit.
        transfer_syntaxes: in the acceptor's order of choice.
        ack: "quick" acknowledges and answers at once; "delayed" behaves like the tools that stall: delayed
            ACKs, Nagle's algorithm on, a response in two writes.
        sink: "discard" counts bytes, "digest" hashes each Data Set, "keep" writes Part 10 files.
        keep_folder: where "keep" writes.
        processes: how many share the associations.
        silence_s: a peer that sends nothing for so long is aborted.
        artim_s: a peer that connects and does not associate, or is told to go and stays, is cut off.
        verification: accept the Verification SOP Class too (PS3.4 A.4).
        tls: accept DICOM TLS only; None accepts plain connections only.
    """

    ae_title: str
    port: int
    max_pdu_bytes: int
    transfer_syntaxes: list[str]
    check_called: bool = False
    address: str = ""
    ack: str = "quick"
    sink: str = "discard"
    keep_folder: str = ""
    processes: int = 1
    silence_s: float = 60.0
    artim_s: float = 30.0
    verification: bool = True
    tls: TlsFiles | None = None


@dataclass(frozen=True, kw_only=True)
class MoveOrder:
    """Studies to be requested by C-MOVE, and received.

    Attributes:
        pacs_host, pacs_port, pacs_ae_title: the C-MOVE SCP (PS3.4 C.4.2).
        calling_ae_title: who asks.
        receiver: the Move Destination, which the PACS must know under its AE title as this host.
        studies: what is moved, by a C-MOVE each, one after the other.
        level: "STUDY", or "PATIENT" as some tools ask: a PACS may then ignore the study.
        parallel: so many C-MOVEs at once: a single study is split, several are dealt out.
        expected_instances: when so many have come, everything has; None when nobody knows.
        idle_timeout_s: give up after this long without a byte from the PACS.
        not_before_s: the C-MOVE-RQ is not sent before, on the machine's monotonic clock.
        connect_timeout_s: longest wait for the TCP connection to the PACS.
        acse_timeout_s: longest wait for the PACS's answer to the proposed association.
        tls: ask by DICOM TLS; how the PACS is to store is for the receiver's order to say.
    """

    pacs_host: str
    pacs_port: int
    pacs_ae_title: str
    calling_ae_title: str
    receiver: ReceiverOrder
    studies: list[StudyKey]
    level: str = "STUDY"
    parallel: int = 1
    expected_instances: int | None = None
    idle_timeout_s: float = 60.0
    not_before_s: float = 0.0
    connect_timeout_s: float = 10.0
    acse_timeout_s: float = 60.0
    tls: TlsFiles | None = None


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """What arrived, one column per fact, one row per instance in the order in which they were complete.

    Times are monotonic, in seconds since the C-MOVE-RQ was handed to the kernel: ``begin_s`` is the return
    of the read that held the first byte of the Data Set, ``end_s`` of the one that completed it.
    ``late_s`` is how long before that return the kernel had the last byte; empty where kernels do not tell.
    ``dataset_sha256`` is "" unless digests were asked for. ``association`` indexes the outcome's list.
    """

    sop_instance_uids: list[str]
    sop_class_uids: list[str]
    transfer_syntax_uids: list[str]
    dataset_bytes: list[int]
    dataset_sha256: list[str]
    begin_s: list[float]
    end_s: list[float]
    late_s: list[float]
    association: list[int]


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What the receiver's kernel knew of a connection at its end (tcp(7), TCP_INFO); None: it does not tell.

    Attributes:
        congestion_control: of the socket.
        rtt_ms, rttvar_ms: smoothed, of what the receiver sent: its responses.
        min_rtt_ms: smallest seen.
        receiver_rtt_ms: as estimated from what it received.
        cwnd_segments, retransmitted_segments: of its own sending.
        out_of_order_packets: received ahead of a hole, as after a loss.
    """

    congestion_control: str
    rtt_ms: float | None
    rttvar_ms: float | None
    min_rtt_ms: float | None
    receiver_rtt_ms: float | None
    cwnd_segments: int | None
    retransmitted_segments: int | None
    out_of_order_packets: float | None


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """One association as the receiver saw it.

    Attributes:
        peer: address of the other end.
        calling_ae_title: "" when it never proposed.
        instances: that arrived whole on it.
        received_bytes: everything read, PDU headers included.
        accept_s: A-ASSOCIATE-RQ read to A-ASSOCIATE-AC sent; handing the connection over comes before it.
        trouble: why it ended other than by a release; "" otherwise.
        connection: None when the socket was gone before it could be asked.
    """

    peer: str
    calling_ae_title: str
    instances: int
    received_bytes: int
    accept_s: float
    trouble: str
    connection: Connection | None


@dataclass(frozen=True, kw_only=True)
class Suboperations:
    """Counts of the final C-MOVE-RSPs, summed over parallel ones (PS3.7 9.1.4.1.7 to 9.1.4.1.9).

    Attributes:
        completed, failed, warning: sub-operations that ended so.
    """

    completed: int
    failed: int
    warning: int


@dataclass(frozen=True, kw_only=True)
class ReceiverCost:
    """What the receiving processes used.

    Attributes:
        cpu_s: CPU time of all of them, from the request on.
        busiest_cpu_s: of the one that used most.
        peak_rss_bytes: largest resident set of any one.
    """

    cpu_s: float
    busiest_cpu_s: float
    peak_rss_bytes: int


@dataclass(frozen=True, kw_only=True)
class Received:
    """Everything a receiver has to tell when it stops. Times are on the monotonic clock, counted from 0."""

    arrivals: Arrivals
    associations: list[Accepted]
    cost: ReceiverCost


@dataclass(frozen=True, kw_only=True)
class MoveOutcome:
    """One C-MOVE as measured inside the tester container. Times in seconds, on a monotonic clock.

    Attributes:
        ending, explanation: how it ended, and in words when it did not complete.
        stop: what ended the wait.
        status: DIMSE status of the final C-MOVE-RSP, the worst of parallel ones; None when there was none.
        level: of the request; parallel ones go by SERIES or IMAGE.
        requests: C-MOVE-RQs sent.
        associate_s: TCP connect to A-ASSOCIATE-AC of the (first) requesting association.
        completion_s: C-MOVE-RQ sent to the (last) final C-MOVE-RSP.
        requested_s: C-MOVE-RQ sent, on the machine's monotonic clock; all other times count from it.
        associations: those the PACS opened to store, in order.
    """

    ending: Ending
    explanation: str
    stop: Stop
    status: int | None
    level: str
    requests: int
    associate_s: float
    completion_s: float
    requested_s: float
    suboperations: Suboperations
    arrivals: Arrivals
    associations: list[Accepted]
    cost: ReceiverCost


@dataclass(frozen=True, kw_only=True)
class SendOrder:
    """What the sender of pre-encoded PDUs is to send.

    Attributes:
        host, port, called_ae_title: the receiver.
        instances: over all associations together.
        dataset_bytes: of each Data Set; even, 64 at least.
        max_pdu_bytes: of the P-DATA-TF PDUs; 0 is one PDU per Data Set.
        associations: at once.
        bare: the receiver is a bare socket sink: no association, the same bytes.
        at_most_s: begin no further instance after so long.
        tls: by DICOM TLS; None is plain.
    """

    host: str
    port: int
    called_ae_title: str
    instances: int
    dataset_bytes: int
    max_pdu_bytes: int
    associations: int = 1
    bare: bool = False
    at_most_s: float = 600.0
    tls: TlsFiles | None = None


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a sender did: ``duration_s`` from the first byte to the last answer, setting up left out."""

    instances: int
    dataset_bytes: int
    duration_s: float
    sender_cpu_s: float


@dataclass(frozen=True, kw_only=True)
class CeilingOrder:
    """Measure the receiver alone: with Data Sets of that size, over so many associations at once."""

    receiver: ReceiverOrder
    dataset_bytes: int
    associations: int


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """What the receiver takes when nothing else is in the way.

    Attributes:
        mbit_s: Data Set bytes, in 10^6 bit/s.
        receiver_cpu_s_per_gb: CPU seconds of the receiving processes per 10^9 bytes.
    """

    mbit_s: float
    receiver_cpu_s_per_gb: float


@dataclass(frozen=True, kw_only=True)
class ElementsOrder:
    """Take digests of the elements of received files, which the sink "keep" has written to a folder."""

    folder: str
    sop_instance_uids: list[str]


@dataclass(frozen=True, kw_only=True)
class Elements:
    """Digests of elements (lab.data.canonical), by SOP Instance UID."""

    sha256: dict[str, str]
