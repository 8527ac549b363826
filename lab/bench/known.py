"""What is known of a case before its first run."""

from dataclasses import dataclass, field

from lab.model.case import Case
from lab.model.conditions import CacheRecord, MachineRecord, RttSeries
from lab.model.exchange import Ceiling
from lab.model.link_state import PACS, LinkState
from lab.model.load import LoadSeries
from lab.model.path import Path
from lab.model.prediction import Prediction
from lab.model.record import Run
from lab.model.store_record import StoreRun


@dataclass(frozen=True, kw_only=True)
class Felt:
    """The link of a case as read back and as felt, just before its runs.

    ``rtt_ms`` is None where nothing told it. ``seed`` is what the fate of packets is drawn from, None on an
    unshaped link.
    """

    state: LinkState
    rtt_ms: float | None
    path: Path
    seed: int | None = None

    @property
    def pacs_congestion_control(self) -> str:
        """As a socket beside the PACS had it, else as its route has it; "" where neither is known."""
        pacs = self.state.host(PACS)
        return self.path.congestion_control.get("pacs") or (pacs.congestion_control if pacs else "")


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What was noted beside a run; the defaults are those of a PACS outside the lab.

    ``rewritten`` is how many instances come with the same elements, but not the same bytes.
    """

    rewritten: int = 0
    tls: bool = False
    hosts: dict[str, LoadSeries] = field(default_factory=dict)
    condition: MachineRecord | None = None
    cache: CacheRecord | None = None
    rtt: RttSeries | None = None


@dataclass(frozen=True, kw_only=True)
class StoreKnown:
    """What is known of a case of storing before its first run.

    ``prediction`` is None without an unshaped run beside it; ``emulator_mbit_s`` what the emulator carries
    here, None where it was not measured.
    """

    felt: Felt
    prediction: Prediction | None
    emulator_mbit_s: float | None = None

    @property
    def expected_s(self) -> float | None:
        """What the transfer should take."""
        return self.prediction.duration_s if self.prediction else None


@dataclass(frozen=True, kw_only=True)
class Known(StoreKnown):
    """What is known of a case of moving: what the receiver takes, besides; None where that is not known."""

    ceiling: Ceiling | None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A run, what was predicted of it, and its case as it was run: with the link's seed."""

    run: Run | StoreRun
    prediction: Prediction | None
    case: Case
