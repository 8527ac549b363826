"""Storing a study into the PACS: what is ordered, and what came of it."""

from dataclasses import dataclass, field

from lab.model.exchange import Connection
from lab.model.tls import TlsFiles

LAB, STORESCU, REST = METHODS = ("lab", "storescu", "rest")


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One instance to be sent; the Data Set is the last ``dataset_bytes`` of its file (PS3.10 7.1)."""

    file: str
    file_bytes: int
    dataset_bytes: int
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


@dataclass(frozen=True, kw_only=True)
class StoreOrder:
    """A study to be stored by C-STORE, from files that the sender sees.

    Attributes:
        pacs_host, pacs_port, pacs_ae_title: the Storage SCP.
        folder: where the files are.
        shares: what goes over each association; all of them begin together.
        max_pdu_bytes: longest P-DATA-TF it sends, where the PACS takes more; 0 is what the PACS takes.
        silence_s: an association on which nothing moves for so long is given up.
        tls: by DICOM TLS; None is plain.
    """

    pacs_host: str
    pacs_port: int
    pacs_ae_title: str
    calling_ae_title: str
    folder: str
    shares: list[list[Outgoing]]
    max_pdu_bytes: int = 0
    silence_s: float = 60.0
    tls: TlsFiles | None = None


@dataclass(frozen=True, kw_only=True)
class PostOrder:
    """The same by HTTP POST to Orthanc's /instances, a connection that is kept alive per share; or HTTPS."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    shares: list[list[Outgoing]]
    silence_s: float = 60.0
    tls: TlsFiles | None = None


@dataclass(frozen=True, kw_only=True)
class Stores:
    """What was answered, one column per fact, one row per instance in the order of the answers.

    Times are in seconds since the first instance's request was begun.

    Attributes:
        sop_instance_uids: of the instances.
        dataset_bytes: of the Data Set (no Group 2, no preamble).
        begin_s: just before the first byte of an instance's request is handed to the kernel.
        end_s: the return of the read that completed its answer.
        status: DIMSE status of the C-STORE-RSP, or of HTTP.
        association: or connection that it went over, counted from 0.
    """

    sop_instance_uids: list[str]
    dataset_bytes: list[int]
    begin_s: list[float]
    end_s: list[float]
    status: list[int]
    association: list[int]


@dataclass(frozen=True, kw_only=True)
class StoreOutcome:
    """One study sent, as measured where it was sent from.

    Attributes:
        stores: every instance that was answered, whatever the answer.
        failures: why an instance was not stored as it is, by SOP Instance UID.
        lost: why an association or connection ended before its share was through; "" when none did.
        associate_s: TCP connect to A-ASSOCIATE-AC of the first association; by rest TCP connect alone.
        client_cpu_s: CPU time of the sending process while it sent; None when it does not tell.
        connections: what the sender's kernel knew of each at its end; empty when it does not tell.
    """

    stores: Stores
    failures: dict[str, str]
    lost: str
    associate_s: float | None
    client_cpu_s: float | None = None
    connections: list[Connection] = field(default_factory=list)
