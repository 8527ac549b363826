"""docs/speedtest.md holds the table of options as the code has it; `make tables` writes it anew."""

from pathlib import Path

from lab.cli.speedtest_options import option_table
from tests.unit.pages import with_tables

PAGE = Path(__file__).parents[2] / "docs/speedtest.md"


def written(page: str) -> str:
    """The page as it should be."""
    return with_tables(page, {"options": option_table()})


def test_the_page_holds_the_table_of_the_code() -> None:
    assert PAGE.read_text() == written(PAGE.read_text()), "make tables"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
