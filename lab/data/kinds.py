"""The kinds of images there are, and what a recipe of each says when it does not say otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.data.canvas import Pixels
from lab.data.phantoms import ct, mammogram, mr, radiograph, ultrasound

Phantom = Callable[[int, int, int], Pixels]  # rows, columns, thousandths of the way along


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What the images of a study stand for. SOP classes are those of PS3.4 B.5; ``bits`` are Bits Stored."""

    modality: str
    sop_class_uid: str
    phantom: Phantom
    rows: int
    columns: int
    bits: int
    bits_allowed: tuple[int, int]
    noise_bits: int
    frames: int = 1
    frames_allowed: int = 1
    colour: bool = False


_STORAGE = "1.2.840.10008.5.1.4.1.1."
_MANY_FRAMES = 100_000

KINDS: Mapping[str, Kind] = {
    "ct": Kind(
        modality="CT",
        sop_class_uid=_STORAGE + "2",
        phantom=ct.draw,
        rows=512,
        columns=512,
        bits=12,
        bits_allowed=(12, 16),
        noise_bits=4,
    ),
    "enhanced-ct": Kind(
        modality="CT",
        sop_class_uid=_STORAGE + "2.1",
        phantom=ct.draw,
        rows=512,
        columns=512,
        bits=12,
        bits_allowed=(12, 16),
        noise_bits=4,
        frames=64,
        frames_allowed=_MANY_FRAMES,
    ),
    "mr": Kind(
        modality="MR",
        sop_class_uid=_STORAGE + "4",
        phantom=mr.draw,
        rows=256,
        columns=256,
        bits=12,
        bits_allowed=(12, 16),
        noise_bits=4,
    ),
    "cr": Kind(
        modality="CR",
        sop_class_uid=_STORAGE + "1",
        phantom=radiograph.draw,
        rows=2140,
        columns=1760,
        bits=12,
        bits_allowed=(10, 16),
        noise_bits=4,
    ),
    "dx": Kind(
        modality="DX",
        sop_class_uid=_STORAGE + "1.1",
        phantom=radiograph.draw,
        rows=3000,
        columns=2500,
        bits=12,
        bits_allowed=(10, 16),
        noise_bits=4,
    ),
    "us": Kind(
        modality="US",
        sop_class_uid=_STORAGE + "3.1",
        phantom=ultrasound.draw,
        rows=480,
        columns=640,
        bits=8,
        bits_allowed=(8, 8),
        noise_bits=5,
        frames=40,
        frames_allowed=_MANY_FRAMES,
        colour=True,
    ),
    "mammo-tomo": Kind(
        modality="MG",
        sop_class_uid=_STORAGE + "13.1.3",
        phantom=mammogram.draw,
        rows=2048,
        columns=1664,
        bits=10,
        bits_allowed=(10, 16),
        noise_bits=3,
        frames=40,
        frames_allowed=_MANY_FRAMES,
    ),
}
