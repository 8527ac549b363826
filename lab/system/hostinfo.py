"""The machine a benchmark runs on, as it reports itself."""

import platform
from pathlib import Path

from lab.system import compose, process


def machine() -> str:
    """Processor as the kernel names it; the architecture where it does not."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def compose_version() -> str:
    """Version of docker compose; "" when there is none."""
    return process.run([*compose.program(), "version", "--short"], check=False).stdout.strip()


def sysctl(name: str) -> str:
    """A kernel setting, "" where it does not exist."""
    path = Path("/proc/sys") / name.replace(".", "/")
    try:
        return path.read_text().strip()
    except OSError:
        return ""
