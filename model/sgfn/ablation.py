"""The rows of the ablation, and one run of one of them: a head trained on cached features, then scored."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from sgfn.batches import Batch
from sgfn.errors import UserError
from sgfn.features import CachedTrunk, FeatureCache, PooledCue
from sgfn.heads import GapHead, MlDecoderHead, NoHead, NoSemantics
from sgfn.label_graph import LabelSemantics, label_graph
from sgfn.network import Sgfn, SgfnConfig, Tagger
from sgfn.photos import Photo
from sgfn.runtime import Scores
from sgfn.training import Recipe, Trainer

SGFN = SgfnConfig(channels=128, groups=4, halve=False)
NARROW = replace(SGFN, channels=32)
RECIPE = Recipe(epochs=4, ema=0.98, bf16=False)
BATCH = 64
VOC_PER_EPOCH = 1074
GAP_RATE = 1e-2
SOURCES = ("coco", "voc")


@dataclass(frozen=True)
class Row:
    """One configuration. against: the row it is compared with. share: of the photos to learn from.

    rate, class_l2: the head's own, chosen on dev photos with one seed (steps of about 3); one that starts from nothing
    needs a higher rate than one behind a cue, and no penalty to speak of.
    """

    name: str
    head: str
    against: str
    config: SgfnConfig = SGFN
    cue: bool = True
    random_vectors: bool = False
    share: float = 1
    rate: float = 3e-3
    class_l2: float = 0.01


def learning_curve(share: float) -> list[Row]:
    sgfn = f"+ SGFN, {share:.0%}"
    return [
        Row(sgfn, "sgfn", "+ SGFN", share=share),
        Row(f"cue alone, {share:.0%}", "none", sgfn, share=share),
        Row(f"+ GAP, {share:.0%}", "gap", sgfn, share=share, rate=GAP_RATE),
    ]


ROWS = [
    Row("cue alone", "none", "+ SGFN"),
    Row("+ GAP", "gap", "+ SGFN", rate=GAP_RATE),
    Row("+ SGFN", "sgfn", "cue alone"),
    Row("+ SGFN, no FAM", "sgfn", "+ SGFN", replace(SGFN, aggregate=False)),
    Row("+ SGFN, no groups", "sgfn", "+ SGFN", replace(SGFN, groups=0)),
    Row("+ SGFN, one layer", "sgfn", "+ SGFN", replace(SGFN, layers=1)),
    Row("+ SGFN, random vectors", "sgfn", "+ SGFN", random_vectors=True),
    *learning_curve(0.25),
    *learning_curve(0.5),
    Row("GAP, no cue", "gap", "+ GAP", cue=False, rate=0.1, class_l2=1e-4),
    Row("SGFN, no cue", "sgfn", "GAP, no cue", cue=False, rate=1e-2, class_l2=1e-4),
    Row("+ ML-Decoder", "ml-decoder", "+ SGFN", rate=1e-3),
    Row("+ SGFN, d 32", "sgfn", "+ SGFN", NARROW),
    Row("+ SGFN, d 32, element-wise", "sgfn", "+ SGFN, d 32", replace(NARROW, guidance="elementwise")),
]
"""The most telling first."""


@dataclass(frozen=True)
class LabelledCache:
    """Cached features of `photos` and what is known of them, [photos, n].

    learn: the numbers of the photos to learn from; held_out: those that are scored, dev and test. origin: digests
    by name of what all this was read from, which finished runs are held against.
    """

    cache: FeatureCache
    photos: list[Photo]
    positive: Tensor
    known: Tensor
    vectors: Tensor
    learn: list[int]
    held_out: list[int]
    origin: dict[str, str]

    def subset(self, share: float, seed: int) -> list[int]:
        """Of each source the same share of the photos to learn from; a smaller share lies within a larger one."""
        chosen = []
        for source in SOURCES:
            numbers = self.of(source, self.learn)
            random.Random(seed).shuffle(numbers)
            chosen += numbers[: round(share * len(numbers))]
        return chosen

    def of(self, source: str, numbers: list[int]) -> list[int]:
        return [number for number in numbers if self.photos[number].source == source]


class CachedBatches:
    """Photos by their numbers; those of a smaller share come as much oftener as makes an epoch as long."""

    def __init__(self, data: LabelledCache, numbers: list[int], batch: int, voc_per_epoch: int) -> None:
        self.data = data
        self.batch = batch
        self.coco, self.voc = (
            repeated(data.of(source, numbers), len(data.of(source, data.learn))) for source in SOURCES
        )
        self.voc_per_epoch = min(voc_per_epoch, len(self.voc))
        if not len(self):
            every = len(self.coco) + self.voc_per_epoch
            raise UserError(f"{every} photos to learn from are less than a batch of {batch}: lower --batch")

    def __len__(self) -> int:
        return (len(self.coco) + self.voc_per_epoch) // self.batch

    def epoch(self, seed: int) -> Iterator[Batch]:
        order = random.Random(seed)
        numbers = self.coco + order.sample(self.voc, self.voc_per_epoch)
        order.shuffle(numbers)
        for step in range(len(self)):
            chosen = torch.tensor(numbers[step * self.batch : (step + 1) * self.batch])
            yield Batch(chosen, self.data.positive[chosen], self.data.known[chosen])


def repeated(numbers: list[int], length: int) -> list[int]:
    return (numbers * -(-length // max(len(numbers), 1)))[:length]


def build(row: Row, data: LabelledCache, numbers: list[int], seed: int) -> Tagger:
    """An untrained tagger on the cached trunk, its head 0 at first where there is a cue."""
    torch.manual_seed(seed)
    vectors = torch.randn_like(data.vectors) * data.vectors.std() if row.random_vectors else data.vectors
    coco = data.of("coco", numbers)
    trunk = CachedTrunk(data.cache)
    tagger = Tagger(trunk, vectors, label_graph(data.positive[coco]), row.config, cue=False)
    labels = len(vectors)
    if row.head != "sgfn":
        heads = {
            "none": NoHead,
            "gap": lambda: GapHead(trunk.tap_channels, labels),
            "ml-decoder": lambda: MlDecoderHead(trunk.tap_channels, labels, row.config.channels),
        }
        tagger.sgfn, tagger.semantics = cast(Sgfn, heads[row.head]()), cast(LabelSemantics, NoSemantics())
    if row.cue:
        tagger.cue = PooledCue(labels, trunk.levels)
        nn.init.zeros_(tagger.sgfn.class_weight)
    return tagger


@dataclass(frozen=True)
class Run:
    """parameters: how many were trained. scores: of the photos held out, [photos, n]."""

    parameters: int
    scores: Scores


def train(row: Row, data: LabelledCache, seed: int, recipe: Recipe, batch: int, checkpoint: Path) -> Run:
    """Trains one row with one seed; `checkpoint` lets a killed run go on."""
    numbers = data.subset(row.share, seed)
    tagger = build(row, data, numbers, seed)
    trainer = Trainer(tagger, CachedBatches(data, numbers, batch, VOC_PER_EPOCH), recipe_of(row, seed, recipe))
    trainer.run(checkpoint)
    trained = sum(parameter.numel() for parameter in tagger.parameters() if parameter.requires_grad)
    return Run(trained, score(trainer.average.module.eval(), data.held_out, batch))


def recipe_of(row: Row, seed: int, recipe: Recipe) -> Recipe:
    """`recipe` with what is the row's and the seed's own."""
    return replace(recipe, seed=seed, head_rate=row.rate, class_l2=row.class_l2)


def score(tagger: nn.Module, numbers: list[int], batch: int) -> Scores:
    with torch.no_grad():
        logits = [tagger(part) for part in torch.tensor(numbers).split(batch)]
    return np.concatenate([part.sigmoid().numpy() for part in logits])
