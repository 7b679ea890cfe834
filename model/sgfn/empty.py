"""Frames of nothing: drawn floors, walls and lines, on which no label holds.

Photos show what people found worth a photo. A camera looks for hours at a floor with tape on it, at tiles, a door, a
shadow; such frames cost nothing to draw, and all labels are known to be absent.
"""

import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 320
"""px, of the square that is drawn."""


def draw_empty(draw: random.Random) -> Image.Image:
    """A plain or shaded ground, perhaps tiled, with a few lines and boxes; blurred and noisy as of a camera."""
    picture = _ground(draw)
    pen = ImageDraw.Draw(picture)
    if draw.random() < 0.3:
        _tiles(pen, draw)
    for _ in range(draw.randint(0, 5)):
        _line(pen, draw)
    for _ in range(draw.randint(0, 2)):
        _box(pen, draw)
    return _as_seen(picture, draw)


def _ground(draw: random.Random) -> Image.Image:
    """One colour, mostly greyish, that changes from corner to corner."""
    grey = draw.uniform(20, 235)
    tint = draw.choice([2, 2, 12])
    corners = np.array([[grey + draw.gauss(0, 25) + draw.gauss(0, tint) for _ in range(3)] for _ in range(4)])
    small = Image.fromarray(np.clip(corners, 0, 255).astype(np.uint8).reshape(2, 2, 3))
    return small.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _colour(draw: random.Random) -> tuple[int, int, int]:
    grey = draw.randint(0, 255)
    if draw.random() < 0.7:
        return grey, grey, grey
    return draw.randint(0, 255), draw.randint(0, 255), draw.randint(0, 255)


def _tiles(pen: ImageDraw.ImageDraw, draw: random.Random) -> None:
    """A grid of joints, upright or slanting."""
    step, slant, width = draw.randint(16, 80), draw.randint(-60, 60), draw.randint(1, 3)
    colour = _colour(draw)
    for at in range(-SIDE, 2 * SIDE, step):
        pen.line([(at, 0), (at + slant, SIDE)], colour, width)
        pen.line([(0, at), (SIDE, at - slant)], colour, width)


def _line(pen: ImageDraw.ImageDraw, draw: random.Random) -> None:
    """Tape, a cable, an edge: straight, sometimes right across the frame, sometimes with a bend."""
    colour, width = _colour(draw), draw.randint(1, 14)
    points = [(draw.randint(-40, SIDE + 40), draw.randint(-40, SIDE + 40)) for _ in range(draw.choice([2, 2, 2, 3]))]
    pen.line(points, colour, width, "curve")


def _box(pen: ImageDraw.ImageDraw, draw: random.Random) -> None:
    """A door, a sign without letters, a patch of light: four corners, filled or not."""
    x, y = draw.randint(-40, SIDE), draw.randint(-40, SIDE)
    width, height, lean = draw.randint(20, 200), draw.randint(20, 200), draw.randint(-30, 30)
    corners = [(x, y), (x + width, y + lean), (x + width, y + height + lean), (x, y + height)]
    colour = _colour(draw)
    pen.polygon(corners, fill=colour if draw.random() < 0.5 else None, outline=colour, width=draw.randint(1, 6))


def _as_seen(picture: Image.Image, draw: random.Random) -> Image.Image:
    """Blur of a lens, unevenness of a ground, noise of a sensor."""
    picture = picture.filter(ImageFilter.GaussianBlur(draw.uniform(0.3, 2.5)))
    dice = np.random.default_rng(draw.getrandbits(64))
    pixels = np.asarray(picture).astype(np.float32)
    cells = draw.choice([4, 10, 40, 160])
    coarse = Image.fromarray(dice.normal(0, draw.uniform(0, 18), (cells, cells)).astype(np.float32))
    pixels += np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC))[:, :, None]
    pixels += dice.normal(0, draw.uniform(0, 8), pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
