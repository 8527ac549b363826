"""A chest from in front: what stops the rays is bright. ``along`` is how deeply was breathed in."""

from lab.data.canvas import WHITE, Canvas, Pixels

_AIR, _RIBS = 200, 11


def draw(rows: int, columns: int, along: int) -> Pixels:
    """One exposure."""
    canvas = Canvas.blank(rows, columns, _AIR)
    breath = along // 20
    _trunk(canvas)
    _lungs(canvas, breath)
    _bones(canvas)
    _heart(canvas, breath)
    canvas.fill(880, -900, 20, 40, WHITE)  # the side marker
    return canvas.pixels.clip(1, WHITE, out=canvas.pixels)


def _trunk(canvas: Canvas) -> None:
    canvas.glow(0, 250, 1150, 1500, 1700)
    canvas.glow(0, -800, 330, 700, 900)
    canvas.glow(0, 1100, 1000, 700, 1500)
    for side in (-1, 1):
        canvas.glow(side * 850, -420, 420, 480, 900)  # shoulders


def _lungs(canvas: Canvas, breath: int) -> None:
    for side in (-1, 1):
        canvas.glow(side * 410, -40, 380, 720 + breath, -1500)
        canvas.glow(side * 380, 150, 340, 500 + breath, -500)
        for branch in range(7):  # vessels, thinner outwards
            canvas.glow(side * (150 + 45 * branch), 40 + 55 * (branch % 3 - 1), 120 - 9 * branch, 26, 260)


def _bones(canvas: Canvas) -> None:
    for rib in range(_RIBS):
        for side in (-1, 1):
            canvas.ring(side * 390, -480 + rib * 112, 430, 330 - 9 * rib, 34, 190)
    for side in (-1, 1):
        canvas.ring(side * 420, -760, 460, 130, 42, 420)  # clavicles
        canvas.glow(side * 930, -560, 130, 130, 1100)  # heads of the humeri
    for vertebra in range(15):
        canvas.glow(0, -960 + vertebra * 130, 130, 78, 900)


def _heart(canvas: Canvas, breath: int) -> None:
    canvas.glow(0, 50, 170, 900, 1100)
    canvas.glow(150, 260 + breath, 360, 330, 1500)
    canvas.glow(110, -330, 110, 130, 700)  # arch of the aorta
    for side in (-1, 1):
        canvas.glow(side * 430, 830 + breath, 480, 330, 1700)  # under the diaphragm
    canvas.glow(0, -760, 55, 330, -500)  # trachea
