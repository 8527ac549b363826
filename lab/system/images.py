"""Images: build from a context, look up, pull, import, save, load. What is built is decided in lab/stack."""

import functools
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import docker
import requests
from docker.errors import APIError, BuildError, DockerException, ImageNotFound, NotFound

from lab.errors import LabError, UsageProblem
from lab.system import process

CONTEXT_LABEL = "org.dicom-lab.context"

Context = Mapping[str, bytes]
"""A build context: file contents by their path in it. A Dockerfile is among them."""


def read_tree(folder: Path, prefix: str = "", suffixes: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Files under a folder as a context, under ``prefix``; all of them or those with a suffix."""
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and (not suffixes or path.suffix in suffixes)
    }


def context_digest(context: Context, arguments: Mapping[str, str]) -> str:
    """SHA-256 over everything that decides what a build makes."""
    digest = hashlib.sha256()
    for name, content in [*sorted(context.items()), *sorted((k, v.encode()) for k, v in arguments.items())]:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def label(client: docker.DockerClient, tag: str, name: str) -> str | None:
    """A label of a local image; None when there is no such image, "" when it has no such label."""
    try:
        found: dict[str, str] = client.images.get(tag).labels
        return found.get(name, "")
    except ImageNotFound:
        return None


def image_id(client: docker.DockerClient, tag: str) -> str | None:
    """Digest of a local image's configuration; None when it is not here."""
    try:
        return client.images.get(tag).id
    except ImageNotFound:
        return None


def build(
    client: docker.DockerClient,
    tag: str,
    context: Context,
    arguments: Mapping[str, str],
    labels: Mapping[str, str],
) -> Iterator[str]:
    """Build with the engine's own builder; yields what it prints. Raises LabError with its last words."""
    said: list[str] = []
    try:
        for message in client.api.build(
            fileobj=_tar(context),
            custom_context=True,
            tag=tag,
            buildargs={**_proxies(), **arguments},
            labels=dict(labels),
            rm=True,
            forcerm=True,
            decode=True,
        ):
            if "error" in message:
                said.append(message["error"])
                _build_failed(tag, said)
            line = message.get("stream", "").strip()
            if line:
                said.append(line)
                yield line
    except (APIError, BuildError) as error:
        _build_failed(tag, [*said, str(error)])


def _proxies() -> dict[str, str]:
    """The caller's proxies, which every builder takes without counting them into its cache."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    return {
        name: os.environ[name] for upper in names for name in (upper, upper.lower()) if name in os.environ
    }


def _build_failed(tag: str, said: list[str]) -> None:
    msg = f"building the image {tag} failed:\n  " + "\n  ".join(said[-8:])
    remedy = (
        "can this machine's containers reach a Debian mirror? `lab images build --mirror URL` names another"
    )
    raise LabError(msg, remedy)


def _tar(context: Context) -> io.BytesIO:
    """A reproducible tar: no times, no owners."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in sorted(context.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if content.startswith(b"#!") else 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def pull(client: docker.DockerClient, tag: str) -> bool:
    """Fetch an image from its registry; False when that cannot be reached or does not have it."""
    repository, _, version = tag.partition(":")
    try:
        client.images.pull(repository, version)
    except (APIError, NotFound, requests.RequestException):
        return False
    return True


@functools.cache
def can_be_pulled(client: docker.DockerClient, tag: str) -> bool:
    """Whether the engine reaches a registry that has the image, without fetching it; asked once."""
    try:
        client.images.get_registry_data(tag)
    except (APIError, NotFound, requests.RequestException):
        return False
    return True


def import_rootfs(client: docker.DockerClient, tar: Path, tag: str, labels: Mapping[str, str]) -> None:
    """An image from a root file system."""
    repository, _, version = tag.partition(":")
    changes = [f'LABEL {name}="{value}"' for name, value in labels.items()]
    client.api.import_image_from_file(str(tar), repository=repository, tag=version, changes=changes)


def save(tags: list[str], file: Path) -> int:
    """Write images to one tar; returns its size in bytes. Nothing is left when it fails."""
    partial = file.with_name(f".{file.name}.part")
    try:
        process.run(["docker", "save", "--output", str(partial), *tags])
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return file.stat().st_size


def load(client: docker.DockerClient, file: Path) -> list[str]:
    """Load images from a tar; returns their tags. Raises UsageProblem when it is not one."""
    try:
        with file.open("rb") as tar:
            return [tag for image in client.images.load(tar) for tag in image.tags]
    except DockerException as error:
        msg = f"{file} is not a set of images: {error}"
        raise UsageProblem(msg, "give a file that `lab images save` wrote") from error
    except OSError as error:
        msg = f"{file}: {error.strerror}"
        raise UsageProblem(msg, "give a file that `lab images save` wrote") from error


def remove(client: docker.DockerClient, tag: str) -> bool:
    """Delete an image; False when it was not there, or others are built on it or run from it."""
    try:
        client.images.remove(tag)
    except APIError:  # not found, or in use
        return False
    return True


def label_values(client: docker.DockerClient, label: str) -> set[str]:
    """Values of a label over all images."""
    return {image.labels[label] for image in client.images.list(filters={"label": label})}


def prune(client: docker.DockerClient, label_value: str) -> None:
    """Delete images with this label (name=value) that a newer build has taken the tag from."""
    client.images.prune(filters={"dangling": True, "label": label_value})
