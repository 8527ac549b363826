"""What the controller asks of the agent in the tester container, and what comes back.

Both sides import this module; on the wire each value is one line of JSON.
"""

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """How a C-MOVE ended, as the requester saw it."""

    COMPLETED = "completed"
    REFUSED = "refused"
    CONNECTION_LOST = "connection lost"
    IDLE = "idle"


@dataclass(frozen=True, kw_only=True)
class MoveOrder:
    """One C-MOVE to be requested and received.

    Attributes:
        pacs_host, pacs_port, pacs_ae_title: the C-MOVE SCP (PS3.4 C.4.2).
        destination_ae_title: the Move Destination, which the PACS must know as this container.
        listen_port: where the C-STORE SCP listens during the run, and only then.
        study_instance_uid: what is moved, at STUDY level.
        preferred_transfer_syntax_uids: the acceptor's order of choice.
        max_pdu_bytes: largest P-DATA-TF the receiver announces (PS3.8 D.1); 0 is no limit.
        digest: hash each Data Set (a proof run) instead of only counting it.
        idle_timeout_s: give up after this long without a byte from the PACS.
    """

    pacs_host: str
    pacs_port: int
    pacs_ae_title: str
    destination_ae_title: str
    listen_port: int
    study_instance_uid: str
    preferred_transfer_syntax_uids: list[str]
    max_pdu_bytes: int
    digest: bool
    idle_timeout_s: float


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """What arrived, one column per fact, one row per instance in order of arrival.

    ``end_s`` is the monotonic time of the recv that completed the Data Set, minus the time the
    C-MOVE-RQ was sent. ``dataset_sha256`` is empty unless the order asked for digests.
    """

    sop_instance_uids: list[str]
    transfer_syntax_uids: list[str]
    dataset_bytes: list[int]
    dataset_sha256: list[str]
    end_s: list[float]


@dataclass(frozen=True, kw_only=True)
class Suboperations:
    """Counts of the final C-MOVE-RSP (PS3.7 9.1.4.1.7 to 9.1.4.1.9)."""

    completed: int
    failed: int
    warning: int


@dataclass(frozen=True, kw_only=True)
class MoveOutcome:
    """One C-MOVE as measured inside the tester container. Times in seconds, on a monotonic clock.

    Attributes:
        ending, explanation: how it ended, and in words when it did not complete.
        status: DIMSE status of the final C-MOVE-RSP, None when there was none.
        associate_s: TCP connect to A-ASSOCIATE-AC of the requesting association.
        completion_s: C-MOVE-RQ sent to the final C-MOVE-RSP.
        associations: C-STORE associations the PACS opened.
        receiver_cpu_s: CPU time of the receiving process.
        congestion_control: of the receiver's accepted socket.
    """

    ending: Ending
    explanation: str
    status: int | None
    associate_s: float
    completion_s: float
    suboperations: Suboperations
    arrivals: Arrivals
    associations: int
    receiver_cpu_s: float
    congestion_control: str


@dataclass(frozen=True, kw_only=True)
class Hop:
    """The network device through which a container reaches the lab's network, as its kernel reports it.

    Attributes:
        device: name of the device that carries the address.
        subnet: of the lab's network, "172.18.0.0/16".
        address: of this container on it.
        qdisc: the root qdisc as ``tc -j qdisc show`` prints it.
        gso_max_segs: segments a packet may hold before it is cut (1: segmentation offload is off).
        route_device: the device that the kernel would send through to another host of the subnet.
        plain_route: the only route to the subnet is the one the engine made.
        mtu_bytes: of the device.
        congestion_control: what a new TCP connection to the subnet would use.
        kernel_congestion_control: what it would use if no route said otherwise.
        emulator: the userspace emulator's own report, None when none runs.
    """

    device: str
    subnet: str
    address: str
    qdisc: dict[str, object]
    gso_max_segs: int
    route_device: str
    plain_route: bool
    mtu_bytes: int
    congestion_control: str
    kernel_congestion_control: str
    emulator: dict[str, object] | None
