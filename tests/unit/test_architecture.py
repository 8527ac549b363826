"""The rooms and who may import whom, held by walking the source."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import lab

PACKAGE = Path(lab.__file__).parent
MAY_IMPORT = {
    "errors": set[str](),
    "units": {"errors"},
    "model": {"errors", "units"},
    "dicom": {"errors", "units", "model"},
    "data": {"errors", "units", "model"},
    "link": {"errors", "units", "model"},
    "inside": {"errors", "units", "model", "dicom", "data", "link"},
    "echoscu": {"errors", "model"},
    "system": {"errors", "units", "model", "dicom", "data", "link", "inside", "plans"},
    "stack": {"errors", "units", "model", "link", "system"},
    "machine": {"errors", "units", "model", "system", "stack"},
    "bench": {"errors", "units", "model", "dicom", "link", "statistics", "plans", "system", "stack"},
    "statistics": {"errors", "units", "model"},
    "plans": {"errors", "units", "model", "link", "statistics"},
    "report": {"errors", "units", "model", "statistics"},
    "cli": {
        *("errors", "units", "model", "dicom", "link", "echoscu", "statistics", "plans"),
        *("system", "stack", "machine", "bench", "report"),
    },
}
IN_CONTAINER = ("errors", "units", "model", "dicom", "data", "link", "inside")
NOT_IN_CONTAINER = {"click", "docker", "requests", "rich", "jinja2"}
DOORS = {"system/process.py"}


def modules() -> Iterator[tuple[str, str, ast.Module]]:
    """Room, path and syntax tree of every module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        room = name.split("/")[0].removesuffix(".py")
        if room != "__init__":
            yield room, name, ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    """Full names of imported modules, wherever in the file the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


SOURCE = list(modules())


def importers_of(packages: set[str], where: Callable[[str, str], bool]) -> list[str]:
    """Modules that import one of these, of those where it is forbidden: by room and name."""
    found = []
    for room, name, tree in SOURCE:
        used = {full.split(".")[0] for full in imported(tree)} & packages
        if used and where(room, name):
            found.append(f"{name} imports {', '.join(sorted(used))}")
    return found


def test_imports_point_one_way() -> None:
    wrong = []
    for room, name, tree in SOURCE:
        rooms = {full.split(".")[1] for full in imported(tree) if full.startswith("lab.")}
        wrong += [f"{name} imports lab.{other}" for other in sorted(rooms - {room} - MAY_IMPORT[room])]
    assert wrong == []


def test_what_runs_in_the_container_needs_no_controller_package() -> None:
    assert importers_of(NOT_IN_CONTAINER, lambda room, _: room in IN_CONTAINER) == []


def test_processes_start_behind_one_door_on_the_host() -> None:
    assert importers_of({"subprocess"}, lambda room, name: room != "inside" and name not in DOORS) == []


def test_only_the_front_desk_knows_click() -> None:
    assert importers_of({"click"}, lambda room, _: room != "cli") == []


def test_the_rules_cover_every_room() -> None:
    assert {room for room, _, _ in SOURCE} == set(MAY_IMPORT)


def test_the_rules_have_no_circle() -> None:
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        ready = {room for room, needs in MAY_IMPORT.items() if needs <= done} - done
        assert ready
        done |= ready


def test_programs_of_the_tester_go_without_what_it_has_not() -> None:
    """pydicom would import numpy and requests. Without an order it ends at once, all it needs imported."""
    argv = [sys.executable, "-X", "importtime", "-m", "lab.inside.agent"]
    said = subprocess.run(argv, input="", capture_output=True, text=True, check=False).stderr
    assert "pydicom.dataset" in said
    assert not {"numpy._core", "urllib3"} & {line.split("|")[-1].strip() for line in said.splitlines()}


def test_what_every_sidecar_starts_imports_neither_dataclasses_nor_a_library() -> None:
    script = "import sys, lab.inside.hop; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "lab.inside.shaper_talk" in names.split()
    assert not {"dataclasses", "msgspec", "pydicom"} & set(names.split())
