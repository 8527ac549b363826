"""What a guest needs of this machine."""

import shutil

from lab.machine import netem_kernel
from tests.conftest import cannot_run


def demand_programs(*others: str) -> None:
    """No test without the programs that every guest needs, and ``others``."""
    if netem_kernel.program() is None:
        cannot_run("no user-mode-linux: `lab doctor --fix --tests` as root on Debian installs it")
    for program in ("modprobe", "ip", "tc", "ping", *others):
        if shutil.which(program) is None:
            cannot_run(f"no {program}: `lab doctor --fix --tests` as root on Debian installs it")
