"""What a C-MOVE should take, before it is measured."""

from lab.link.netem import FRAME_BYTES
from lab.model.profile import Profile
from lab.model.study import Study

SEGMENT_BYTES = 1448  # of payload in a full frame: MTU 1500 without IPv4 and TCP headers and time stamps


def stop_and_wait_s(study: Study, profile: Profile, unshaped_duration_s: float) -> float:
    """Duration in seconds: instances x RTT + bits / rate + what it takes without a network.

    A PACS sends the next object when the last is answered (one operation outstanding, PS3.7 D.3.3.3),
    so each instance costs a round trip however wide the link is. Holds for cubic and reno; BBR paces
    each burst by the last and takes half a round trip more.
    """
    on_the_wire_bit = study.dataset_bytes * 8 * FRAME_BYTES / SEGMENT_BYTES
    serialisation_s = on_the_wire_bit / profile.down.rate_bit_s if profile.down.rate_bit_s else 0.0
    return len(study.instances) * profile.rtt_s + serialisation_s + unshaped_duration_s
