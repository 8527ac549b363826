"""Hosts of a link that nothing shapes."""

from typing import Any

from lab.model.link_state import HostLink
from lab.model.profile import Link


def plain_host(congestion_control: str = "cubic", **changes: Any) -> HostLink:
    """Orthanc's, with its kernel's congestion control, but for ``changes``."""
    values: dict[str, Any] = {
        "service": "orthanc",
        "device": "eth0",
        "shaper": "none",
        "link": Link(),
        "congestion_control": congestion_control,
        "kernel_congestion_control": congestion_control,
        "dropped_packets": 0,
    }
    return HostLink(**values | changes)
