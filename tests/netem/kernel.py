"""Run a Python module under a kernel that has sch_netem, whatever this machine's own kernel has.

Debian's user-mode-linux is a Linux kernel that runs as a process of its own, with no privilege beyond
ours. The guest sees the machine's own file system read-only, so Python and its packages are there; the
checkout is mounted once more at GUEST_CHECKOUT, for the guest's /tmp and /run are fresh. What the
module prints on stdout comes back through a file.
"""

import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
GUEST_CHECKOUT = "/run/checkout"
_MODULES = "sch_netem veth"
_INIT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run; mount -t tmpfs tmp /tmp
mkdir -p {checkout} /run/out /run/kernel/lib
mount -t hostfs none {checkout} -o {host_checkout}
mount -t hostfs none /run/out -o {out}
ln -s /usr/lib/uml/modules /run/kernel/lib/modules
modprobe -d /run/kernel -a {modules}
ip link set lo up
cd {checkout}
export PYTHONPATH={checkout}:{packages}
{python} -m {module} >/run/out/stdout 2>/run/out/stderr
echo $? >/run/out/status
sync
halt -f
"""


def run_module(module: str, timeout_s: float = 300) -> str:
    """Run ``python -m module`` in the guest as root; returns what it printed. Raises RuntimeError."""
    with tempfile.TemporaryDirectory(dir=Path.home()) as scratch:  # not under /tmp, which the guest hides
        folder = Path(scratch)
        init = folder / "init"
        init.write_text(_init(module, folder))
        init.chmod(0o755)
        console = _boot(init, timeout_s)
        status = folder / "status"
        if not status.exists() or status.read_text().strip() != "0":
            said = (folder / "stderr").read_text() if (folder / "stderr").exists() else console
            raise RuntimeError(f"{module} failed in the guest: {said[-3000:]}")
        return (folder / "stdout").read_text()


def _init(module: str, out: Path) -> str:
    packages = sysconfig.get_path("purelib")
    guest_packages = packages.replace(str(CHECKOUT), GUEST_CHECKOUT)
    return _INIT.format(
        checkout=GUEST_CHECKOUT,
        host_checkout=CHECKOUT,
        out=out,
        modules=_MODULES,
        packages=guest_packages,
        python=Path(sys.executable).resolve(),
        module=module,
    )


def _boot(init: Path, timeout_s: float) -> str:
    argv = ["linux.uml", "mem=512M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro"]
    ended = subprocess.run(
        [*argv, f"init={init}", "con=null", "con0=fd:0,fd:1", "quiet"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    return ended.stdout + ended.stderr
