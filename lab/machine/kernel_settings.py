"""Kernel settings that can be put right, and how each is taken back. They last until the next reboot."""

import os
from collections.abc import Callable
from pathlib import Path

from lab.machine.journal import Change
from lab.system import hostinfo

ALLOWED = "net.ipv4.tcp_allowed_congestion_control"
AVAILABLE = "net.ipv4.tcp_available_congestion_control"
KIND = "sysctl"
_SYSCTLS = Path("/proc/sys")


def may_be_allowed(name: str) -> bool:
    """Whether containers lack that congestion control, and it can be allowed from here."""
    there = name in hostinfo.sysctl(AVAILABLE).split()
    return there and name not in hostinfo.sysctl(ALLOWED).split() and os.access(_path(ALLOWED), os.W_OK)


def in_words(name: str) -> str:
    """The command that allows a congestion control."""
    return f'sysctl -w {ALLOWED}="{hostinfo.sysctl(ALLOWED)} {name}"'


def allow(name: str, remember: Callable[[Change], None]) -> None:
    """Let containers have a congestion control too."""
    before = hostinfo.sysctl(ALLOWED)
    _path(ALLOWED).write_text(f"{before} {name}")
    text = f"allowed the congestion control {name} to containers"
    remember(Change(kind=KIND, text=text, details={"name": ALLOWED, "before": before}))


def put_back(change: Change) -> None:
    """The setting as it was."""
    _path(change.details["name"]).write_text(change.details["before"])


def _path(name: str) -> Path:
    return _SYSCTLS / name.replace(".", "/")
