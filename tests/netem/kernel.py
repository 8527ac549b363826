"""Run a Python module under a kernel that has sch_netem, whatever this machine's own kernel has.

Debian's user-mode-linux (lab.machine.netem_kernel) is a Linux kernel that runs as a process of its own, with
no privilege beyond ours. The guest sees the machine's own file system read-only, so Python and its packages
are there; the checkout is mounted once more at GUEST_CHECKOUT, for the guest's /tmp and /run are fresh. What
the module prints on stdout comes back through a file; what it leaves in GUEST_OUT is shown when it fails.
"""

import os
import shlex
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lab.machine import netem_kernel

CHECKOUT = Path(__file__).parents[2]
GUEST_CHECKOUT = "/run/checkout"
GUEST_OUT = "/run/out"
_running: set[int] = set()
_MODULES = "sch_netem veth tun br_netfilter"
_LOG_TAIL = 5000
_INIT = """#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc; mount -t sysfs sys /sys
mount -t tmpfs run /run; mount -t tmpfs tmp /tmp; mkdir -p /dev/shm; mount -t tmpfs shm /dev/shm
mkdir -p {checkout} {guest_out} /run/kernel/lib
mount -t hostfs none {checkout} -o {host_checkout}
mount -t hostfs none {guest_out} -o {out}
ln -s {kernel_modules} /run/kernel/lib/modules
printf '#!/bin/sh\\nexec modprobe -d /run/kernel "$@"\\n' >/run/kernel/modprobe; chmod +x /run/kernel/modprobe
echo /run/kernel/modprobe >/proc/sys/kernel/modprobe
modprobe -d /run/kernel -a {modules}
ip link set lo up
cd {checkout}
export PYTHONPATH={checkout}:{packages}
{python} -m {command} >{guest_out}/stdout 2>{guest_out}/stderr
echo $? >{guest_out}/status
sync
halt -f
"""


def run_module(
    module: str,
    *words: str,
    memory: str = "512M",
    disk: Path | None = None,
    timeout_s: float = 300,
) -> str:
    """Run ``python -m module words`` in the guest as root; returns what it printed. Raises RuntimeError.

    ``disk`` becomes the guest's /dev/ubda.
    """
    with tempfile.TemporaryDirectory(dir=Path.home()) as scratch:  # not under /tmp, which the guest hides
        folder = Path(scratch)
        init = folder / "init"
        init.write_text(_init(shlex.join([module, *words]), folder))
        init.chmod(0o755)
        console = _boot([f"mem={memory}", *([f"ubd0={disk}"] if disk else []), f"init={init}"], timeout_s)
        init.unlink()
        status = folder / "status"
        if not status.exists() or status.read_text().strip() != "0":
            raise RuntimeError(
                f"{module} failed in the guest:\n{_told(folder)}console: {console[-_LOG_TAIL:]}"
            )
        return (folder / "stdout").read_text()


def _init(command: str, out: Path) -> str:
    packages = sysconfig.get_path("purelib")
    guest_packages = packages.replace(str(CHECKOUT), GUEST_CHECKOUT)
    return _INIT.format(
        checkout=GUEST_CHECKOUT,
        host_checkout=CHECKOUT,
        guest_out=GUEST_OUT,
        out=out,
        kernel_modules=netem_kernel.modules(),
        modules=_MODULES,
        packages=guest_packages,
        python=Path(sys.executable).resolve(),
        command=command,
    )


def _boot(words: Sequence[str], timeout_s: float) -> str:
    """Run a guest until it halts, at most so long; what it said on its console."""
    root = ["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro"]
    with subprocess.Popen(
        [netem_kernel.program() or "linux.uml", *root, *words, "con=null", "con0=fd:0,fd:1", "quiet"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as guest:
        _running.add(guest.pid)
        try:
            return guest.communicate(timeout=timeout_s)[0]
        except subprocess.TimeoutExpired:
            _end(guest.pid)
            return guest.communicate()[0] + f"\nended, for it had not halted after {timeout_s:g} s"
        finally:
            _running.discard(guest.pid)
            _end(guest.pid)


def end_all() -> None:
    """Whatever guests there are: those that were started in other threads."""
    for group in list(_running):
        _end(group)


def _end(group: int) -> None:
    """The guest's processes are processes of ours: all of them."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _told(folder: Path) -> str:
    """The end of every file that the guest left."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return "".join(f"{path.name}: {path.read_text(errors='replace')[-_LOG_TAIL:]}\n" for path in files)
