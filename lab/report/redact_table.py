"""What becomes of each text in a record before it is given to others. A test holds it against the classes."""

from lab.model.case import Case
from lab.model.conditions import CacheRecord, LinkRecord, MachineRecord, PhaseMark
from lab.model.environment import Environment
from lab.model.exchange import Accepted, Connection
from lab.model.plan import PlanPlace
from lab.model.prediction import Help
from lab.model.profile import Link, Phase, Profile
from lab.model.record import Record, Run
from lab.model.spread import Doubt, Failure
from lab.model.store import Stores
from lab.model.store_record import StoreRecord, StoreRun

KEPT = "kept"  # says nothing about anybody: a word of the lab's own, a version, a digest, a time
TEXT = "text"  # sentences: what is replaced elsewhere is replaced in them, and what looks like an address
PACS = "PACS"  # program and version are kept, of "TITLE at host:port" both are replaced
AE, HOST, PROJECT = "AE", "host", "project"
STUDY, PROFILE, PHASE, PLAN, ABOUT = OWN_WORDS = ("study", "profile", "phase", "plan", "description")
INSTANCE, SETTING = "instance", "setting"

# Of mappings the values are meant; the keys are names of services, settings, programs or transfer syntaxes.
FIELDS: dict[type, dict[str, str]] = {
    Record: {"kind": KEPT},
    StoreRecord: {"kind": KEPT},
    Environment: {
        "lab_version": KEPT,
        "project": PROJECT,
        "kernel": KEPT,
        "machine": KEPT,
        "engine": KEPT,
        "compose": KEPT,
        "pacs": PACS,
        "images": KEPT,
        "kernel_congestion_control": KEPT,
        "programs": KEPT,
        "limits": KEPT,
        "pacs_configuration_sha256": KEPT,
    },
    Run: {
        "profile": PROFILE,
        "shaper": KEPT,
        "study": STUDY,
        "method": KEPT,
        "level": KEPT,
        "ack": KEPT,
        "stop": KEPT,
        "transfer_syntaxes": KEPT,
        "congestion_control": KEPT,
        "started": KEPT,
        "hosts": KEPT,
    },
    StoreRun: {
        "profile": PROFILE,
        "shaper": KEPT,
        "study": STUDY,
        "method": KEPT,
        "started": KEPT,
        "congestion_control": KEPT,
        "hosts": KEPT,
    },
    Stores: {"sop_instance_uids": INSTANCE},
    Accepted: {"peer": HOST, "calling_ae_title": AE, "trouble": TEXT},
    Connection: {"congestion_control": KEPT},
    Doubt: {"code": KEPT, "text": TEXT, "remedy": TEXT},
    Failure: {"message": TEXT, "remedy": TEXT},
    Help: {"change": TEXT},
    Case: {
        "study": STUDY,
        "shaper": KEPT,
        "congestion_control": KEPT,
        "level": KEPT,
        "ack": KEPT,
        "method": KEPT,
        "orthanc": SETTING,
        "cache": KEPT,
    },
    PlanPlace: {"plan": PLAN, "sha256": KEPT, "order": KEPT},
    Profile: {"name": PROFILE, "description": ABOUT, "source": ABOUT, "assumed": KEPT},
    Phase: {"name": PHASE},
    Link: {"jitter_distribution": KEPT},
    PhaseMark: {"name": PHASE},
    LinkRecord: {
        "assumed": KEPT,
        "seed": KEPT,
        "dropped_packets": KEPT,
        "read_back": KEPT,
        "segmentation_offload": KEPT,
        "counters_before": KEPT,
        "counters_after": KEPT,
    },
    CacheRecord: {"declared": KEPT},
    MachineRecord: {"throttled_s": KEPT},
}
