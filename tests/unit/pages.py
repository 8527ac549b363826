"""Tables in docs/ made from the code, each between two marks; `make tables` writes them anew."""

import re
from collections.abc import Mapping


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """The page with its tables as they should be."""
    for name, table in tables.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        page, found = between.subn(lambda match, table=table: match[1] + table + match[2], page)  # type: ignore[misc]
        assert found == 1, name
    return page
