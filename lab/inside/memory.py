"""How much memory this process has used."""

from pathlib import Path


def peak_rss_bytes() -> int:
    """Largest resident set since this program began (proc(5), VmHWM); 0 where the system does not tell.

    Not getrusage's: that keeps, across exec, what the process that started this one had used.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024
