"""A word burned into the image: a bitmap font of 5 x 7 dots with the letters the lab needs."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

LABEL = "SYNTHETIC"
_GLYPHS = {
    "C": ".###. #...# #.... #.... #.... #...# .###.",
    "E": "##### #.... #.... ####. #.... #.... #####",
    "H": "#...# #...# #...# ##### #...# #...# #...#",
    "I": ".###. ..#.. ..#.. ..#.. ..#.. ..#.. .###.",
    "N": "#...# ##..# #.#.# #.#.# #.#.# #..## #...#",
    "S": ".#### #.... #.... .###. ....# ....# ####.",
    "T": "##### ..#.. ..#.. ..#.. ..#.. ..#.. ..#..",
    "Y": "#...# #...# .#.#. ..#.. ..#.. ..#.. ..#..",
}
_ADVANCE, _LINE = 6, 9


@cache
def lettering(rows: int, columns: int) -> NDArray[np.bool_]:
    """Which pixels of the top left corner the label covers; in three lines where one would be too wide."""
    per_line = len(LABEL) if columns > len(LABEL) * _ADVANCE else 3
    lines = [LABEL[at : at + per_line] for at in range(0, len(LABEL), per_line)]
    dots = np.vstack([np.hstack([_glyph(letter) for letter in line]) for line in lines])
    scale = max(1, columns // 160)
    return dots.repeat(scale, axis=0).repeat(scale, axis=1)[:rows, :columns]


def _glyph(letter: str) -> NDArray[np.bool_]:
    """A letter with the space before and above it."""
    cell = np.zeros((_LINE, _ADVANCE), dtype=np.bool_)
    cell[2:, 1:] = [[dot == "#" for dot in row] for row in _GLYPHS[letter].split()]
    return cell
