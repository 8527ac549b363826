"""A beating heart seen by a sector probe, with a Doppler window in colour. ``along`` is where in the beat."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lab.data.canvas import WHITE, Canvas, Pixels

_TISSUE, _WALL, _BLOOD = 1500, 2300, 350


def draw(rows: int, columns: int, along: int) -> Pixels:
    """One frame as rows x columns x 3 (red, green, blue)."""
    beat = min(along, 1000 - along) * 2  # 0 to 1000 and back
    grey = _echoes(rows, columns, beat) * _sector(rows, columns)
    doppler = _flow(rows, columns, along, beat)
    red, green, blue = grey + doppler.clip(0), grey + abs(doppler) // 5, grey - doppler.clip(None, 0)
    return np.stack((red, green, blue), axis=2).clip(0, WHITE)


def _echoes(rows: int, columns: int, beat: int) -> Pixels:
    canvas = Canvas.blank(rows, columns, _TISSUE)
    canvas.glow(0, 300, 900, 900, 300)
    canvas.glow(0, 1000, 1000, 500, -700)  # the depth swallows sound
    a, b = 210 - beat // 16, 430 - beat // 10
    canvas.fill(120, 60, a + 70, b + 60, _WALL)
    canvas.fill(120, 60, a, b, _BLOOD)  # left ventricle
    canvas.fill(-190, 100, 150 - beat // 30, 300, _WALL - 300)
    canvas.fill(-190, 100, 110 - beat // 30, 260, _BLOOD)
    canvas.fill(100, 640, 230 + beat // 25, 190 + beat // 25, _WALL)
    canvas.fill(100, 640, 190 + beat // 25, 150 + beat // 25, _BLOOD)
    for leaflet in (-1, 1):
        canvas.fill(110 + leaflet * (40 + beat // 12), 455, 26, 60, _WALL + 600)
    return canvas.pixels.clip(0, WHITE, out=canvas.pixels)


@cache
def _sector(rows: int, columns: int) -> NDArray[np.bool_]:
    """What the probe at the top sees: 35 degrees to either side, down to near the lower edge."""
    x = np.arange(columns, dtype=np.int64)[None, :] - columns // 2
    y = np.arange(rows, dtype=np.int64)[:, None] - rows // 20
    radius = x * x + y * y
    seen: NDArray[np.bool_] = (abs(x) * 10 <= y * 7) & (radius <= (rows * 9 // 10) ** 2)
    return seen & (radius >= (rows // 14) ** 2)


def _flow(rows: int, columns: int, along: int, beat: int) -> Pixels:
    """Towards the probe is positive and red, away from it negative and blue; it turns with the beat."""
    canvas = Canvas.blank(rows, columns, 0)
    direction = 1 if along < 500 else -1
    canvas.glow(110, 420, 110, 330, direction * (600 + beat * 2))
    canvas.glow(140, 150, 70, 160, -direction * beat)
    return canvas.pixels
