"""Filler: a private element after Pixel Data that brings a study to an exact size.

Private, because a PACS may drop Data Set Trailing Padding (FFFC,FFFC) and re-encode codestreams, but has to
keep the private elements of a SOP instance it stores (PS3.4 B.4.1, Level 2).
"""

import hashlib
from collections.abc import Sequence

from pydicom.dataset import Dataset

from lab.data.place import place
from lab.data.speedtest import group_2_bytes
from lab.data.synth import encoded
from lab.errors import UsageProblem
from lab.model.study import Recipe

_GROUP, _CREATOR = 0x7FE1, "DICOM LAB FILLER"


def shares(recipe: Recipe, dataset_bytes: Sequence[int]) -> list[int]:
    """How many bytes of filler each instance gets for the study to come to ``speedtest_bytes``.

    All get the same but for 2 bytes, so that sizes vary from slice to slice as they did. Every element has
    an even length, so every sum here is even.

    Raises:
        UsageProblem: the study is larger than that by itself.
    """
    room = recipe.speedtest_bytes - sum(
        size + _outside_bytes(recipe, index) for index, size in enumerate(dataset_bytes)
    )
    if room < 0:
        msg = f"the recipe {recipe.name!r} comes to {-room} bytes more than its speedtest_bytes"
        raise UsageProblem(msg, "lower its noise_bits, rows or columns, or raise speedtest_bytes")
    each, over = divmod(room // 2, len(dataset_bytes))
    return [2 * (each + (index < over)) for index in range(len(dataset_bytes))]


def filler(recipe: Recipe, index: int, size: int) -> bytes:
    """The elements to put behind Pixel Data: private creator and ``size`` bytes no compression shrinks."""
    ds = Dataset()
    block = ds.private_block(_GROUP, _CREATOR, create=True)
    block.add_new(0x01, "OB", hashlib.shake_128(f"filler/{recipe.seed}/{index}".encode()).digest(size))
    return encoded(recipe, ds)


def _outside_bytes(recipe: Recipe, index: int) -> int:
    """What an instance counts beside its Data Set: Group 2, and filler of no bytes."""
    sop_instance_uid = place(recipe, index).sop_instance_uid
    group_2 = group_2_bytes(recipe.sop_class_uid, sop_instance_uid, recipe.transfer_syntax_uid)
    return group_2 + len(filler(recipe, index, 0))
