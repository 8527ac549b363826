"""Files read ahead: whole, in order, and no further than there is room."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.inside.reading import Extent, ReadAhead


def taken(ahead: ReadAhead) -> bytes:
    """One extent."""
    whole = b""
    while True:
        pieces, ends = ahead.take()
        whole += b"".join(pieces)
        if ends:
            return whole


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "content"
    path.write_bytes(bytes(range(256)) * 16)
    return path


@given(
    extents=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), max_size=6),
    piece_bytes=st.integers(1, 500),
    ahead_bytes=st.integers(1, 3000),
)
def test_extents_come_in_order_and_whole_whatever_the_room(
    file: Path, extents: list[tuple[int, int]], piece_bytes: int, ahead_bytes: int
) -> None:
    content = file.read_bytes()
    wanted = [Extent(file=file, offset=offset, length=length) for offset, length in extents]
    ahead = ReadAhead(wanted, piece_bytes, ahead_bytes)
    ahead.settle()
    assert [taken(ahead) for _ in wanted] == [content[at : at + length] for at, length in extents]


def test_an_extent_that_fits_is_handed_over_whole(file: Path) -> None:
    ahead = ReadAhead([Extent(file=file, offset=0, length=4096)], 100)
    pieces, ends = ahead.take()
    assert ends
    assert sum(map(len, pieces)) == 4096


def test_what_was_read_before_a_file_ended_too_early_still_comes(file: Path) -> None:
    extents = [Extent(file=file, offset=0, length=10), Extent(file=file, offset=4000, length=97)]
    ahead = ReadAhead(extents, 64)
    assert len(taken(ahead)) == 10
    with pytest.raises(OSError, match="ends 1 bytes before"):
        taken(ahead)


def test_nothing_to_read_is_settled_at_once() -> None:
    ReadAhead([], 64).settle()


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ahead = ReadAhead([Extent(file=tmp_path / "gone", offset=0, length=1)], 64)
    ahead.settle()
    with pytest.raises(FileNotFoundError):
        ahead.take()
