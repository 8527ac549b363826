"""What a C-MOVE should take, before it is measured."""

from lab.link.expect import StudySize, expected
from lab.model.profile import Profile
from lab.model.study import Study


def stop_and_wait_s(study: Study, profile: Profile, unshaped_duration_s: float) -> float | None:
    """Duration in seconds: instances x RTT + bits / rate + what it takes without a network.

    A PACS sends the next object when the last is answered (one operation outstanding, PS3.7 D.3.3.3),
    so each instance costs a round trip however wide the link is. Holds for cubic and reno; BBR paces
    each burst by the last and takes half a round trip more. None for a link that carries nothing.
    """
    size = StudySize(name=study.name, instances=len(study.instances), dataset_bytes=study.dataset_bytes)
    link_s = expected(profile, size).duration_s
    return None if link_s is None else link_s + unshaped_duration_s
