"""What `lab speedtest` is asked for, and what it finds: the nouns of the ANS DRIMBox SpeedTest."""

from dataclasses import dataclass
from datetime import datetime

from lab.model.tls import TlsFiles

REFERENCE_STUDY_UID = "1.2.250.1.213.4.5.2.1.199"
REFERENCE_PATIENT_ID = "199"
REFERENCE_TRANSFER_SYNTAX_UID = "1.2.840.10008.1.2.4.80"
REFERENCE_INSTANCES = 1300


@dataclass(frozen=True, kw_only=True)
class Speedtest:
    """A C-MOVE asked of any PACS, to this machine.

    Attributes:
        host, port, called_ae_title: the PACS.
        calling_ae_title: who asks.
        level: "PATIENT" gives both keys; "STUDY" the study's only (PS3.4 C.4.2.1.4).
        study_instance_uid, patient_id: what is moved.
        ae_title, cstore_port: the move destination, as the PACS must know it.
        bind_address: where it listens; "" is every address.
        acse_timeout_s: longest wait for an answer to a proposed association, and for a proposal.
        dimse_timeout_s: longest silence of the PACS as a whole while a C-MOVE is under way.
        network_timeout_s: longest wait for a TCP connection, and longest silence on a storage association.
        max_pdu_bytes: longest P-DATA-TF that is taken; 0 is no limit.
        preference: order in which transfer syntaxes are chosen (lab.dicom.syntaxes).
        verification: whether C-ECHO is answered.
        runs: how often, one at least.
        tls: both to the PACS and from it; None is plain.
    """

    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str
    level: str
    study_instance_uid: str
    patient_id: str
    ae_title: str
    cstore_port: int
    bind_address: str
    acse_timeout_s: float
    dimse_timeout_s: float
    network_timeout_s: float
    max_pdu_bytes: int
    preference: str
    verification: bool
    runs: int
    tls: TlsFiles | None = None


@dataclass(frozen=True, kw_only=True)
class SpeedtestResult:
    """One C-MOVE in the terms of the SpeedTest. Times are local, with their offset from UTC.

    Attributes:
        study_instance_uid: what was asked for.
        start: the connection to the PACS was begun.
        first_image: the first Data Set was complete.
        end: the PACS's final response, or the last image where that came later.
        transfer_syntax_uid: of the first image.
        total_bytes: Data Sets and Group 2, no preamble, as lab.data.speedtest counts them.
    """

    study_instance_uid: str
    start: datetime
    first_image: datetime
    end: datetime
    transfer_syntax_uid: str
    total_bytes: int

    @property
    def latency_s(self) -> float:
        """From the start to the first image."""
        return (self.first_image - self.start).total_seconds()

    @property
    def throughput_mbit_s(self) -> float:
        """``total_bytes`` over the whole time, in 10^6 bit/s."""
        return self.total_bytes * 8 / (self.end - self.start).total_seconds() / 1e6

    @property
    def is_reference_as_stored(self) -> bool:
        """The reference study, in the transfer syntax that it is published in."""
        asked = (self.study_instance_uid, self.transfer_syntax_uid)
        return asked == (REFERENCE_STUDY_UID, REFERENCE_TRANSFER_SYNTAX_UID)
