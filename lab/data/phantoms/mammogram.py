"""A breast at the detector's left edge, plane after plane of a tomosynthesis: each has other tissue sharp."""

from lab.data.canvas import WHITE, Canvas, Pixels, scatter, swell

_AIR, _LOBULES, _THICK = 40, 60, 160


def draw(rows: int, columns: int, along: int) -> Pixels:
    """One plane, ``along`` thousandths of the way up through the breast."""
    canvas = Canvas.blank(rows, columns, _AIR)
    canvas.fill(-1000, 0, 1420, 820, 700)
    canvas.glow(-1000, 0, 1400, 800, 900)
    for lobule in range(_LOBULES):
        _lobule(canvas, lobule, along)
    _ducts(canvas)
    _lesion(canvas, along)
    return canvas.pixels.clip(1, WHITE, out=canvas.pixels)


def _lobule(canvas: Canvas, number: int, along: int) -> None:
    """Glandular tissue at its own height: blurred and faint away from it."""
    height = scatter(number + 300, 1000)
    sharp = swell(along, height - _THICK * 3, height + _THICK * 3)
    x = scatter(number, 800) - 900
    y = scatter(number + 100, 900 - max(0, x + 700) // 2) - 450 + max(0, x + 700) // 4
    size = 70 + scatter(number + 200, 90) + (1000 - sharp) // 20
    canvas.glow(x, y, size, size, 150 + sharp * 550 // 1000)


def _ducts(canvas: Canvas) -> None:
    for duct in range(-3, 4):
        for step in range(12):
            canvas.glow(300 - step * 80, duct * step * 11, 60, 14, 320)


def _lesion(canvas: Canvas, along: int) -> None:
    """A mass with a cluster of calcifications, in focus in the middle of the breast."""
    sharp = swell(along, 350, 650)
    canvas.glow(-330, -140, 90, 70, sharp)
    for speck in range(9):
        canvas.glow(-400 + scatter(speck, 140), -200 + scatter(speck + 9, 110), 9, 7, sharp * 2)
