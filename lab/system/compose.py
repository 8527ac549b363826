"""docker compose, with the right project and files."""

from collections.abc import Sequence
from pathlib import Path

from lab.system import process
from lab.system.home import Home, sources

_FILES_LABEL = "com.docker.compose.project.config_files"


def program() -> tuple[str, ...]:
    """How compose v2 is called here: docker's plug-in, or the program of its own."""
    if process.run(["docker", "compose", "version"], check=False).returncode == 0:
        return ("docker", "compose")
    return ("docker-compose",)


def overlays() -> list[str]:
    """Names that `--with` takes."""
    return sorted(path.stem.removeprefix("with-") for path in (sources() / "compose").glob("with-*.yaml"))


def files(names: Sequence[str]) -> list[Path]:
    """compose.yaml and one overlay per name."""
    folder = sources() / "compose"
    return [folder / "compose.yaml", *(folder / f"with-{name}.yaml" for name in names)]


def argv(home: Home, files_used: Sequence[Path], *words: str) -> list[str]:
    """One call of compose for this project."""
    file_words = [word for file in files_used for word in ("-f", str(file))]
    return [*program(), "-p", home.project, "--env-file", str(home.env_file), *file_words, *words]


def files_of(labels: dict[str, str]) -> list[Path]:
    """The files that a container's stack was started with, from its labels; here, wherever they were then."""
    names = [Path(file).name for file in labels.get(_FILES_LABEL, "").split(",") if file]
    return [sources() / "compose" / name for name in names] or files([])
