import numpy as np
import pytest

from lab.data.canvas import WHITE, Canvas, swell
from lab.data.kinds import KINDS
from lab.data.lettering import LABEL, lettering
from lab.data.phantom import draw
from lab.data.recipe_file import recipe_from_toml
from tests.unit.studies import SMALL


@pytest.mark.parametrize("kind", KINDS)
def test_a_phantom_stays_between_black_and_white_all_the_way(kind: str) -> None:
    for along in range(0, 1000, 37):
        image = KINDS[kind].phantom(96, 80, along)
        assert image.dtype == np.int32
        assert 0 <= image.min() < image.max() <= WHITE


@pytest.mark.parametrize("kind", KINDS)
def test_a_phantom_changes_along_the_way(kind: str) -> None:
    assert (KINDS[kind].phantom(96, 80, 300) != KINDS[kind].phantom(96, 80, 450)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_stay_within_the_bits_that_are_stored(kind: str) -> None:
    recipe = recipe_from_toml("x", {"kind": kind, "rows": 64, "columns": 64, "noise_bits": 8}, "x.toml")
    assert draw(recipe, 0).max() < 1 << recipe.bits_stored


@pytest.mark.parametrize("size", [32, 64, 512])
def test_the_label_is_in_the_image_whole(size: int) -> None:
    recipe = recipe_from_toml("x", {"rows": size, "columns": size}, "x.toml")
    label = lettering(size, size)
    corner = draw(recipe, 0)[: label.shape[0], : label.shape[1]]
    assert (corner[label] == 4095).all()


def test_the_label_can_be_read() -> None:
    dots = lettering(64, 64)[2:9]
    assert dots.shape[1] == 6 * len(LABEL)
    assert ["".join(" #"[int(dot)] for dot in row) for row in dots[:, :12]] == [
        "  #### #   #",
        " #     #   #",
        " #      # # ",
        "  ###    #  ",
        "     #   #  ",
        "     #   #  ",
        " ####    #  ",
    ]


def test_noise_is_where_something_was_measured_only() -> None:
    """As a scanner leaves the corners it does not reconstruct."""
    assert draw(SMALL, 0)[-1, -1] == 0


def test_an_ellipse_covers_what_its_half_axes_say() -> None:
    canvas = Canvas.blank(100, 200, 0)
    canvas.fill(0, 0, 500, 500, 1)
    assert canvas.pixels[50].sum() == 100
    assert canvas.pixels[:, 100].sum() == 50
    assert abs(int(canvas.pixels.sum()) - 3927) < 40  # pi / 4 of the box


def test_what_lies_outside_of_the_canvas_is_cut_off() -> None:
    canvas = Canvas.blank(10, 10, 0)
    canvas.fill(5000, 5000, 100, 100, 7)
    canvas.glow(-3000, 0, 100, 100, 7)
    assert not canvas.pixels.any()


def test_an_organ_begins_and_ends_with_no_thickness() -> None:
    assert [swell(along, 100, 300) for along in (50, 100, 200, 300, 350)] == [0, 0, 1000, 0, 0]
