import ast
import dataclasses
import io
import sys
from pathlib import Path
from random import Random
from types import ModuleType

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data import canonical, elements
from lab.data import part10 as part10_module
from lab.data.canonical import canonical_sha256
from lab.data.part10 import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from tests.unit.strangers import JPEG_LS, Node, Writer, image_file, part10

SYNTAXES = [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED]
TEXTS = {
    0x00081030: "LO",
    0x00080050: "SH",
    0x00081155: "UI",
    0x00104000: "LT",
    0x00200013: "IS",
    0x00280030: "DS",
    0x00091001: "LO",
    0x00091003: "UT",
}
NUMBERS = {0x00280010: "US", 0x00189087: "FD", 0x00091004: "US", 0x7FE00010: "OW"}
SEQUENCES = (0x0040A730, 0x00081140, 0x00091010)
words = st.just(b"") | st.integers(0, 999_999).map(lambda number: b"%d" % number)  # valid in every VR
plain = st.one_of(
    st.builds(lambda tag, value: Node(tag, TEXTS[tag], value), st.sampled_from(sorted(TEXTS)), words),
    st.builds(
        lambda tag, value: Node(tag, NUMBERS[tag], value),
        st.sampled_from(sorted(NUMBERS)),
        st.binary(min_size=7, max_size=7).map(lambda value: b"\x01" + value),
    ),
    st.builds(lambda value: Node(0x00420011, "OB", b"\x01" + value), st.binary(max_size=9)),
    st.builds(
        lambda pieces: Node(0x7FE00010, "OB", fragments=tuple(pieces)),
        st.lists(st.binary(min_size=1, max_size=5), min_size=1, max_size=3),
    ),
)


def in_order(nodes: list[Node]) -> tuple[Node, ...]:
    return tuple(sorted({node.tag: node for node in nodes}.values(), key=lambda node: node.tag))


