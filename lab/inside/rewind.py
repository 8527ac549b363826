"""Moves the epoch of the shaper in this network namespace. A program.

    python3 -m lab.inside.rewind 12345.678

The argument is when the first turn is to begin, on the machine's monotonic clock.
"""

import sys

from lab.inside.shaper_talk import EMULATOR, KEEPER, ask


def main() -> None:
    epoch_s = float(sys.argv[1])
    if not any(ask(name, epoch_s) for name in (EMULATOR, KEEPER)):
        msg = "no shaper stays here"
        raise SystemExit(msg)


if __name__ == "__main__":
    main()
