"""One combination to be measured."""

from dataclasses import dataclass, field

from lab.model.profile import Profile
from lab.model.store import LAB, REST, STORESCU

MOVE = "c-move"
METHODS = (MOVE, LAB, STORESCU, REST)
WARM, COLD = CACHES = ("warm", "cold")
Setting = bool | int | float | str


@dataclass(frozen=True, kw_only=True)
class Case:
    """A study moved or stored over a link, with everything that is set for it.

    Attributes:
        study: its name in the lab.
        shaper: "auto", "netem" or "tun".
        congestion_control: that hosts of the lab are to use; "" leaves it as it is.
        method: "c-move", or how the study is stored: one of lab.model.store.METHODS.
        profile: None leaves the link as it is found.
        runs, warmup: measured runs, in a plan the fewest, and runs before them that do not count.
        max_pdu_bytes: longest P-DATA-TF: what the receiver of a C-MOVE announces (0 is no limit), what our
            sender and storescu keep to (0 is what the PACS takes); -1 in a plan for REST, which knows none.
        level: of the C-MOVE, "STUDY" or "PATIENT"; "" in a plan for stores.
        ack: "quick" acknowledges and answers at once, "delayed" stalls as some tools do; "" as ``level``.
        parallel: C-MOVEs at once; associations or connections of a sender.
        orthanc: settings of Orthanc's configuration that differ from the lab's.
        tls: by DICOM TLS or not, on a stack that is up with TLS; None is as the stack is.
        cache: what the PACS's files are in before each run: "warm" as the run before left them, or its
            warm-ups; "cold" is Orthanc started anew with none of its storage in the page cache.
    """

    study: str
    profile: Profile | None
    shaper: str
    congestion_control: str
    runs: int
    warmup: int
    max_pdu_bytes: int
    level: str = "STUDY"
    parallel: int = 1
    ack: str = "quick"
    method: str = MOVE
    orthanc: dict[str, Setting] = field(default_factory=dict)
    cache: str = WARM
    tls: bool | None = None
