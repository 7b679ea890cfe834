"""Training batches: augmented crops in an order that the seed and the epoch alone decide."""

import random
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from sgfn.augmentation import Augmentation, augment
from sgfn.empty import draw_empty
from sgfn.errors import UserError
from sgfn.parts import cut_part
from sgfn.photos import Geometry, Photo, read_photo


class Batch(NamedTuple):
    """frames: float [N, 3, H, W], RGB, 0 to 255, channels last. positive, known: boolean [N, n].
    photos: file names."""

    frames: Tensor
    positive: Tensor
    known: Tensor
    photos: tuple[str, ...] = ()


class Asked(NamedTuple):
    """One frame of a batch. what: the whole photo of that number, a small part of it, or a drawn frame of nothing in
    its place; the seed decides which part or drawing."""

    number: int
    what: Literal["whole", "part", "empty"] = "whole"
    seed: int = 0


class Shown(NamedTuple):
    """frame: uint8 [3, H, W], augmented anew, or why the photo cannot be read."""

    asked: Asked
    frame: Tensor | UserError


class AugmentedPhotos(Dataset[Shown]):
    """Photos by what is asked of them."""

    def __init__(self, photos: list[Photo], augmentation: Augmentation, interpolation: str) -> None:
        self.photos = photos
        self.augment = augment(augmentation, interpolation)

    def __getitem__(self, asked: Asked) -> Shown:
        try:
            return Shown(asked, self.augment(self._picture(asked)))
        except UserError as error:  # handed over as a value: a worker's exception comes back as its stack trace
            return Shown(asked, error)

    def _picture(self, asked: Asked) -> Image.Image:
        if asked.what == "empty":
            return draw_empty(random.Random(asked.seed))
        photo = read_photo(self.photos[asked.number].path)
        return cut_part(photo, random.Random(asked.seed)) if asked.what == "part" else photo


class TrainingBatches:
    """Every COCO photo and as many random VOC photos as asked (None: all), once an epoch, in whole batches.

    Of a share of them, `augmentation.parts`, only a small part is shown: whether it holds what the photo holds is
    unknown, but what is absent from the photo is absent there too. In place of another share, `augmentation.empty`, a
    frame is drawn on which all is absent. So the network meets frames with nothing in them, as on cameras.

    positive, known: boolean [photos, n]. workers: processes that read photos; what is shown does not depend on their
    number, how it is augmented does.
    """

    def __init__(
        self,
        photos: list[Photo],
        positive: Tensor,
        known: Tensor,
        batch: int,
        voc_per_epoch: int | None,
        augmentation: Augmentation,
        interpolation: str = "bilinear",
        workers: int = 0,
    ) -> None:
        self.photos = AugmentedPhotos(photos, augmentation, interpolation)
        self.positive, self.known = positive, known
        self.batch = batch
        self.parts, self.empty = augmentation.parts, augmentation.empty
        self.coco = [index for index, photo in enumerate(photos) if photo.source == "coco"]
        self.voc = [index for index, photo in enumerate(photos) if photo.source == "voc"]
        self.drawn = len(self.voc) if voc_per_epoch is None else min(voc_per_epoch, len(self.voc))
        self.workers = workers

    def __len__(self) -> int:
        return (len(self.coco) + self.drawn) // self.batch

    def epoch(self, seed: int) -> Iterator[Batch]:
        """The batches of one epoch. Augmentation draws from torch's global generator, which the caller seeds."""
        order = random.Random(seed)
        indices = self.coco + order.sample(self.voc, self.drawn)
        order.shuffle(indices)
        loader = DataLoader(
            self.photos,
            batch_sampler=self._batches(indices, order),
            num_workers=self.workers,
            collate_fn=list,
            generator=torch.Generator().manual_seed(seed),
        )
        return map(self._batch, loader)

    def _batches(self, indices: list[int], order: random.Random) -> Iterator[list[Asked]]:
        for step in range(len(self)):
            chosen = indices[step * self.batch : (step + 1) * self.batch]
            yield [self._asked(index, order) for index in chosen]

    def _asked(self, number: int, order: random.Random) -> Asked:
        drawn = order.random()
        if drawn < self.parts:
            return Asked(number, "part", order.getrandbits(64))
        if drawn < self.parts + self.empty:
            return Asked(number, "empty", order.getrandbits(64))
        return Asked(number)

    def _batch(self, shown: list[Shown]) -> Batch:
        frames, labels = [], []
        for asked, frame in shown:
            if isinstance(frame, UserError):
                raise frame
            frames.append(frame)
            labels.append(self._labels(asked))
        positive, known = (torch.stack(rows) for rows in zip(*labels, strict=True))
        names = tuple(self.photos.photos[asked.number].path.name for asked, _ in shown)
        return Batch(to_input(torch.stack(frames)), positive, known, names)

    def _labels(self, asked: Asked) -> tuple[Tensor, Tensor]:
        """(positive, known), each [n], of a frame."""
        positive, known = self.positive[asked.number], self.known[asked.number]
        if asked.what == "whole":
            return positive, known
        nothing = torch.zeros_like(positive)
        return nothing, known & ~positive if asked.what == "part" else ~nothing


def whole_frames(photos: list[Photo], geometry: Geometry, batch: int) -> Iterator[Tensor]:
    """The photos as frames, in order: uint8 [N, size, size, 3]."""
    for start in range(0, len(photos), batch):
        frames = [geometry.frame(read_photo(photo.path)) for photo in photos[start : start + batch]]
        yield torch.from_numpy(np.stack(frames))


def to_input(frames: Tensor) -> Tensor:
    """uint8 [N, 3, H, W] as the float the network takes, channels last (the fastest layout of CPU convolutions)."""
    return frames.float().contiguous(memory_format=torch.channels_last)