def sequences_of(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    item = st.lists(nodes, max_size=3).map(in_order)
    return st.builds(
        lambda tag, items: Node(tag, "SQ", items=tuple(items)),
        st.sampled_from(SEQUENCES),
        st.lists(item, min_size=1, max_size=3),
    )


nodes = st.recursive(plain, sequences_of, max_leaves=10)
trees = st.lists(nodes, min_size=1, max_size=6).map(
    lambda found: in_order([Node(0x00080005, "CS", b"ISO_IR 100"), *found])
)
whims = st.integers(0, 2**32).map(Random)
syntaxes = st.sampled_from(SYNTAXES)


def digest(tree: tuple[Node, ...], syntax: str, whim: Random | None = None, tail: bytes = b"") -> str:
    return canonical_sha256(io.BytesIO(part10(Writer(syntax, whim).dataset(tree) + tail, syntax)))


@given(trees, syntaxes, whims, whims)
@pytest.mark.long
def test_the_same_elements_have_the_same_digest_however_they_are_written(
    tree: tuple[Node, ...], syntax: str, one: Random, another: Random
) -> None:
    assert digest(tree, syntax, one) == digest(tree, syntax, another) == digest(tree, syntax)


@given(trees, syntaxes, st.binary(max_size=20))
@pytest.mark.long
def test_data_set_trailing_padding_does_not_count(
    tree: tuple[Node, ...], syntax: str, padding: bytes
) -> None:
    tail = Writer(syntax).element(Node(0xFFFCFFFC, "OB", padding))
    assert digest(tree, syntax, tail=tail) == digest(tree, syntax)


def alternatives(node: Node) -> list[Node]:
    """The element with one thing in it changed."""
    if node.fragments is not None:
        pieces = node.fragments
        return [
            dataclasses.replace(node, fragments=(*pieces, b"z")),
            *[dataclasses.replace(node, fragments=pieces[:i] + pieces[i + 1 :]) for i in range(len(pieces))],
        ]
    if node.items is not None:
        items = node.items
        return [
            dataclasses.replace(node, items=(*items, ())),
            *[
                dataclasses.replace(node, items=(*items[:i], changed, *items[i + 1 :]))
                for i, item in enumerate(items)
                for changed in variants(item)
            ],
        ]
    return [
        dataclasses.replace(node, value=node.value + b"z"),
        dataclasses.replace(node, value=b"z" + node.value[1:] if node.value[:1] != b"z" else b""),
    ]


def variants(tree: tuple[Node, ...]) -> list[tuple[Node, ...]]:
    """The Data Set with one element changed, dropped or added, at any depth."""
    changed = [
        (*tree[:i], other, *tree[i + 1 :]) for i, node in enumerate(tree) for other in alternatives(node)
    ]
    dropped = [tree[:i] + tree[i + 1 :] for i in range(len(tree))]
    return changed + dropped + [(*tree, Node(0x7FE10010, "LO", b"added"))]


@given(trees, syntaxes, st.data())
@pytest.mark.long
def test_a_changed_dropped_or_added_element_changes_the_digest(
    tree: tuple[Node, ...], syntax: str, data: st.DataObject
) -> None:
    others = [other for other in variants(tree) if other and other[0].tag == 0x00080005]
    other = data.draw(st.sampled_from(others))
    assert digest(other, syntax) != digest(tree, syntax)


def has_pixels(tree: tuple[Node, ...]) -> bool:
    return any(node.tag == 0x7FE00010 or any(map(has_pixels, node.items or ())) for node in tree)


def set_lengths(dataset: pydicom.Dataset, *, undefined: bool) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
                set_lengths(item, undefined=undefined)


@given(
    trees.filter(lambda tree: not has_pixels(tree)),
    st.sampled_from([EXPLICIT_LITTLE, IMPLICIT_LITTLE]),
    whims,
    st.sampled_from([False, True]),
)
@pytest.mark.long
def test_pydicom_may_write_it_anew(
    tree: tuple[Node, ...],
    syntax: str,
    whim: Random,
    undefined: bool,
) -> None:
    content = part10(Writer(syntax, whim).dataset(tree), syntax)
    dataset = pydicom.dcmread(io.BytesIO(content))
    set_lengths(dataset, undefined=undefined)
    again = io.BytesIO()
    dataset.save_as(again)
    assert canonical_sha256(again) == canonical_sha256(io.BytesIO(content))


def test_pydicom_may_write_encapsulated_pixels_anew() -> None:
    content = image_file(syntax=JPEG_LS)
    dataset = pydicom.dcmread(io.BytesIO(content))
    set_lengths(dataset, undefined=True)
    again = io.BytesIO()
    dataset.save_as(again)
    assert canonical_sha256(again) == canonical_sha256(io.BytesIO(content))


def test_native_pixels_count_to_the_last_byte() -> None:
    tree = (Node(0x00080005, "CS", b"ISO_IR 100"), Node(0x7FE00010, "OW", b"\1\2\3\4"))
    for value in (b"\1\2\3\0", b"\1\2\3\x20", b"\1\2", b"\1\2\3\4\0\0"):
        other = (tree[0], Node(0x7FE00010, "OW", value))
        assert digest(other, EXPLICIT_LITTLE) != digest(tree, EXPLICIT_LITTLE)


def test_fragments_are_not_mistaken_for_native_pixels() -> None:
    native = (Node(0x00080005, "CS", b"ISO_IR 100"), Node(0x7FE00010, "OB", b"abcd"))
    encapsulated = (native[0], Node(0x7FE00010, "OB", fragments=(b"abcd",)))
    assert digest(native, EXPLICIT_LITTLE) != digest(encapsulated, EXPLICIT_LITTLE)


@pytest.mark.parametrize("cut", [10, 140, 200, 400])
def test_what_is_no_whole_file_has_no_digest(cut: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_sha256(io.BytesIO(image_file()[:cut]))


@pytest.mark.parametrize("module", [canonical, elements, part10_module])
def test_it_runs_where_only_pydicom_is(module: ModuleType) -> None:
    tree = ast.parse(Path(module.__file__ or "").read_text())
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    allowed = {"pydicom.datadict", "lab.data.elements", "lab.data.part10"}
    assert {name for name in names if name.split(".")[0] not in sys.stdlib_module_names} <= allowed
