"""The images: a body that changes from slice to slice, with noise. Integers only: every CPU draws the same.

Floating-point results differ between CPUs (vector instructions round otherwise); these do not.
Pixels are CT numbers plus 1024, so that air is 24 and water 1024.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from lab.model.study import Recipe

Pixels = NDArray[np.uint16]
_AIR, _LUNG, _TISSUE, _BONE = 24, 200, 1064, 1900


def draw(recipe: Recipe, index: int) -> Pixels:
    """Slice ``index`` (0-based) as rows x columns of uint16, within ``bits_stored``."""
    y, x = np.ogrid[: recipe.rows, : recipe.columns]
    # thousandths of the half width and height, from the middle
    u = (2 * x.astype(np.int64) - recipe.columns) * 1000 // recipe.columns
    v = (2 * y.astype(np.int64) - recipe.rows) * 1000 // recipe.rows
    image = np.full((recipe.rows, recipe.columns), _AIR, dtype=np.int64)
    along = index * 1000 // max(1, recipe.instances)  # how far down the body, in thousandths
    image[_ellipse(u, v, 0, 0, 820, 600)] = _TISSUE
    lung = 90 + min(along, 1000 - along) * 2 // 5
    for side in (-1, 1):
        image[_ellipse(u, v, side * 380, -40, lung, lung * 3 // 2)] = _LUNG
    image[_ellipse(u, v, 0, 400, 90, 110)] = _BONE
    image[_ellipse(u, v, (along % 250) - 125, -200, 60, 60)] = _BONE - along // 4
    return _with_noise(image, recipe, index)


def _ellipse(
    u: NDArray[np.int64], v: NDArray[np.int64], u0: int, v0: int, a: int, b: int
) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = ((u - u0) * b) ** 2 + ((v - v0) * a) ** 2 <= (a * b) ** 2
    return inside


def _with_noise(image: NDArray[np.int64], recipe: Recipe, index: int) -> Pixels:
    """Low bits from SHAKE-128 of seed and index: the same bytes on every machine, incompressible."""
    seed = f"{recipe.name}/{recipe.seed}/{index}".encode()
    noise = np.frombuffer(hashlib.shake_128(seed).digest(image.size), dtype=np.uint8)
    low_bits = noise.reshape(image.shape).astype(np.int64) & ((1 << recipe.noise_bits) - 1)
    return np.clip(image + low_bits, 0, (1 << recipe.bits_stored) - 1).astype(np.uint16)
