"""The lab's images: which there are, what goes into each, and how to have them with or without a registry."""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import PreflightError, UsageProblem
from lab.model.progress import Progress, Task
from lab.system import images, process
from lab.system.engine import Engine
from lab.system.home import PROJECT_LABEL, Home, image_pins, package_folder, python_pin, sources

NAMES = ("orthanc", "dcmtk", "tester")
_BASE = "base"  # whose label the base image carries: no lab is called so
_IN_CONTAINER = ("__init__.py", "errors.py", "units.py", "model", "dicom", "data", "link", "inside")
_SLIM = (  # as Debian's own slim image
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
)
_TESTS_IN_WHEELS = ("/tests/", "/benchmarks/")


@dataclass(frozen=True, kw_only=True)
class ImageStatus:
    """One image as found: ``state`` is "current", "stale" (its sources have changed) or "missing"."""

    name: str
    tag: str
    state: str
    image_id: str


def tag_of(engine: Engine, name: str) -> str:
    """The tag of one of the lab's images."""
    return f"{engine.project}/{name}:latest"


def missing(engine: Engine) -> list[str]:
    """Names of images that are not here."""
    return [name for name in NAMES if images.image_id(engine.client, tag_of(engine, name)) is None]


def base_is_here(engine: Engine) -> bool:
    """Whether no base image has to be fetched or made: it is here, or all images are."""
    return _local_base(engine) is not None or not missing(engine)


def build(home: Home, engine: Engine, progress: Progress, mirror: str | None = None) -> list[ImageStatus]:
    """Have every image, built from the present sources; what is current already is left alone."""
    wanting = [image.name for image in status(engine) if image.state != "current"]
    if wanting:
        base = _base(home, engine, progress, mirror)
        for name in wanting:
            _build_one(home, engine, name, base, progress)
        images.prune(engine.client, f"{PROJECT_LABEL}={engine.project}")
    return status(engine)


def _build_one(home: Home, engine: Engine, name: str, base: str, progress: Progress) -> None:
    context = _sources_of(name)
    if name == "tester":
        context |= _python_packages(home, progress)
    labels = {PROJECT_LABEL: engine.project, images.CONTEXT_LABEL: _digest(name)}
    with progress.task(f"building image {name}") as task:
        arguments = {"BASE": base, **_pins_of(name)}
        for line in images.build(engine.client, tag_of(engine, name), context, arguments, labels):
            task.note(line)


def runs_current(engine: Engine, name: str) -> bool:
    """Whether the running container of that service is of an image built from the present sources."""
    labels = engine.service(name).attrs["Config"]["Labels"]
    return bool(labels.get(images.CONTEXT_LABEL) == _digest(name))


def status(engine: Engine) -> list[ImageStatus]:
    """Each image, and whether it is what the sources now say."""
    return [_status_of(engine, name) for name in NAMES]


def _status_of(engine: Engine, name: str) -> ImageStatus:
    tag = tag_of(engine, name)
    found = images.label(engine.client, tag, images.CONTEXT_LABEL)
    known = "current" if found == _digest(name) else "stale"
    return ImageStatus(
        name=name,
        tag=tag,
        state="missing" if found is None else known,
        image_id=images.image_id(engine.client, tag) or "",
    )


def save(engine: Engine, file: Path, progress: Progress) -> int:
    """Write the set to one file for a machine without a network; returns its size in bytes."""
    if lacking := missing(engine):
        msg = f"there is no image for {', '.join(lacking)} in project {engine.project}"
        raise UsageProblem(msg, "lab images build")
    with progress.task(f"saving {len(NAMES)} images to {file}"):
        return images.save([tag_of(engine, name) for name in NAMES], file)


def load(engine: Engine, file: Path, progress: Progress) -> list[str]:
    """Load a set that `save` wrote; tags it for this project whatever project it was saved from."""
    with progress.task(f"loading images from {file}"):
        tags = images.load(engine.client, file)
    for tag in tags:
        name = tag.rpartition(":")[0].rpartition("/")[2]
        if name in NAMES and tag != tag_of(engine, name):
            engine.client.images.get(tag).tag(f"{engine.project}/{name}", "latest")
    return tags


