"""The userspace emulator's rules: when does a packet leave, if at all? No sockets, no clock.

The order inside one direction is netem's: a packet may be lost; else it waits for the rate, in a
buffer that holds ``buffer_s`` at that rate and drops what does not fit; then it travels for the delay.
Packets never overtake each other.
"""

import random
from dataclasses import dataclass

from lab.link.netem import gilbert_elliott
from lab.model.profile import Link

ETHERNET_HEADER_BYTES = 14


@dataclass
class Counters:
    """What became of the packets so far."""

    passed_packets: int = 0
    lost_packets: int = 0
    overflowed_packets: int = 0
    unsent_packets: int = 0


class Lane:
    """One direction of a Link. ``admit`` is called once per packet, with times that never go back."""

    def __init__(self, link: Link, seed: int | None = None) -> None:
        self.counters = Counters()
        self._delay_s = link.delay_s
        self._jitter_s = link.jitter_s
        self._buffer_s = link.buffer_s
        self._s_per_byte = 8 / link.rate_bit_s if link.rate_bit_s else 0.0
        self._random = random.Random(seed)
        self._bursty = link.loss_burst_packets > 1
        self._p, self._r = gilbert_elliott(link.loss_ratio, link.loss_burst_packets)
        self._loss_ratio = link.loss_ratio
        self._losing = False
        self._line_free_s = 0.0
        self._last_departure_s = 0.0

    def admit(self, now_s: float, packet_bytes: int) -> float | None:
        """When an IP packet of ``packet_bytes`` that came at ``now_s`` leaves; None when it is dropped."""
        if self._loss_ratio and self._is_lost():
            self.counters.lost_packets += 1
            return None
        departure_s = now_s
        if self._s_per_byte:
            start_s = max(now_s, self._line_free_s)
            if start_s - now_s > self._buffer_s:
                self.counters.overflowed_packets += 1
                return None
            departure_s = start_s + (packet_bytes + ETHERNET_HEADER_BYTES) * self._s_per_byte
            self._line_free_s = departure_s
        departure_s += self._travel_s()
        self._last_departure_s = max(departure_s, self._last_departure_s)
        self.counters.passed_packets += 1
        return self._last_departure_s

    def _travel_s(self) -> float:
        if not self._jitter_s:
            return self._delay_s
        return max(0.0, self._random.gauss(self._delay_s, self._jitter_s))

    def _is_lost(self) -> bool:
        if not self._bursty:
            return self._random.random() < self._loss_ratio
        if self._losing:
            self._losing = self._random.random() >= self._r
        else:
            self._losing = self._random.random() < self._p
        return self._losing
