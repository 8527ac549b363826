"""`lab net`: profiles of the link, and the link as it is."""

import dataclasses
import shlex

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.model.link_state import LinkState
from lab.model.profile import Link, Profile
from lab.stack import shaping
from lab.stack.putting_back import whole_or_clear
from lab.system import store
from lab.units import format_rate, format_ratio, format_time

_LIST_COLUMNS = ("name", "description")
_SHOW_COLUMNS = ("direction", "rate", "delay", "jitter", "loss", "buffer")
_STATUS_COLUMNS = ("service", "device", "shaper", "link", "congestion_control", "dropped_packets", "trouble")


@click.group()
def net() -> None:
    """The link between the PACS and its clients."""


@net.command("list")
@output_option
def list_(output: str) -> None:
    """Every profile."""
    rows = [{"name": profile.name, "description": profile.description} for profile in store.profiles()]
    show(rows, _LIST_COLUMNS, output)


@net.command("show")
@click.argument("name", metavar="PROFILE", required=False)
@output_option
@click.pass_context
def show_(ctx: click.Context, name: str | None, output: str) -> None:
    """What a profile says, with its source; without PROFILE, every profile."""
    if name is None:
        ctx.invoke(list_, output=output)
        return
    profile = store.profile(name)
    rows = [_link_row("down", profile.down), _link_row("up", profile.up)]
    show(rows, _SHOW_COLUMNS, output, dataclasses.asdict(profile))
    if output == "table":
        assumed = f"\nassumed: {', '.join(profile.assumed)}" if profile.assumed else ""
        click.echo(f"\n{profile.description}\nadds {format_time(profile.rtt_s)} to a round trip")
        click.echo(f"source: {profile.source}{assumed}")


def _link_row(direction: str, link: Link) -> dict[str, str]:
    burst = f" in bursts of {link.loss_burst_packets:g}" if link.loss_burst_packets > 1 else ""
    return {
        "direction": direction,
        "rate": format_rate(link.rate_bit_s) if link.rate_bit_s else "-",
        "delay": format_time(link.delay_s) if link.delay_s else "-",
        "jitter": format_time(link.jitter_s) if link.jitter_s else "-",
        "loss": format_ratio(link.loss_ratio) + burst if link.loss_ratio else "-",
        "buffer": format_time(link.buffer_s) if link.rate_bit_s else "-",
    }


@net.command()
@click.argument("name", metavar="PROFILE")
@click.option("--shaper", type=click.Choice(shaping.SHAPERS), default="auto", show_default=True)
@click.option("--cc", default="", metavar="NAME", help="TCP congestion control: cubic, reno, bbr.")
@click.option("--dry-run", is_flag=True, help="Print the commands, run none.")
@output_option
@pass_desk
def apply(desk: Desk, name: str, shaper: str, cc: str, output: str, *, dry_run: bool) -> None:
    """Shape the link as PROFILE says, read it back and feel it."""
    profile = store.profile(name)
    if dry_run:
        _print_plan(desk, profile, shaper, cc)
        return
    doing = f"`net apply {name}`"
    with (
        desk.at_work(),
        desk.progress.task(f"applying {name}"),
        whole_or_clear(desk.home, desk.engine, doing, desk.progress.say),
    ):
        state = shaping.apply(desk.engine, profile, store.profiles(), shaper=shaper, congestion_control=cc)
    _show_state(state, output)


def _print_plan(desk: Desk, profile: Profile, shaper: str, congestion_control: str) -> None:
    _print_commands(shaping.planned_argvs(desk.engine, profile, shaper, congestion_control))


def _print_commands(plan: dict[str, list[list[str]]]) -> None:
    for service, argvs in plan.items():
        click.echo(f"# in the network namespace of {service}")
        for argv in argvs:
            click.echo(shlex.join(argv))


@net.command()
@click.option("--dry-run", is_flag=True, help="Print the commands, run none.")
@pass_desk
def clear(desk: Desk, *, dry_run: bool) -> None:
    """Take all shaping off."""
    if dry_run:
        _print_commands(shaping.clearing_plan(desk.engine))
        return
    with desk.at_work(), desk.progress.task("clearing the link"):
        shaping.clear(desk.engine)


@net.command()
@output_option
@pass_desk
def status(desk: Desk, output: str) -> None:
    """What is in force, read from kernels and emulators."""
    desk.tidy()
    _show_state(shaping.status(desk.engine, store.profiles()), output)


def _show_state(state: LinkState, output: str) -> None:
    rows = [{**dataclasses.asdict(host), "link": _in_words(host.link)} for host in state.hosts]
    show(rows, _STATUS_COLUMNS, output, dataclasses.asdict(state))
    if output == "table" and rows:
        click.echo(f"\nprofile {state.profile}, shaper {state.shaper}")


def _in_words(link: Link) -> str:
    row = _link_row("", link)
    return ", ".join(f"{key} {value}" for key, value in row.items() if value not in ("-", "")) or "plain"
