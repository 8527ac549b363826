"""The userspace emulator's rules: when does a packet leave, if at all? No sockets, no clock.

They are those of netem (net/sched/sch_netem.c). What chance decides is in lab.link.fates. A packet that
finds the queue full is dropped, and its copy with it. Else it leaves when it has travelled for the delay
and the one before it has left, plus the time that its own Ethernet frame takes at the rate: the rate is
that of the far end, and packets keep their order. One that is to overtake leaves at once.

The queue is as long as netem's for full frames, those in flight included, but counted in bytes: there are
more small packets in flight over a long link than full ones, and netem, which counts packets, drops them.
"""

from collections import deque
from dataclasses import dataclass

from lab.link.fates import UNTOUCHED, Fate, Fates
from lab.link.netem import FRAME_BYTES, queue_limit_packets
from lab.model.profile import Link

ETHERNET_HEADER_BYTES = 14
_JUST_THIS = (UNTOUCHED,)


@dataclass
class Counters:
    """What became of the packets so far; a copy counts where it is sent on, and as duplicated."""

    lost_packets: int = 0
    overflowed_packets: int = 0
    duplicated_packets: int = 0
    corrupted_packets: int = 0
    reordered_packets: int = 0


class Lane:
    """One direction of a path. ``admit`` is called once per packet, with times that never go back.

    Attributes:
        at_once: packets that leave now, before those that wait.
        waiting: when each other packet leaves, and the packet; in the order in which they leave.
        waiting_bytes: of these, IP headers included; whoever takes one out subtracts it.
    """

    def __init__(self, seed: int) -> None:
        self.counters = Counters()
        self.at_once: deque[bytes] = deque()
        self.waiting: deque[tuple[float, bytes]] = deque()
        self.waiting_bytes = 0
        self._fates = Fates(seed)
        self._last_departure_s = 0.0
        self.turn_to(Link())

    def turn_to(self, link: Link) -> None:
        """The path is like this from now on; what waits keeps its time."""
        self._link = link
        self._delay_s = link.delay_s
        self._s_per_byte = 8 / link.rate_bit_s if link.rate_bit_s else 0.0
        self._limit_bytes = queue_limit_packets(link) * (FRAME_BYTES - ETHERNET_HEADER_BYTES)
        self._is_left_to_chance = not _is_certain(link)
        self._fates.turn_to(link)

    @property
    def is_open(self) -> bool:
        """True when every packet leaves at once, as it came: ``admit`` need not be asked."""
        return self._link.is_plain and not self.waiting and not self.at_once

    def idle_s(self, now_s: float) -> float:
        """For how long nothing has left when a packet that comes now has travelled; below 0 it waits."""
        return now_s + self._delay_s - self._last_departure_s

    def admit(self, now_s: float, packet: bytes) -> None:
        """Decide on an IP packet that came at ``now_s``."""
        fates = self._fates.draw() if self._is_left_to_chance else _JUST_THIS
        if not fates:
            self.counters.lost_packets += 1
        elif self.waiting_bytes >= self._limit_bytes:
            self.counters.overflowed_packets += 1
        else:
            self.counters.duplicated_packets += len(fates) - 1
            for fate in fates:
                self._let_in(now_s, packet, fate)

    def _let_in(self, now_s: float, packet: bytes, fate: Fate) -> None:
        if fate is not UNTOUCHED:
            packet = self._touched(packet, fate)
        if fate.ahead:
            self.at_once.append(packet)
            return
        travelled_s = now_s + max(0.0, self._delay_s + fate.jitter_s)
        frame_s = (len(packet) + ETHERNET_HEADER_BYTES) * self._s_per_byte
        self._last_departure_s = max(travelled_s, self._last_departure_s) + frame_s
        if self._last_departure_s <= now_s and not self.waiting:
            self.at_once.append(packet)
        else:
            self.waiting.append((self._last_departure_s, packet))
            self.waiting_bytes += len(packet)

    def _touched(self, packet: bytes, fate: Fate) -> bytes:
        self.counters.reordered_packets += fate.ahead
        if fate.flipped is None:
            return packet
        self.counters.corrupted_packets += 1
        return corrupted(packet, fate.flipped)


def corrupted(packet: bytes, where: float) -> bytes:
    """One bit of an IPv4 packet flipped; ``where`` in [0, 1) is its place.

    Each flip in the header makes the receiver drop the packet, for its checksum (RFC 791 3.1). A kernel
    that sends from a raw socket would mend that, so it is the version then that becomes 5.
    """
    place = int(where * 8 * len(packet))
    header_bytes = (packet[0] & 0x0F) * 4
    byte, mask = (place // 8, 1 << place % 8) if place // 8 >= header_bytes else (0, 0x10)
    return packet[:byte] + bytes([packet[byte] ^ mask]) + packet[byte + 1 :]


def _is_certain(link: Link) -> bool:
    ratios = (link.loss_ratio, link.duplicate_ratio, link.corrupt_ratio, link.reorder_ratio)
    return not link.jitter_s and not any(ratios)
