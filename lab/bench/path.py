"""The path under the transfer, measured just before it: what plain TCP gets through."""

import json
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.link.tcp_flow import IMAGES_S, OTHER_S, Spell, flow, spell
from lab.model.link_state import PACS
from lab.model.path import Path
from lab.model.profile import Profile
from lab.system.engine import Engine

TESTER = "tester"
_ROLE = "path"
_TRIES = 20

Client = Callable[[Sequence[str]], str]


def measure(
    engine: Engine,
    profile: Profile | None,
    rtt_ms: float | None,
    *,
    stores: bool = False,
) -> Path:
    """iperf3 both ways, longer the way that images go: to the tester or, for ``stores``, from it.

    ``profile`` is what shapes the path, ``rtt_ms`` its round trip when idle, which decides how long it takes.
    The benchmark goes on when something cannot be measured.
    """
    images, other = spell(rtt_ms, IMAGES_S), spell(rtt_ms, OTHER_S)
    down = _report(engine, TESTER, _beside_the_pacs(engine), other if stores else images)
    up = _report(engine, PACS, _in_the_tester(engine), images if stores else other)
    rates = (profile.down.rate_bit_s, profile.up.rate_bit_s) if profile else (None, None)
    return Path(
        down=flow(down, rtt_ms, rates[0]),
        up=flow(up, rtt_ms, rates[1]),
        congestion_control=_congestion_control(down),
    )


def down_mbit_s(engine: Engine) -> float | None:
    """Payload from the PACS's side to the tester alone; None when it cannot be measured."""
    found = flow(_report(engine, TESTER, _beside_the_pacs(engine), spell(None, OTHER_S)), None, None)
    return found.mbit_s if found else None


def _beside_the_pacs(engine: Engine) -> Client:
    """It says in its report what failed, so its exit code is no matter."""
    return lambda argv: engine.sidecar(PACS, [["sh", "-c", f"{shlex.join(argv)} || true"]], may_change=False)


def _in_the_tester(engine: Engine) -> Client:
    return lambda argv: engine.exec(TESTER, argv).stdout


def _congestion_control(report: Mapping[str, Any]) -> dict[str, str]:
    end = report.get("end", {})
    return {
        "pacs": end.get("sender_tcp_congestion", ""),
        "tester": end.get("receiver_tcp_congestion", ""),
    }


def _report(engine: Engine, server: str, client: Client, lasts: Spell) -> Mapping[str, Any]:
    """Of one transfer to a server that serves once."""
    engine.start_sidecar(server, ["iperf3", "--server", "--one-off"], role=_ROLE)
    try:
        return _client_report(server, client, lasts)
    except json.JSONDecodeError:
        return {}
    finally:
        engine.remove_sidecars(_ROLE)


def _client_report(server: str, client: Client, lasts: Spell) -> dict[str, Any]:
    """Ask until the server listens."""
    durations = ["--time", str(lasts.counted_s), "--omit", str(lasts.omitted_s)]
    argv = ["iperf3", "--client", server, "--json", "--connect-timeout", "5000", *durations]
    report: dict[str, Any] = {}
    for _ in range(_TRIES):
        report = json.loads(client(argv))
        if "refused" not in report.get("error", ""):
            break
        time.sleep(0.1)
    return report
