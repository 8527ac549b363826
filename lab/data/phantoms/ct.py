"""A trunk on the table of a scanner, from the apex of the lungs to the pelvis. Values are HU + 1024."""

from lab.data.canvas import Canvas, Pixels, scatter, swell

_AIR, _TABLE, _LUNG, _FAT, _DISC, _MUSCLE, _LIVER, _BLOOD = 24, 980, 160, 924, 1104, 1074, 1134, 1214
_MARROW, _BONE = 1274, 1750
_FIELD = 1260
_RIBS = ((1000, 60), (940, 340), (770, 640), (500, 870), (170, 985), (820, -570), (530, -850), (960, -280))
_VESSELS = 9


def draw(rows: int, columns: int, along: int) -> Pixels:
    """One slice, ``along`` thousandths of the way down."""
    canvas = Canvas.blank(rows, columns, 0)
    canvas.fill(0, 0, _FIELD, _FIELD, _AIR)  # what the scanner reconstructs
    width = 760 + swell(along, -400, 600) // 12 + swell(along, 500, 1500) // 10
    height = 545 + swell(along, 100, 1200) // 20
    _table(canvas)
    canvas.fill(0, 0, width, height, _FAT)
    canvas.fill(0, 0, width - 55, height - 45, _MUSCLE)
    _abdomen(canvas, along)
    _lungs(canvas, along)
    _ribs(canvas, along, width - 75, height - 65)
    _heart(canvas, along)
    _pelvis(canvas, along)
    _spine(canvas, along)
    return canvas.pixels


def _table(canvas: Canvas) -> None:
    canvas.fill(0, 560, 800, 210, _TABLE)
    canvas.fill(0, 550, 785, 190, 5 * _AIR)  # foam
    canvas.box(0, 400, 1000, 160, _AIR)


def _lungs(canvas: Canvas, along: int) -> None:
    size = swell(along, -120, 580)
    if not size:
        return
    for side in (-1, 1):
        canvas.fill(side * 345, -10, 120 + size * 170 // 1000, 130 + size * 270 // 1000, _LUNG)
        for vessel in range(_VESSELS):
            _vessel(canvas, side, vessel, along, size)


def _vessel(canvas: Canvas, side: int, vessel: int, along: int, size: int) -> None:
    """Runs outwards and down with the slices, thinner all the way."""
    x = 180 + (scatter(vessel * 2 + side, 260) + along // 3) % 260 * size // 1000
    y = scatter(vessel + 40 + side, 500) * size // 1000 - 250 * size // 1000
    radius = 28 - x // 22
    canvas.fill(side * x, y, radius, radius, _MUSCLE)


def _ribs(canvas: Canvas, along: int, width: int, height: int) -> None:
    if along > 640:
        return
    for number, (x, y) in enumerate(_RIBS):
        phase = (along + number * 23) % 90
        if phase < 55:
            for side in (-1, 1):
                at = side * x * width // 1000, y * height // 1000
                canvas.fill(*at, 48, 26, _BONE)
                canvas.fill(*at, 28, 12, _MARROW)
    canvas.fill(0, -height + 20, 90, 28, _BONE - 200)  # sternum


def _heart(canvas: Canvas, along: int) -> None:
    if along < 600:
        canvas.fill(0, 30, 120, 330, _MUSCLE)  # mediastinum
    size = swell(along, 240, 640)
    if size:
        canvas.fill(90, -90, 110 + size * 200 // 1000, 110 + size * 140 // 1000, _MUSCLE + 20)
        canvas.fill(160, -60, size * 130 // 1000, size * 110 // 1000, _BLOOD)
        canvas.fill(-10, -140, size * 90 // 1000, size * 100 // 1000, _BLOOD - 30)
    if along < 260:
        canvas.fill(0, 60, 48, 50, _AIR)  # trachea
        canvas.fill(60, -60, 75, 75, _BLOOD)  # arch of the aorta
    canvas.fill(75, 215, 55, 60, _BLOOD)  # descending aorta


def _abdomen(canvas: Canvas, along: int) -> None:
    liver, spleen, kidney = swell(along, 420, 860), swell(along, 450, 780), swell(along, 600, 880)
    if along > 470:
        canvas.fill(0, -60, 600, 330, _FAT + 40)
    canvas.fill(-290, -50, liver * 340 // 1000, liver * 330 // 1000, _LIVER)
    canvas.fill(-200, -120, liver * 40 // 1000, liver * 26 // 1000, _BLOOD - 40)
    canvas.fill(450, 90, spleen * 150 // 1000, spleen * 210 // 1000, _LIVER + 15)
    canvas.fill(240, -150, spleen * 190 // 1000, spleen * 160 // 1000, _MUSCLE - 20)  # stomach
    canvas.fill(240, -210, spleen * 130 // 1000, spleen * 70 // 1000, _AIR)
    for side in (-1, 1):
        canvas.fill(side * 340, 190, kidney * 120 // 1000, kidney * 120 // 1000, _BLOOD)
        canvas.fill(side * 300, 190, kidney * 50 // 1000, kidney * 50 // 1000, _FAT)
    for loop in range(11):
        _bowel(canvas, loop, along)


def _bowel(canvas: Canvas, loop: int, along: int) -> None:
    size = swell(along, 610 + 9 * loop, 1100) * (60 + scatter(loop, 50)) // 1000
    x, y = loop * 85 - 440 + along // 20, scatter(loop + 20, 360) - 240
    canvas.fill(x, y, size, size, _MUSCLE - 5)
    if loop % 3 == 0:
        canvas.fill(x, y - size // 4, size * 2 // 3, size // 2, _AIR)


def _pelvis(canvas: Canvas, along: int) -> None:
    size = swell(along, 800, 1150)
    for side in (-1, 1):
        canvas.fill(side * 470, 130, size * 130 // 1000, size * 230 // 1000, _BONE)
        canvas.fill(side * 470, 130, size * 95 // 1000, size * 195 // 1000, _MARROW)


def _spine(canvas: Canvas, along: int) -> None:
    disc = along % 42 < 9
    canvas.fill(0, 460, 40, 62, _BONE - 100)  # spinous process
    canvas.fill(-110, 430, 95, 28, _BONE - 200)
    canvas.fill(110, 430, 95, 28, _BONE - 200)
    canvas.fill(0, 330, 135, 110, _DISC if disc else _BONE)
    if not disc:
        canvas.fill(0, 330, 115, 90, _MARROW)
    canvas.fill(0, 425, 58, 45, _BONE - 300)
    canvas.fill(0, 425, 44, 34, _MUSCLE - 30)  # the canal
