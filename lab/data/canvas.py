"""Where phantoms are drawn: ellipses and boxes on an array of integers, so that every CPU draws the same.

Floating-point results differ between CPUs (vector instructions round otherwise); these do not.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.int32]
WHITE = 4095
_ONE = 512  # the rim of an ellipse, so that its square times WHITE stays within 32 bits
_RIM = _ONE * _ONE
_THINNEST = 4


class Canvas:
    """Pixels to draw on. Places and half axes: thousandths of the half width (x, a) and half height (y, b).

    The middle is (0, 0); x grows to the right, y downwards. What lies outside is cut off.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    @classmethod
    def blank(cls, rows: int, columns: int, value: int) -> "Canvas":
        """All of one value."""
        return cls(np.full((rows, columns), value, dtype=np.int32))

    def fill(self, x: int, y: int, a: int, b: int, value: int) -> None:
        """An ellipse of one value, over what is there; nothing when it is too thin to be seen."""
        if min(a, b) < _THINNEST:
            return
        box, across, down = self._around(x, y, a, b)
        np.copyto(box, np.int32(value), where=across <= _RIM - down)

    def ring(self, x: int, y: int, a: int, b: int, width: int, value: int) -> None:
        """Add ``value`` between an ellipse and the one that is ``width`` smaller."""
        box, across, down = self._around(x, y, a, b)
        inner = (_ONE - _ONE * width // a) ** 2
        at = across + down
        np.add(box, np.int32(value), out=box, where=(at <= _RIM) & (at > inner))

    def glow(self, x: int, y: int, a: int, b: int, value: int) -> None:
        """Add ``value`` in the middle of an ellipse, less outwards and nothing at its rim."""
        box, across, down = self._around(x, y, a, b)
        box += (np.maximum(_RIM - down - across, 0) * value) >> 18

    def box(self, x: int, y: int, a: int, b: int, value: int) -> None:
        """A rectangle of one value, over what is there."""
        self._around(x, y, a, b)[0][:] = value

    def _around(self, x: int, y: int, a: int, b: int) -> tuple[Pixels, Pixels, Pixels]:
        """The pixels an ellipse lies in, and the squares of their distances across and down."""
        rows, columns = self.pixels.shape
        left, across = _squares(columns, x, max(a, 1))
        top, down = _squares(rows, y, max(b, 1))
        box = self.pixels[top : top + down.size, left : left + across.size]
        return box, across[None, :], down[:, None]


@lru_cache(maxsize=4096)  # most of a body is where it was in the last slice
def _squares(size: int, middle: int, half: int) -> tuple[int, Pixels]:
    """First pixel within ``half`` of ``middle``, and the squared distances from there on, _RIM at the rim."""
    first = min(max((1000 + middle - half) * size // 2000, 0), size)
    last = min(max((1000 + middle + half) * size // 2000 + 1, first), size)
    at = (2 * np.arange(first, last) + 1 - size) * 1000 // size - middle
    return first, ((at * _ONE // half) ** 2).astype(np.int32)


def swell(along: int, begin: int, end: int) -> int:
    """0 to 1000: how thick something is that begins and ends along the body, as a parabola; 0 outside."""
    if not begin < along < end:
        return 0
    return 4000 * (along - begin) * (end - along) // (end - begin) ** 2


def scatter(number: int, modulus: int) -> int:
    """A number from 0 to ``modulus`` - 1 that looks random and is always the same."""
    return (number * 2654435761 % 2**32 >> 7) % modulus
