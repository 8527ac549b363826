"""Which TCP congestion control the hosts get: it changes a shaped C-MOVE by half."""

from collections.abc import Mapping

from lab.errors import PreflightError
from lab.model.hop import Hop
from lab.model.link_state import AUTO, KERNELS_OWN
from lab.system import hostinfo, netns
from lab.system.engine import Engine

USUAL = "cubic"  # what Linux, Windows and macOS use unless told otherwise
_AVAILABLE = "net.ipv4.tcp_available_congestion_control"


def settle(engine: Engine, wanted: str, hops: Mapping[str, Hop]) -> str:
    """The one to put on the routes; "" leaves the kernel's own.

    Args:
        engine: where to try.
        wanted: a name, AUTO for cubic where it can be had, or KERNELS_OWN.
        hops: what the hosts have now.

    Raises:
        PreflightError: the one that is named cannot be had.
    """
    if wanted in (KERNELS_OWN, ""):
        return ""
    name = USUAL if wanted == AUTO else wanted
    if all(hop.kernel_congestion_control == name for hop in hops.values()):
        return ""
    works, said = netns.probe_congestion_control(engine, name)
    if works:
        return name
    if wanted == AUTO:
        return ""
    msg = f"containers here cannot have the congestion control {name!r} (ip says: {said})"
    raise PreflightError(msg, _remedy(name))


def _remedy(name: str) -> str:
    available = hostinfo.sysctl(_AVAILABLE)
    return f"this kernel has {available}; sudo modprobe tcp_{name} may add it"
