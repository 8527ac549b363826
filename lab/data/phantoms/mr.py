"""A head from the neck to the vertex, T2-weighted: fluid is bright, bone is dark."""

from lab.data.canvas import Canvas, Pixels, scatter, swell

_AIR, _SCALP, _SKULL, _FLUID, _GREY, _WHITE_MATTER, _MUSCLE = 12, 1500, 90, 2300, 1150, 800, 650
# the unit circle in thousandths, 26 points: (cosine, sine)
_CIRCLE = (
    (1000, 0), (971, 239), (885, 465), (749, 663), (568, 823), (355, 935), (121, 993),
    (-121, 993), (-355, 935), (-568, 823), (-749, 663), (-885, 465), (-971, 239), (-1000, 0),
    (-971, -239), (-885, -465), (-749, -663), (-568, -823), (-355, -935), (-121, -993), (121, -993),
    (355, -935), (568, -823), (749, -663), (885, -465), (971, -239),
)  # fmt: skip


def draw(rows: int, columns: int, along: int) -> Pixels:
    """One slice, ``along`` thousandths of the way up."""
    canvas = Canvas.blank(rows, columns, _AIR)
    size = 640 + swell(along, -500, 1150) * 360 // 1000
    a, b = 610 * size // 1000, 800 * size // 1000
    canvas.fill(0, 0, a, b, _SCALP)
    canvas.fill(0, 0, a - 45, b - 45, _SKULL)
    if along < 220:
        _neck(canvas, a, b)
    else:
        _brain(canvas, a - 85, b - 85, along)
    return canvas.pixels


def _neck(canvas: Canvas, a: int, b: int) -> None:
    canvas.fill(0, 0, a - 60, b - 60, _MUSCLE)
    canvas.fill(0, -b // 3, 120, 150, _AIR)
    canvas.fill(0, b // 4, 130, 110, _SKULL + 300)
    canvas.fill(0, b // 2, 80, 70, _FLUID)
    canvas.fill(0, b // 2, 50, 42, _GREY)


def _brain(canvas: Canvas, a: int, b: int, along: int) -> None:
    canvas.fill(0, 0, a, b, _FLUID)
    canvas.fill(0, 0, a - 20, b - 20, _GREY)
    canvas.fill(0, 0, a - 90, b - 90, _WHITE_MATTER)
    for number, (cosine, sine) in enumerate(_CIRCLE):
        _gyrus(canvas, number, (a - 75) * cosine // 1000, (b - 75) * sine // 1000, along)
    canvas.box(0, 0, 7, b - 30, _FLUID)  # between the hemispheres
    canvas.box(0, 0, 60, b // 3, _WHITE_MATTER)
    _deep(canvas, along)


def _gyrus(canvas: Canvas, number: int, x: int, y: int, along: int) -> None:
    """A fold of the cortex, which comes and goes with the slices."""
    depth = 40 + (scatter(number, 60) + along // 4) % 60
    canvas.fill(x, y, depth, depth, _GREY)
    canvas.fill(x * 11 // 10, y * 11 // 10, depth // 3, depth // 3, _FLUID)


def _deep(canvas: Canvas, along: int) -> None:
    """Ventricles and basal ganglia in the middle of the head, eyes and cerebellum below."""
    ventricle, eye = swell(along, 450, 800), swell(along, 220, 440)
    for side in (-1, 1):
        canvas.fill(side * 150, 0, ventricle * 90 // 1000, ventricle * 140 // 1000, _GREY)
        canvas.fill(side * 70, -90, ventricle * 50 // 1000, ventricle * 170 // 1000, _FLUID)
        canvas.fill(side * 110, 170, ventricle * 45 // 1000, ventricle * 130 // 1000, _FLUID)
        canvas.fill(side * 250, -560, eye * 120 // 1000, eye * 115 // 1000, _FLUID)
        canvas.fill(side * 200, 380, eye * 230 // 1000, eye * 210 // 1000, _GREY - 60)
    canvas.fill(0, 200, eye * 60 // 1000, eye * 60 // 1000, _FLUID)
