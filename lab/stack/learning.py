"""A real link becomes a profile: measured from this machine with its ping and its iperf3."""

import platform
import re
from datetime import UTC, datetime

from lab.errors import LabError, PreflightError, UnhealthyError, UsageProblem
from lab.link.learned import goodput, profile_of
from lab.link.ping import Pinged, pinged
from lab.model.learning import Goodput, Measured
from lab.model.profile import Profile
from lab.model.progress import Progress
from lab.system import process, store
from lab.system.home import Home

PING_INTERVAL_S = 0.2  # the shortest that iputils allows everybody
_IPERF3_SECONDS = 5
_SLOW_START_SECONDS = 1
_CONNECT_TIMEOUT_MS = 3000
_NOT_FOUND = 127
_UNKNOWN_HOST = re.compile("not known|unknown host|bad address|cannot resolve|name resolution", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9:][A-Za-z0-9._:%-]{0,254}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def learn(
    home: Home,
    host: str,
    name: str,
    progress: Progress,
    *,
    iperf3_port: int,
    pings: int,
    replace: bool,
) -> Profile:
    """Measure the link to ``host`` and keep it as the profile ``name``; "" names it after the host.

    Raises:
        UsageProblem: the name is not free, or nobody knows the host.
        PreflightError: this machine has no ping.
        UnhealthyError: the host answers no ping.
    """
    _require_host(host)
    name = name or f"to-{re.sub('[^A-Za-z0-9._]+', '-', host).strip('-')}"
    _require_free(home, name, replace=replace)
    profile = profile_of(measure(host, progress, iperf3_port=iperf3_port, pings=pings), name)
    progress.say(f"kept as {store.save_profile(home, profile)}")
    return profile


def measure(host: str, progress: Progress, *, iperf3_port: int, pings: int) -> Measured:
    """Ping, then iperf3 each way; where no iperf3 answers the rates stay unknown, and that is said."""
    with progress.task(f"pinging {host} {pings} times") as task:
        task.note(f"{pings * PING_INTERVAL_S:.0f} s when nothing is lost")
        answers = _ping(host, pings)
    found = {}
    for direction, words in (("down", ["--reverse"]), ("up", [])):
        with progress.task(f"iperf3 {direction}, port {iperf3_port}"):
            found[direction] = _iperf3(host, iperf3_port, words)
        if found[direction].bit_s is None:
            progress.say(f"the rate {direction} stays unknown: {found[direction].trouble}")
    return Measured(
        host=host,
        here=platform.node() or "here",
        date=datetime.now(UTC).date().isoformat(),
        sent=answers.sent,
        answered=answers.answered,
        rtts_ms=answers.rtts_ms,
        down=found["down"],
        up=found["up"],
    )


def _require_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        msg = f"{host!r} is neither a host's name nor an address"
        raise UsageProblem(msg, "write it as for ping: pacs.example.org, 192.0.2.7 or 2001:db8::7")


def _require_free(home: Home, name: str, *, replace: bool) -> None:
    if not _NAME.fullmatch(name) or name.endswith(".toml"):
        msg = f"{name!r} cannot be a profile's name"
        raise UsageProblem(msg, "letters, digits, . _ and -, a letter or digit first")
    if store.profile_path(home, name).exists() and not replace:
        msg = f"there is a profile {name!r} already"
        raise UsageProblem(msg, "--replace puts the new one in its place, --name calls it otherwise")


def _ping(host: str, count: int) -> Pinged:
    argv = ["ping", "-n", "-c", str(count), "-i", str(PING_INTERVAL_S), "--", host]
    ended = process.run(argv, env={"LC_ALL": "C"}, check=False)
    if ended.returncode == _NOT_FOUND:
        msg = "there is no ping program on this machine"
        raise PreflightError(msg, "install one; on Debian and Ubuntu: apt-get install iputils-ping")
    answers = pinged(ended.stdout)
    if answers is None:
        raise _silent(host, (ended.stderr.strip() or ended.stdout.strip() or "nothing").splitlines()[-1])
    if not answers.answered or not answers.rtts_ms:
        msg = f"{host} answered none of {answers.sent} pings"
        raise UnhealthyError(msg, "is it up? a firewall on the way may drop ICMP echo")
    return answers


def _silent(host: str, said: str) -> LabError:
    """Why ping got as far as no summary."""
    if _UNKNOWN_HOST.search(said):
        return UsageProblem(
            f"nobody knows the host {host!r} (ping says: {said})", "check it, or give its address"
        )
    return LabError(f"ping could not measure (it says: {said})", f"try it by hand: ping {host}")


def _iperf3(host: str, port: int, words: list[str]) -> Goodput:
    argv = ["iperf3", "--client", host, "--port", str(port), "--json", *words]
    argv += ["--time", str(_IPERF3_SECONDS), "--omit", str(_SLOW_START_SECONDS)]
    ended = process.run([*argv, "--connect-timeout", str(_CONNECT_TIMEOUT_MS)], check=False)
    if ended.returncode == _NOT_FOUND:
        return Goodput(bit_s=None, trouble="there is no iperf3 on this machine")
    return goodput(ended.stdout)
