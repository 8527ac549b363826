"""`lab net`: profiles of the link, and the link as it is."""

from collections.abc import Mapping
from typing import ClassVar

import click

from lab.cli.lazy import LazyGroup


class _Net(LazyGroup):
    places: ClassVar[Mapping[str, str]] = {
        "list": "lab.cli.net.list_:list_",
        "show": "lab.cli.net.show_:show_",
        **{name: f"lab.cli.net.{name}:{name}" for name in ("apply", "clear", "status", "learn", "verify")},
    }


@click.group(cls=_Net)
def net() -> None:
    """The link between the PACS and its clients."""
