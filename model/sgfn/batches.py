"""Training batches: augmented crops in an order that the seed and the epoch alone decide."""

import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from sgfn.augmentation import Augmentation, augment
from sgfn.errors import UserError
from sgfn.parts import cut_part
from sgfn.photos import Geometry, Photo, read_photo


class Batch(NamedTuple):
    """frames: float [N, 3, H, W], RGB, 0 to 255, channels last. positive, known: boolean [N, n]. photos: file names."""

    frames: Tensor
    positive: Tensor
    known: Tensor
    photos: tuple[str, ...] = ()


class Shown(NamedTuple):
    """One photo of a batch. frame: uint8 [3, H, W], augmented anew, or why the photo cannot be read."""

    number: int
    is_part: bool
    frame: Tensor | UserError


class AugmentedPhotos(Dataset[Shown]):
    """Photos by (number, the seed of the small part of them that is to be shown, if only a part is)."""

    def __init__(self, photos: list[Photo], augmentation: Augmentation, interpolation: str) -> None:
        self.photos = photos
        self.augment = augment(augmentation, interpolation)

    def __getitem__(self, asked: tuple[int, int | None]) -> Shown:
        index, seed = asked
        try:
            photo = read_photo(self.photos[index].path)
        except UserError as error:  # handed over as a value: a worker's exception comes back as its stack trace
            return Shown(index, False, error)
        return Shown(
            index, seed is not None, self.augment(photo if seed is None else cut_part(photo, random.Random(seed)))
        )


class TrainingBatches:
    """Every COCO photo and as many random VOC photos as asked (None: all), once an epoch, in whole batches.

    Of a share of them, `augmentation.parts`, only a small part is shown: whether it holds what the photo holds is
    unknown, but what is absent from the photo is absent there too. So the network meets frames with nothing in them, as
    on cameras. positive, known: [photos, n]. workers: processes that read photos; which photos
    and parts are shown does not depend on their number, all other augmentation does.
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
        self.parts = augmentation.parts
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

    def _batches(self, indices: list[int], order: random.Random) -> Iterator[list[tuple[int, int | None]]]:
        for step in range(len(self)):
            chosen = indices[step * self.batch : (step + 1) * self.batch]
            partial = [order.random() < self.parts for _ in chosen]
            yield [
                (index, order.getrandbits(64) if is_part else None)
                for index, is_part in zip(chosen, partial, strict=True)
            ]

    def _batch(self, shown: list[Shown]) -> Batch:
        frames = []
        for photo in shown:
            if isinstance(photo.frame, UserError):
                raise photo.frame
            frames.append(photo.frame)
        chosen = [photo.number for photo in shown]
        names = tuple(self.photos.photos[index].path.name for index in chosen)
        positive, known = self.positive[chosen], self.known[chosen]
        unsure = torch.tensor([photo.is_part for photo in shown]).unsqueeze(1) & positive
        return Batch(to_input(torch.stack(frames)), positive & ~unsure, known & ~unsure, names)


def whole_frames(
    photos: list[Photo], size: int, batch: int, resize: str, interpolation: str = "bilinear"
) -> Iterator[Tensor]:
    """The photos as frames, in order: uint8 [N, size, size, 3]."""
    geometry = Geometry(size, resize, interpolation)
    for start in range(0, len(photos), batch):
        frames = [geometry.frame(read_photo(photo.path)) for photo in photos[start : start + batch]]
        yield torch.from_numpy(np.stack(frames))


def to_input(frames: Tensor) -> Tensor:
    """uint8 [N, 3, H, W] as the float the network takes, channels last (the fastest layout of CPU convolutions)."""
    return frames.float().contiguous(memory_format=torch.channels_last)
