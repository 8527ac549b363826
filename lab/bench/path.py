"""The path under the transfer, measured just before it: round trip and what plain TCP gets through."""

import json
import time
from typing import Any

from lab.stack import shaping
from lab.system.engine import Engine

_ROLE = "path"
_SECONDS = 2
_SLOW_START_SECONDS = 1
_TRIES = 20


def goodput_mbit_s(engine: Engine) -> float | None:
    """iperf3 TCP payload from the PACS's side to the tester, in 10^6 bit/s, after slow start.

    None when iperf3 could not measure: the benchmark goes on, with a doubt.
    """
    engine.start_sidecar(shaping.PACS, ["iperf3", "--server", "--one-off"], role=_ROLE)
    try:
        report = _client_report(engine)
        return float(report["end"]["sum_received"]["bits_per_second"]) / 1e6
    except (KeyError, json.JSONDecodeError):
        return None
    finally:
        engine.remove_sidecars(_ROLE)


def _client_report(engine: Engine) -> dict[str, Any]:
    """Ask until the server listens."""
    durations = ["--time", str(_SECONDS), "--omit", str(_SLOW_START_SECONDS)]
    argv = ["iperf3", "--client", shaping.PACS, "--reverse", "--json", "--connect-timeout", "5000"]
    report: dict[str, Any] = {}
    for _ in range(_TRIES):
        report = json.loads(engine.exec("tester", [*argv, *durations]).stdout)
        if "refused" not in report.get("error", ""):
            break
        time.sleep(0.1)
    return report
