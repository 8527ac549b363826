"""The images: a phantom that changes from slice to slice, its label, and noise. Integers only."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from lab.data.canvas import WHITE
from lab.data.kinds import KINDS
from lab.data.lettering import lettering
from lab.model.study import Recipe

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
_DRAWN_BITS = 12


def draw(recipe: Recipe, index: int, frame: int = 0) -> Pixels:
    """A frame (both 0-based) as rows x columns, x 3 where in colour, within ``bits_stored``."""
    kind = KINDS[recipe.kind]
    image = kind.phantom(recipe.rows, recipe.columns, _along(recipe, index, frame))
    label = lettering(recipe.rows, recipe.columns)
    image[: label.shape[0], : label.shape[1]][label] = WHITE
    image >>= max(0, _DRAWN_BITS - recipe.bits_stored)
    noise = _noise(recipe, index, frame)
    image += (noise[:, :, None] if kind.colour else noise) * (image != 0)  # 0 is where nothing was measured
    np.minimum(image, (1 << recipe.bits_stored) - 1, out=image)
    if recipe.bits_stored == 8:
        return image.astype(np.uint8)
    return image.astype(np.uint16)


def _along(recipe: Recipe, index: int, frame: int) -> int:
    """How far down the body, or on in the beat, in thousandths: over the frames, or over a series."""
    if recipe.frames > 1:
        return frame * 1000 // recipe.frames
    per_series = recipe.instances // (recipe.patients * recipe.studies * recipe.series)
    return index % per_series * 1000 // per_series


def _noise(recipe: Recipe, index: int, frame: int) -> NDArray[np.uint8]:
    """Low bits from SHAKE-128 of seed and frame: the same bytes on every machine, incompressible."""
    seed = f"{recipe.name}/{recipe.seed}/{index}/{frame}".encode()
    noise = np.frombuffer(hashlib.shake_128(seed).digest(recipe.rows * recipe.columns), dtype=np.uint8)
    return noise.reshape(recipe.rows, recipe.columns) & np.uint8((1 << recipe.noise_bits) - 1)
