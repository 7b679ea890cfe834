"""Scenes in which labels are known to be absent: small parts of photos, and drawn frames of nothing."""

import random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from sgfn.empty import draw_empty
from sgfn.evaluate import Labelled
from sgfn.parts import cut_part
from sgfn.photos import Geometry, read_photo
from sgfn.runtime import OnnxTagger, Scores


class Scenes(NamedTuple):
    """absent: [scenes, n], the labels that are known not to be there."""

    pictures: list[Image.Image]
    absent: npt.NDArray[np.bool_]

    def score(self, tagger: OnnxTagger, geometry: Geometry, batch: int) -> Scores:
        """[scenes, n]."""
        starts = range(0, len(self.pictures), batch)
        parts = (self.pictures[start : start + batch] for start in starts)
        return np.concatenate([tagger(np.stack([geometry.frame(picture) for picture in part])) for part in parts])


def parts_of(labelled: Labelled, each: int) -> Scenes:
    """Random small parts of every photo, always the same; absent is what is known to be absent from the photo."""
    draw = random.Random(0)
    parts = [cut_part(read_photo(photo.path), draw) for photo in labelled.photos for _ in range(each)]
    return Scenes(parts, (labelled.known & ~labelled.positive).repeat(each, 0))


def drawn_scenes(count: int, labels: int, seed: str) -> Scenes:
    """Drawn frames of nothing, the same for the same seed."""
    draw = random.Random(seed)
    return Scenes([draw_empty(draw) for _ in range(count)], np.ones((count, labels), np.bool_))
