"""Sends or receives probe packets in a network namespace, and prints what became of them. A program.

    python3 -m lab.inside.probe '{"role": "receive", "address": "10.9.0.2", "port": 47011, ...}'

Reads one JSON lab.model.probe.ProbeOrder, prints one JSON Sent or Received. Start the receiver and the
sender in any order: the sender says hello until it is answered.
"""

import sys

from lab.inside.probe_receiver import receive
from lab.inside.probe_sender import send
from lab.model.plain import from_json, to_json
from lab.model.probe import ProbeOrder


def main() -> None:
    order = from_json(ProbeOrder, sys.argv[1])
    print(to_json(send(order) if order.role == "send" else receive(order)))


if __name__ == "__main__":
    main()
