"""What a guest needs of this machine."""

import shutil

from tests.conftest import cannot_run

_PROGRAMS = ("linux.uml", "modprobe", "ip", "tc", "ping")


def missing_programs(*others: str) -> list[str]:
    """Of those that every guest needs, and ``others``."""
    return [program for program in (*_PROGRAMS, *others) if shutil.which(program) is None]


def demand_programs(*others: str) -> None:
    """No test without them."""
    for program in missing_programs(*others):
        cannot_run(f"no {program}: `lab doctor --fix --tests` as root on Debian installs it")
