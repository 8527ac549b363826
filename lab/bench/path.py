"""The path under the transfer, measured just before it: round trip and what plain TCP gets through."""

import json
import time
from typing import Any

from lab.errors import UnhealthyError
from lab.stack import shaping
from lab.system.engine import Engine

_ROLE = "path"
_SECONDS = 2
_SLOW_START_SECONDS = 1
_TRIES = 20


def rtt_ms(engine: Engine) -> float:
    """Median of pings from tester to PACS."""
    return shaping.felt_rtt_ms(engine)


def goodput_mbit_s(engine: Engine) -> float:
    """iperf3 TCP payload from the PACS's side to the tester, in 10^6 bit/s, after slow start."""
    engine.start_sidecar(shaping.PACS, ["iperf3", "--server", "--one-off"], role=_ROLE)
    try:
        end = _client(engine)["end"]
        return float(end["sum_received"]["bits_per_second"]) / 1e6
    finally:
        engine.remove_sidecars(_ROLE)


def _client(engine: Engine) -> dict[str, Any]:
    """Ask until the server listens."""
    durations = ["--time", str(_SECONDS), "--omit", str(_SLOW_START_SECONDS)]
    argv = [
        "iperf3",
        "--client",
        shaping.PACS,
        "--reverse",
        "--json",
        "--connect-timeout",
        "5000",
        *durations,
    ]
    output = ""
    for _ in range(_TRIES):
        code, output = engine.exec("tester", argv)
        if code == 0:
            found: dict[str, Any] = json.loads(output)
            return found
        time.sleep(0.1)
    msg = f"iperf3 from the PACS's side to the tester failed: {output.strip()[-200:]}"
    raise UnhealthyError(msg, "lab net status; lab net clear")
