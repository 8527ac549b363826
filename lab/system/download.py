"""A file from the web, streamed to disk."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests

from lab.errors import LabError, UsageProblem
from lab.model.progress import Progress
from lab.units import format_bytes

_TIMEOUT_S = (20.0, 60.0)  # to connect; between two pieces of the answer
_CHUNK_BYTES = 1 << 20
_REMEDY = "check the address, the network and https_proxy; or download it yourself and import the file"


def is_address(source: str) -> bool:
    """An http or https address, not a path."""
    return re.match(r"https?://", source, re.IGNORECASE) is not None


def without_password(address: str) -> str:
    """The address as it may be shown: no user, no password."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def download(address: str, path: Path, progress: Progress) -> Path:
    """Fetch an address into a file. Proxies and CAs are taken from the environment, as requests does.

    Raises:
        UsageProblem: the server has no such file.
        LabError: it cannot be reached, or the file did not arrive whole; nothing is left of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch(address, path, progress)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, requests.RequestException):
            msg = f"{without_password(address)}: {_cause(error)}"
            raise LabError(msg, _REMEDY) from None
        raise
    return path


def _fetch(address: str, path: Path, progress: Progress) -> None:
    shown = without_password(address)
    identity = {"Accept-Encoding": "identity"}  # so that Content-Length is the file's
    with requests.get(
        address, stream=True, timeout=_TIMEOUT_S, headers=identity, verify=_authorities()
    ) as answer:
        if not answer.ok:
            msg = f"{shown}: the server says {answer.status_code} {answer.reason}"
            raise UsageProblem(msg, "check the address")
        total = int(answer.headers.get("Content-Length", 0)) or None
        with path.open("wb") as file, progress.task(f"downloading {shown}") as task:
            for chunk in answer.iter_content(_CHUNK_BYTES):
                file.write(chunk)
                task.update(file.tell(), total, format_bytes(file.tell()))


def _authorities() -> str | bool:
    """The file of CAs in SSL_CERT_FILE, which requests does not know; its own variables come first."""
    if any(os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")):
        return True
    return os.environ.get("SSL_CERT_FILE") or True


def _cause(error: requests.RequestException) -> str:
    """The innermost cause in short; requests' own text repeats the address, password and all."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its TLS certificate is not trusted here (REQUESTS_CA_BUNDLE names a file of CAs to trust)"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let us through"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection ended before the file did"
    return "it cannot be reached" if isinstance(error, requests.ConnectionError) else type(error).__name__
