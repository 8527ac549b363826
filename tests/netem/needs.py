"""What a guest needs of this machine."""

import shutil

from tests.conftest import cannot_run


def demand_programs(*others: str) -> None:
    """No test without the programs that every guest needs, and ``others``."""
    for program in ("linux.uml", "modprobe", "ip", "tc", "ping", *others):
        if shutil.which(program) is None:
            cannot_run(f"no {program}: `lab doctor --fix --tests` as root on Debian installs it")
