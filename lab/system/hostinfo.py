"""The machine a benchmark runs on, as it reports itself."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from lab.system import compose, process


@dataclass(frozen=True, kw_only=True)
class CpuTimes:
    """Of all processors together since the machine started, in seconds (proc(5), stat)."""

    total_s: float
    idle_s: float
    steal_s: float


def cpu_times() -> CpuTimes | None:
    """None where the kernel does not tell."""
    try:
        words = Path("/proc/stat").read_text().splitlines()[0].split()
    except OSError:
        return None
    ticks = [int(word) / os.sysconf("SC_CLK_TCK") for word in words[1:9]]  # guests' are in user and nice
    return CpuTimes(total_s=sum(ticks), idle_s=ticks[3] + ticks[4], steal_s=ticks[7])


def machine() -> str:
    """Processor as the kernel names it; the architecture where it does not."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def kernel() -> str:
    """Name and release of this machine's kernel."""
    return f"{platform.system()} {platform.release()}"


def cpus() -> int:
    """Processors this machine has."""
    return os.cpu_count() or 1


def memory_bytes() -> int:
    """Memory this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


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
