"""Small parts of photos: frames in which little or nothing is to be seen."""

import random

from PIL import Image

SIDES = (0.15, 0.4)
"""Of a part, in sides of its photo."""


def cut_part(photo: Image.Image, draw: random.Random) -> Image.Image:
    """A random part of the photo, of the photo's shape: 15 to 40 % of its width and height."""
    side = draw.uniform(*SIDES)
    width, height = (max(1, int(side * whole)) for whole in photo.size)
    left, top = draw.randint(0, photo.width - width), draw.randint(0, photo.height - height)
    return photo.crop((left, top, left + width, top + height))
