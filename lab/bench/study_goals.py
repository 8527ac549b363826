"""What making and seeding a study must reach: durations beside those of other ways to do the same."""

import dataclasses
import json
import time
from collections.abc import Callable

from lab.bench.c_move import Bench
from lab.bench.holding import holding
from lab.bench.seed import Seeding, seed
from lab.errors import LabError, named
from lab.model.link_state import PACS
from lab.model.study import Recipe
from lab.system import studies
from lab.system.orthanc import Orthanc
from lab.system.settings import USER

_HTTP_PORT = "8042"
_STORESCU = ["storescu", "-R", "-xt", "-aec", "ORTHANC", PACS, "4242"]
_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_CONNECTIONS = (4, 8)
Way = Callable[[Bench], float]


def seeding(bench: Bench, rounds: int) -> dict[str, list[float]]:
    """Seconds of sending, in turn: our way, a bare HTTP loop (its better number of connections), storescu."""
    ways = {"seed": _seed, "bare HTTP": _bare_http, "storescu": _storescu}
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, rounds + 1):
        for name, way in ways.items():
            found[name].append(_measured(bench, name, way, f"{number} of {rounds}"))
    return found


def seeding_with_nagle(bench: Bench) -> dict[str, list[float]]:
    """The same from an Orthanc with Nagle's algorithm on, storescu as packaged: once, it takes a minute."""
    return {
        "seed, nagle": [_measured(bench, "seed", _seed, "with Nagle's algorithm on")],
        "storescu, nagle": [_measured(bench, "storescu", _storescu_as_packaged, "with Nagle's algorithm on")],
    }


def making(bench: Bench, recipe: Recipe, rounds: int) -> dict[str, list[float]]:
    """Seconds of making the study, and of dcmcjpls encoding the same slices, a process per core."""
    plain = dataclasses.replace(
        recipe,
        name=f"{recipe.name}-uncompressed",
        transfer_syntax_uid=_EXPLICIT_VR_LITTLE_ENDIAN,
        speedtest_bytes=0,
        contents_sha256="",
    )
    found: dict[str, list[float]] = {"make": [], "dcmcjpls": []}
    studies.make(bench.home, plain, bench.progress)
    try:
        for _ in range(rounds):
            found["make"].append(_make_anew(bench, recipe))
            found["dcmcjpls"].append(_dcmcjpls(bench, plain))
    finally:
        studies.remove(bench.home, plain.name)
    return found


def _measured(bench: Bench, name: str, way: Way, title: str) -> float:
    """Into a PACS without the study; what came is proved."""
    orthanc = Orthanc(bench.settings)
    for key in bench.study.keys:
        orthanc.delete_study(key)
    with bench.progress.task(f"seeding {bench.study.name} by {name}: {title}"):
        duration_s = way(bench)
    if wrong := holding(bench.home, bench.settings, bench.study).differences():
        msg = f"{name} did not store {bench.study.name}: {named(wrong)}"
        raise LabError(msg, "lab logs orthanc")
    return duration_s


def _seed(bench: Bench) -> float:
    order = Seeding(
        home=bench.home,
        engine=bench.engine,
        settings=bench.settings,
        study=bench.study,
        progress=bench.progress,
    )
    return seed(order).sending_s


def _bare_http(bench: Bench) -> float:
    return min(_bare_http_over(bench, connections) for connections in _CONNECTIONS)


def _bare_http_over(bench: Bench, connections: int) -> float:
    orthanc = Orthanc(bench.settings)
    for key in bench.study.keys:
        orthanc.delete_study(key)
    words = [PACS, _HTTP_PORT, f"{USER}:{bench.settings.password}", f"/studies/{bench.study.name}"]
    said = _run(bench, "tester", ["python3", "-m", "lab.inside.bare_http", *words, str(connections)])
    return float(json.loads(said)["duration_s"])


def _storescu(bench: Bench) -> float:
    return _timed(bench, [*_STORESCU, "+sd", f"/studies/{bench.study.name}", "+sp", "*.dcm"])


def _storescu_as_packaged(bench: Bench) -> float:
    """With Nagle's algorithm on, as the tool comes."""
    folder = f"/studies/{bench.study.name}"
    return _timed(bench, ["env", "-u", "TCP_NODELAY", *_STORESCU, "+sd", folder, "+sp", "*.dcm"])


def _make_anew(bench: Bench, recipe: Recipe) -> float:
    studies.remove(bench.home, recipe.name)
    begun_s = time.monotonic()
    studies.make(bench.home, recipe, bench.progress)
    return time.monotonic() - begun_s


def _dcmcjpls(bench: Bench, plain: Recipe) -> float:
    each = 'dcmcjpls "$1" "/tmp/jpls/${1##*/}"'
    script = f"ls /studies/{plain.name}/*.dcm | xargs -P $(nproc) -I{{}} sh -c '{each}' - {{}}"
    with bench.engine.emptied("dcmtk", "/tmp/jpls"), bench.progress.task("dcmcjpls on every core"):
        return _timed(bench, ["sh", "-c", f"mkdir /tmp/jpls && {script}"])


def _timed(bench: Bench, argv: list[str]) -> float:
    begun_s = time.monotonic()
    _run(bench, "dcmtk", argv)
    return time.monotonic() - begun_s


def _run(bench: Bench, service: str, argv: list[str]) -> str:
    ended = bench.engine.exec(service, argv)
    if ended.returncode:
        msg = f"{argv[0]} ended with {ended.returncode}: {ended.stderr.strip()[-300:]}"
        raise LabError(msg, "lab status; lab logs orthanc")
    return ended.stdout
