"""Files that are whole or not there: written beside their place and renamed."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; readers see the old one or the new one."""
    _replace(path, text, 0o600)


def write_public(path: Path, text: str) -> None:
    """Write a file for everybody to read; readers see the old one or the new one."""
    _replace(path, text, 0o644)


def write_json(path: Path, value: Any) -> None:
    """The same with JSON."""
    write_public(path, json.dumps(value, indent=1) + "\n")


def _replace(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes ``path``'s place when the block ends well and vanishes when not.

    What a killed process left half-filled beside it is swept; the caller holds the lock on the place.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(".*.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.part-"))
    part.chmod(0o755)
    try:
        yield part
        shutil.rmtree(path, ignore_errors=True)
        part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
