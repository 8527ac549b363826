"""Templates, styles, scripts and data put together. Everything from a record is escaped on its way in."""

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

_FOLDER = Path(__file__).parent / "templates"
_SCRIPTS = ("theme.js", "table.js", "overview.js", "one_case.js", "drawing.js")
_UNSAFE = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}


@dataclass(frozen=True, kw_only=True)
class Packed:
    """The chart library as a page has it: gzip in Base64, 2 MB instead of 5, and its digest."""

    base64: str
    digest: str


def packed(library: str) -> Packed:
    """The interpreter can do other things meanwhile."""
    content = gzip.compress(library.encode(), 6, mtime=0)
    return Packed(base64=b64encode(content).decode(), digest=_digest(library))


def render(*, library: Future[Packed], data: Mapping[str, Any], **values: Any) -> str:
    """The page. ``data`` is read by the scripts, ``values`` by the template.

    The Content-Security-Policy lets no script run but the library and the page's own, named by their
    digests, and nothing be fetched.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return templates.get_template("page.html").render(
        **values,
        style=(_FOLDER / "style.css").read_text(encoding="utf-8"),
        library=library.result().base64,
        script=script,
        digests=[library.result().digest, _digest(script)],
        data=_embedded(data),
    )


def _digest(script: str) -> str:
    """As a Content-Security-Policy names a script (CSP 3, 2.3.1)."""
    return f"sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _embedded(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the element it stands in."""
    text = msgspec.json.encode(data).decode()
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text
