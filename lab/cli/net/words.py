"""How the link is shown."""

import dataclasses
from collections.abc import Iterator

import click

from lab.cli.desk import show
from lab.link.expect import Expected, Stretch, StudySize
from lab.model.link_state import LinkState
from lab.model.profile import Link, Phase, Profile
from lab.units import format_bytes, format_rate, format_ratio, format_time

_STATUS_COLUMNS = ("service", "device", "shaper", "link", "congestion_control", "dropped_packets", "trouble")
_LINK_COLUMNS = ("direction", "rate", "delay", "jitter", "loss", "duplicate", "corrupt", "reorder", "buffer")
_SELDOM = ("duplicate", "corrupt", "reorder")


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


def show_profile(profile: Profile, output: str, expectation: Expected | None = None) -> None:
    """A profile: its halves, of each phase when it has some, where it comes from and what to expect."""
    rows = [row for stretch in profile.phases or (profile,) for row in _rows(stretch)]
    columns = [name for name in _LINK_COLUMNS if name not in _SELDOM or any(row[name] != "-" for row in rows)]
    document = dataclasses.asdict(profile)
    if expectation:
        document["expected"] = dataclasses.asdict(expectation)
    show(rows, (["phase", "lasts"] if profile.phases else []) + columns, output, document)
    if output == "table":
        for line in (*_about(profile), *(_to_expect(expectation) if expectation else ())):
            click.echo(line)


def _rows(stretch: Profile | Phase) -> list[dict[str, str]]:
    when = {}
    if isinstance(stretch, Phase):
        when = {"phase": stretch.name, "lasts": format_time(stretch.lasts_s)}
    return [{**when, **link_row("down", stretch.down)}, {**when, **link_row("up", stretch.up)}]


def _about(profile: Profile) -> Iterator[str]:
    yield f"\n{profile.name}: {profile.description}"
    yield f"source: {profile.source}"
    if profile.assumed:
        yield f"assumed: {', '.join(profile.assumed)}"
    if profile.seed is not None:
        yield f"seed: {profile.seed}"
    if profile.phases:
        yield "then: from the first phase again" if profile.repeat else "then: the last phase stays"


def _to_expect(expectation: Expected) -> Iterator[str]:
    yield ""
    for stretch in expectation.stretches:
        named = "" if stretch.lasts_s is None else f"{stretch.name}: "
        yield named + ("; ".join(_stretch_words(stretch)) if stretch.carries else "nothing gets through")
    yield _study_words(expectation)


def _stretch_words(stretch: Stretch) -> Iterator[str]:
    yield f"adds {format_time(stretch.rtt_s)} to a round trip" if stretch.rtt_s else "adds no delay"
    if stretch.bdp_bytes:
        yield f"the bandwidth-delay product is {format_bytes(stretch.bdp_bytes)}"
    if stretch.instance_s:
        yield f"an instance costs {format_time(stretch.instance_s)}"


def _study_words(expectation: Expected) -> str:
    study = expectation.study
    of = f"{study.name} ({_size_words(study)})"
    if expectation.duration_s is None:
        if study.dataset_bytes is None:
            return f"{of}: how long it takes is known once it is made: lab data make {study.name}"
        return f"{of}: never gets through"
    if not expectation.duration_s:
        return f"{of}: as fast as the machines are"
    speed = f", at most {expectation.ceiling_mbit_s:.4g} Mbit/s" if expectation.ceiling_mbit_s else ""
    took = format_time(expectation.duration_s)
    return f"{of}: {took}{speed}, without the server's own time and without losses"


def _size_words(study: StudySize) -> str:
    size = "" if study.dataset_bytes is None else f", {format_bytes(study.dataset_bytes)}"
    return f"{study.instances} instances{size}"
