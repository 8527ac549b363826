"""Plans on disk: those that come with the lab, templates to be filled in, and those of one's own."""

from collections.abc import Callable
from pathlib import Path

from lab.errors import UsageProblem
from lab.model.plan import Gate, Plan
from lab.model.profile import Profile
from lab.plans.gate_tables import gates_from_toml
from lab.plans.plan_file import description_from_toml, plan_from_toml
from lab.system import store
from lab.system.home import Home, package_folder


def shipped(home: Home) -> list[Plan]:
    """Every plan that comes with the lab, by name. Raises UsageProblem naming a profile that is wrong."""
    return [_read(path, home) for path in _files("shipped")]


def templates() -> dict[str, str]:
    """What has to be filled in before it is a plan: its description by its name."""
    return {path.stem: description_from_toml(_text(path), str(path)) for path in _files("templates")}


def plan(name: str, home: Home) -> Plan:
    """One that comes with the lab, by its name, or the one in a file, by its path.

    A path ends with .toml or has a slash in it, as that of a profile does.

    Raises:
        UsageProblem: there is none; or it is wrong, or has to be filled in first.
    """
    if name.endswith(".toml") or "/" in name:
        return _read(Path(name), home)
    for path in (*_files("shipped"), *_files("templates")):
        if path.stem == name:
            return _read(path, home)
    known = ", ".join(path.stem for path in _files("shipped"))
    msg = f"there is no plan {name!r}"
    raise UsageProblem(msg, f"known: {known} (lab bench plan); or give a file's path")


def gates(path: Path) -> tuple[Gate, ...]:
    """Those in a file that has nothing else. Raises UsageProblem."""
    return gates_from_toml(_text(path), str(path))


def _files(folder: str) -> list[Path]:
    return sorted((package_folder() / "plans" / folder).glob("[!.]*.toml"))


def _read(path: Path, home: Home) -> Plan:
    return plan_from_toml(path.stem, _text(path), str(path), _profiles_beside(path, home))


def _profiles_beside(path: Path, home: Home) -> Callable[[str], Profile]:
    """Names as everywhere; paths from the folder that the plan is in."""

    def find(name: str) -> Profile:
        is_path = name.endswith(".toml") or "/" in name
        return store.profile(str(path.parent / name) if is_path else name, home)

    return find


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        msg = f"there is no plan file {path}"
        raise UsageProblem(msg, "give its path, or a name from lab bench plan") from None
    except UnicodeDecodeError as error:
        msg = f"{path}: {error}"
        raise UsageProblem(msg, "write the file in UTF-8") from None
