"""Training batches: augmented crops in an order that the seed and the epoch alone decide."""

import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms import v2

from sgfn.parts import cut_part
from sgfn.photos import RESIZES, Photo, read_photo, targets


class Batch(NamedTuple):
    """frames: float [N, 3, H, W], RGB, 0 to 255, channels last. positive, known: boolean [N, n]."""

    frames: Tensor
    positive: Tensor
    known: Tensor


class TrainingBatches:
    """Every COCO photo and as many random VOC photos as asked, once an epoch, in whole batches.

    Of a share of them, `parts`, only a small part is shown: whether it holds what the photo holds is unknown, but what
    is absent from the photo is absent there too. So the network meets frames with nothing in them, as on cameras.
    """

    def __init__(
        self,
        photos: list[Photo],
        names: list[str],
        voc_names: list[str],
        batch: int,
        voc_per_epoch: int,
        crop: int,
        parts: float = 0,
    ) -> None:
        self.photos = photos
        self.parts = parts
        self.batch = batch
        self.voc_per_epoch = voc_per_epoch
        self.positive, self.known = targets(photos, names, voc_names)
        self.augment = v2.Compose(
            [
                v2.RandomResizedCrop(crop, scale=(0.6, 1.0)),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(0.2, 0.2, 0.2),
                v2.PILToTensor(),
            ]
        )
        self.coco = [index for index, photo in enumerate(photos) if photo.source == "coco"]
        self.voc = [index for index, photo in enumerate(photos) if photo.source == "voc"]

    def __len__(self) -> int:
        return (len(self.coco) + min(self.voc_per_epoch, len(self.voc))) // self.batch

    def epoch(self, seed: int) -> Iterator[Batch]:
        """The batches of one epoch. Augmentation draws from torch's global generator, which the caller seeds."""
        order = random.Random(seed)
        indices = self.coco + order.sample(self.voc, min(self.voc_per_epoch, len(self.voc)))
        order.shuffle(indices)
        for step in range(len(self)):
            chosen = indices[step * self.batch : (step + 1) * self.batch]
            partial = torch.tensor([order.random() < self.parts for _ in chosen])
            frames = torch.stack([self._frame(*drawn, order) for drawn in zip(chosen, partial.tolist(), strict=True)])
            positive, known = self.positive[chosen], self.known[chosen]
            unsure = partial.unsqueeze(1) & positive
            yield Batch(to_input(frames), positive & ~unsure, known & ~unsure)

    def _frame(self, index: int, is_part: bool, order: random.Random) -> Tensor:
        photo = read_photo(self.photos[index].path)
        frame: Tensor = self.augment(cut_part(photo, order) if is_part else photo)
        return frame


def whole_frames(photos: list[Photo], size: int, batch: int, resize: str) -> Iterator[Tensor]:
    """The photos as frames, in order: uint8 [N, size, size, 3]."""
    for start in range(0, len(photos), batch):
        frames = [RESIZES[resize](read_photo(photo.path), size) for photo in photos[start : start + batch]]
        yield torch.from_numpy(np.stack(frames))


def to_input(frames: Tensor) -> Tensor:
    """uint8 [N, 3, H, W] as the float the network takes, channels last (the fastest layout of CPU convolutions)."""
    return frames.float().contiguous(memory_format=torch.channels_last)
