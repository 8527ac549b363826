"""An emulator that does nothing and can do nothing: the least that one in Python costs. A program.

python3 -m tests.loopback.bare_emulator ADDRESS SUBNET
"""

import os
import select
import subprocess
import sys

from lab.inside.emulator_devices import Wire, open_tun
from lab.link.tun_routes import takeover_argvs

_MTU_BYTES = 1500
_BATCH_PACKETS = 64


def main() -> None:
    address, subnet = sys.argv[1:]
    tun, wire = open_tun(), Wire("v0")
    takeover = takeover_argvs(
        device="v0", subnet=subnet, address=address, mtu_bytes=_MTU_BYTES, congestion_control=""
    )
    for argv in takeover:
        subprocess.run(argv, check=True)
    print("ready", flush=True)
    while True:
        select.select([tun], (), ())
        try:
            for _ in range(_BATCH_PACKETS):
                wire.send(os.read(tun, _MTU_BYTES))
        except BlockingIOError:
            continue


if __name__ == "__main__":
    main()
