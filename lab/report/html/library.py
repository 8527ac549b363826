"""The chart library: plotly.js as the package plotly carries it. The package itself is never imported."""

from importlib.util import find_spec
from pathlib import Path

from lab.errors import PreflightError

_FILE = "package_data/plotly.min.js"


def chart_library() -> str:
    """The whole of it, 4.8 MB. Raises PreflightError when it is not installed."""
    found = find_spec("plotly")
    folders = found.submodule_search_locations if found else None
    file = Path(next(iter(folders), "")) / _FILE if folders else Path(_FILE)
    if not file.is_file():
        msg = "the package plotly, which has the library that draws the charts, is not installed"
        raise PreflightError(msg, "make setup")
    return file.read_text(encoding="utf-8")
