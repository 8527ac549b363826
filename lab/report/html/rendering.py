"""Templates, styles, scripts and data put together. Everything from a record is escaped on its way in."""

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

_FOLDER = Path(__file__).parent / "templates"
_SCRIPTS = ("theme.js", "table.js", "overview.js", "one_case.js", "drawing.js")
_UNSAFE = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}


_LEVEL = 4  # of gzip: 6 takes half as long again for 4 % less


def packed(library: str) -> str:
    """The chart library as a page has it: gzip in Base64, 2 MB instead of 5."""
    return b64encode(gzip.compress(library.encode(), _LEVEL, mtime=0)).decode()


def render(
    *, library: str, packed: Callable[[], str], data: Callable[[], Mapping[str, Any]], **values: Any
) -> str:
    """The page. ``data`` is read by the scripts, ``values`` by the template.

    ``data`` and ``packed``, which gives the ``library`` packed, are asked for when the template comes to
    them, at its end: what makes them may go on meanwhile.

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
        library=packed,
        script=script,
        digests=[_digest(library), _digest(script)],
        data=lambda: _embedded(data()),
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
