"""What is run in a host's network namespace to shape it and to clear it, from what its kernel reported."""

import dataclasses
import zlib
from collections.abc import Sequence

from lab.link import netem, tun_routes
from lab.link.read_back import has_foreign_qdisc
from lab.model.hop import Hop
from lab.model.plain import from_json, to_json
from lab.model.shaper import Place, Schedule, ShaperOrder


def shaping_argvs(hop: Hop, order: ShaperOrder, shaper: str) -> list[list[str]]:
    """The commands that shape one host; the last is a shaper that stays, where one is needed."""
    if shaper == "tun" and not is_plain(order.schedule):
        return [staying_argv("emulator", order)]
    argvs = []
    if not is_plain(order.schedule):
        argvs += netem.apply_argvs(order.schedule.turns[0].link, hop.device, order.schedule.seed)
    if order.place.congestion_control:
        argvs.append(plain_route_argv(hop, order.place.congestion_control))
    return argvs + ([staying_argv("keeper", order)] if needs_keeper(order) else [])


def staying_argv(program: str, order: ShaperOrder) -> list[str]:
    """The command of a shaper that stays: "emulator", or "keeper" of netem's time."""
    return ["python3", "-m", f"lab.inside.{program}", to_json(order)]


def taking_over(argv: Sequence[str]) -> list[list[str]]:
    """The commands that an emulator with that command runs by itself; none of any other command."""
    if "lab.inside.emulator" not in argv:
        return []
    place = from_json(ShaperOrder, argv[-1]).place
    return tun_routes.takeover_argvs(**dataclasses.asdict(place))


def needs_keeper(order: ShaperOrder) -> bool:
    """Whether something has to be done later: another turn, or the end."""
    return len(order.schedule.turns) > 1 or order.until_s is not None


def is_plain(schedule: Schedule) -> bool:
    """True when no turn shapes anything."""
    return all(turn.link.is_plain for turn in schedule.turns)


def plain_route_argv(hop: Hop, congestion_control: str) -> list[str]:
    """The route of the engine, with a congestion control."""
    return tun_routes.plain_route_argv(hop.device, hop.subnet, hop.address, congestion_control)


def shaper_order(
    hop: Hop, schedule: Schedule, congestion_control: str, *, epoch_s: float, until_s: float | None
) -> ShaperOrder:
    """What a shaper of that host is told."""
    place = Place(
        device=hop.device,
        subnet=hop.subnet,
        address=hop.address,
        mtu_bytes=hop.mtu_bytes,
        congestion_control=congestion_control,
    )
    return ShaperOrder(place=place, schedule=schedule, epoch_s=epoch_s, until_s=until_s)


def seed_of(seed: int, service: str) -> int:
    """A seed for each host: of one for all, the same packet numbers would be lost everywhere."""
    return zlib.crc32(f"{seed}/{service}".encode())


def clearing_argvs(hop: Hop) -> list[list[str]]:
    """The commands that bring one host back to what the engine made; none when it is."""
    argvs = []
    if hop.qdisc.get("kind") == "netem" or has_foreign_qdisc(hop):
        argvs.append(netem.remove_argv(hop.device))
    ingress = [kind for kind in hop.other_qdiscs if kind in netem.INGRESS_KINDS]
    argvs += [netem.remove_ingress_argv(hop.device, kind) for kind in ingress]
    if hop.gso_max_segs == 1:
        argvs.append(netem.offload_argv(hop.device, netem.UNSHAPED_GSO_MAX_SEGS))
    if not hop.plain_route:
        argvs += tun_routes.restore_argvs(hop.device, hop.subnet, hop.address)
    return argvs
