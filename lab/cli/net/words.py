"""How the link is shown."""

import dataclasses

import click

from lab.cli.desk import show
from lab.model.link_state import LinkState
from lab.model.profile import Link
from lab.units import format_rate, format_ratio, format_time

_STATUS_COLUMNS = ("service", "device", "shaper", "link", "congestion_control", "dropped_packets", "trouble")


def show_state(state: LinkState, output: str) -> None:
    """The link as it is, a row per host."""
    rows = [{**dataclasses.asdict(host), "link": in_words(host.link)} for host in state.hosts]
    show(rows, _STATUS_COLUMNS, output, dataclasses.asdict(state))
    if output == "table" and rows:
        click.echo(f"\nprofile {state.profile}, shaper {state.shaper}")


def link_row(direction: str, link: Link) -> dict[str, str]:
    """One direction in words, "-" where nothing is shaped."""
    burst = f" in bursts of {link.loss_burst_packets:g}" if link.loss_burst_packets > 1 else ""
    shape = "" if link.jitter_distribution == "normal" else f" {link.jitter_distribution}"
    return {
        "direction": direction,
        "rate": format_rate(link.rate_bit_s) if link.rate_bit_s else "-",
        "delay": format_time(link.delay_s) if link.delay_s else "-",
        "jitter": format_time(link.jitter_s) + shape if link.jitter_s else "-",
        "loss": format_ratio(link.loss_ratio) + burst if link.loss_ratio else "-",
        "duplicate": format_ratio(link.duplicate_ratio) if link.duplicate_ratio else "-",
        "corrupt": format_ratio(link.corrupt_ratio) if link.corrupt_ratio else "-",
        "reorder": format_ratio(link.reorder_ratio) if link.reorder_ratio else "-",
        "buffer": format_time(link.buffer_s) if link.rate_bit_s else "-",
    }


def in_words(link: Link) -> str:
    """One direction in a line."""
    row = link_row("", link)
    return ", ".join(f"{key} {value}" for key, value in row.items() if value not in ("-", "")) or "plain"
