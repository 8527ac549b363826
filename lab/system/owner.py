"""Whose a short-lived container is: the process that started it, by a name that no later one has."""

import os
from pathlib import Path

OWNER_LABEL = "org.dicom-lab.owner"
_STATE, _STARTED = 0, 19  # of what follows the program's name in proc(5), stat
_ENDED = ("Z", "X")


def us() -> str:
    """This process: its number and, where the kernel tells, when it was started."""
    return _name(os.getpid())


def is_gone(owner: str) -> bool:
    """Whether that process has ended; "" is one that nobody knows."""
    number = owner.partition("@")[0]
    if not number.isdigit():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's
        pass
    return _name(int(number)) != owner


def _name(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # no Linux
        return f"{pid}@"
    fields = stat.rpartition(")")[2].split()
    return "" if fields[_STATE] in _ENDED else f"{pid}@{fields[_STARTED]}"
