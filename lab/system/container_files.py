"""Files in and out of containers, through the engine."""

import io
import tarfile
import tempfile
from pathlib import Path

from docker.models.containers import Container

from lab.system.engine import mapped


@mapped
def copy_out(container: Container, path: str, target: Path) -> None:
    """Copy a file, or a folder's files, out of a container into a folder here."""
    target.mkdir(parents=True, exist_ok=True)
    chunks, _ = container.get_archive(path)
    with tempfile.TemporaryFile() as archive:
        for chunk in chunks:
            archive.write(chunk)
        archive.seek(0)
        with tarfile.open(fileobj=archive) as tar:
            for member in filter(tarfile.TarInfo.isfile, tar):
                member.name = Path(member.name).name
                tar.extract(member, target, filter="data")


@mapped
def write(container: Container, path: str, text: str) -> None:
    """Put a file, readable by everybody, in the place of one in a container."""
    data = text.encode()
    entry = tarfile.TarInfo(Path(path).name)
    entry.size, entry.mode = len(data), 0o644
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(entry, io.BytesIO(data))
    container.put_archive(str(Path(path).parent), archive.getvalue())
