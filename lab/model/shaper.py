"""What a shaper that stays beside a host is told, and what it reports: emulator, or time-keeper of netem."""

from dataclasses import dataclass

from lab.model.profile import Link


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One direction's part of a Phase."""

    name: str
    lasts_s: float
    link: Link


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The turns of one direction, one after the other; of a profile without phases, a single one.

    Attributes:
        turns: at least one. A single turn lasts for ever, whatever its ``lasts_s``.
        repeat: from the first again after the last; else the last one stays.
        seed: decides the fate of each packet of this direction.
    """

    turns: tuple[Turn, ...]
    repeat: bool
    seed: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a shaper works: the device, and the routes it may have to take over.

    ``congestion_control`` "" leaves the kernel's.
    """

    device: str
    subnet: str
    address: str
    mtu_bytes: int
    congestion_control: str


@dataclass(frozen=True, kw_only=True)
class ShaperOrder:
    """What a staying shaper is started with, as JSON.

    ``epoch_s`` is when the first turn begins, on the monotonic clock of the machine; ``until_s`` when
    the shaper takes itself off, None for never.
    """

    place: Place
    schedule: Schedule
    epoch_s: float
    until_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """A turn that began, at ``at_s`` on the machine's monotonic clock."""

    at_s: float
    turn: str


@dataclass(frozen=True, kw_only=True)
class ShaperReport:
    """What a staying shaper says of itself.

    Attributes:
        schedule: what it was told.
        turn: name of the turn in force, ``link`` its impairments.
        changes: turns that began, the latest last; at most a thousand are kept.
        epoch_s, until_s: as in the order, or as moved since.
        passed_packets, lost_packets, overflowed_packets, unsent_packets, unread_packets: what became of the
            packets so far: sent on, lost on purpose, dropped for want of buffer, refused by the device,
            dropped before the emulator got to read them. 0 where the kernel counts them.
        duplicated_packets, corrupted_packets, reordered_packets: of those sent on.
        late_p99_ms, late_max_ms: how late packets left, at most, of the last 10,000 since the report before;
            None for none, and where the kernel sends them.
        cpu_s: CPU time of the process so far.
    """

    schedule: Schedule
    turn: str
    link: Link
    changes: tuple[Change, ...]
    epoch_s: float
    until_s: float | None
    passed_packets: int = 0
    lost_packets: int = 0
    overflowed_packets: int = 0
    unsent_packets: int = 0
    unread_packets: int = 0
    duplicated_packets: int = 0
    corrupted_packets: int = 0
    reordered_packets: int = 0
    late_p99_ms: float | None = None
    late_max_ms: float | None = None
    cpu_s: float = 0.0

    @property
    def dropped_packets(self) -> int:
        """All that were not sent on."""
        return self.lost_packets + self.overflowed_packets + self.unsent_packets + self.unread_packets
