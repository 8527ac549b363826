"""Brings the network of this namespace back to what the engine made and prints it as one JSON Hop. A program.

    python3 -m lab.inside.clear 172.18.0.3

Nothing to do is fine. In one process with the reading, for a container costs more than all it does here.
"""

import subprocess
import sys

from lab.inside.hop import read_hop
from lab.link.commands import clearing_argvs
from lab.model.plain import to_json


def main() -> None:
    address = sys.argv[1]
    hop = read_hop(address)
    if argvs := clearing_argvs(hop):
        for argv in argvs:
            subprocess.run(argv, check=True)
        hop = read_hop(address)
    print(to_json(hop))


if __name__ == "__main__":
    main()
