"""The path under the transfer, measured just before it: round trip and what plain TCP gets through."""

import json
import time
from collections.abc import Mapping
from typing import Any

from lab.model.path import Path
from lab.stack.hosts import PACS
from lab.system.engine import Engine

_ROLE = "path"
_SECONDS = 2
_SLOW_START_SECONDS = 1
_TRIES = 20


def measure(engine: Engine) -> Path:
    """iperf3 from the PACS's side to the tester; the benchmark goes on when that cannot be measured."""
    engine.start_sidecar(PACS, ["iperf3", "--server", "--one-off"], role=_ROLE)
    try:
        return _path_of(_client_report(engine))
    except json.JSONDecodeError:
        return _path_of({})
    finally:
        engine.remove_sidecars(_ROLE)


def _path_of(report: Mapping[str, Any]) -> Path:
    end = report.get("end", {})
    bit_s = end.get("sum_received", {}).get("bits_per_second")
    return Path(
        mbit_s=bit_s / 1e6 if bit_s else None,
        congestion_control={
            "pacs": end.get("sender_tcp_congestion", ""),
            "tester": end.get("receiver_tcp_congestion", ""),
        },
    )


def _client_report(engine: Engine) -> dict[str, Any]:
    """Ask until the server listens."""
    durations = ["--time", str(_SECONDS), "--omit", str(_SLOW_START_SECONDS)]
    argv = ["iperf3", "--client", PACS, "--reverse", "--json", "--connect-timeout", "5000"]
    report: dict[str, Any] = {}
    for _ in range(_TRIES):
        report = json.loads(engine.exec("tester", [*argv, *durations]).stdout)
        if "refused" not in report.get("error", ""):
            break
        time.sleep(0.1)
    return report