def remove(engine: Engine) -> list[str]:
    """Remove the project's images, and the base if we made it and no other lab is built on it.

    Returns the tags that are gone.
    """
    gone = [tag for name in NAMES if images.remove(engine.client, tag := tag_of(engine, name))]
    images.prune(engine.client, f"{PROJECT_LABEL}={engine.project}")
    base = _debian_tags()[0]
    others = images.label_values(engine.client, PROJECT_LABEL) - {_BASE}
    if not others and images.remove(engine.client, base):
        gone.append(base)
    return gone


def _digest(name: str) -> str:
    """Of what decides an image: our files and the pins, not the mirror's answer of the day."""
    pinned = {**_pins_of(name), "debian": image_pins()["debian"]}
    if name == "tester":
        pinned["packages"] = " ".join(_requirements())
    return images.context_digest(_sources_of(name), pinned)


def _pins_of(name: str) -> dict[str, str]:
    needed = {
        "orthanc": ["orthanc", "stunnel"],
        "dcmtk": ["dcmtk", "iperf3"],
        "tester": ["python", "iperf3"],
    }[name]
    return {pin.upper(): str(image_pins()[pin]) for pin in needed}


def _sources_of(name: str) -> dict[str, bytes]:
    """Our own files in an image's build context."""
    context = images.read_tree(sources() / "images" / name)
    for part in _IN_CONTAINER if name == "tester" else ():
        path = package_folder() / part
        context |= (
            images.read_tree(path, f"lab/{part}/", (".py",))
            if path.is_dir()
            else {f"lab/{part}": path.read_bytes()}
        )
    return context


def _requirements() -> list[str]:
    return [python_pin(name) for name in image_pins()["tester_packages"]]


def _python_packages(home: Home, progress: Progress) -> dict[str, bytes]:
    """Python packages for the image's Python, fetched by the host: its index, its certificates, its proxy."""
    folder = home.root / "cache" / "-".join([*_requirements(), image_pins()["python"]])
    if not folder.is_dir():
        with progress.task("fetching Python packages for the tester image"):
            _pip_install(_requirements(), folder)
    files = images.read_tree(folder, "site-packages/")
    return {name: data for name, data in files.items() if not any(part in name for part in _TESTS_IN_WHEELS)}


def _pip_install(requirements: Sequence[str], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "packages"
        words = ["--quiet", "--no-deps", "--no-compile", "--only-binary", ":all:", "--target", str(target)]
        python = ["--python-version", image_pins()["python"]]
        process.run([sys.executable, "-m", "pip", "install", *words, *python, *requirements])
        target.rename(folder)


def _debian_tags() -> tuple[str, str]:
    """The base as we make it, and as registries have it."""
    release = image_pins()["debian"]
    return f"dicom-lab/debian:{release}", f"debian:{release}-slim"


def _local_base(engine: Engine) -> str | None:
    return next((tag for tag in _debian_tags() if images.image_id(engine.client, tag)), None)


def _base(home: Home, engine: Engine, progress: Progress, mirror: str | None) -> str:
    """The Debian image everything is built on: taken locally, else pulled, else made from packages."""
    if local := _local_base(engine):
        return local
    made, published = _debian_tags()
    with progress.task(f"pulling {published}"):
        if images.pull(engine.client, published):
            return published
    with progress.task(f"no registry has it: making {made} from Debian packages") as task:
        _make_base(home, engine, made, mirror, task)
    return made


def _make_base(home: Home, engine: Engine, tag: str, mirror: str | None, task: Task) -> None:
    cache = home.root / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        tar = Path(scratch) / "rootfs.tar"
        options = ["--quiet", "--variant=minbase", *(f"--dpkgopt={option}" for option in _SLIM)]
        words = ["mmdebstrap", *options, image_pins()["debian"], str(tar)]
        made = process.run([*words, mirror] if mirror else words, check=False)
        if made.returncode:
            msg = f"making the base image failed: {made.stderr.strip()[-400:]}"
            raise PreflightError(msg, "lab doctor --fix installs mmdebstrap; --mirror names a Debian mirror")
        task.note("importing")
        images.import_rootfs(engine.client, tar, tag, {PROJECT_LABEL: _BASE})
