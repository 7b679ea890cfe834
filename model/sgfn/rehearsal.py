"""What a configuration costs and whether it works, tried on random frames, labels and vectors."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from sgfn.batches import Batch, to_input
from sgfn.configuration import Configuration
from sgfn.export import ExportedTagger, ExportedTrunk, export_onnx, to_onnx
from sgfn.guidance import weights_bytes
from sgfn.network import Tagger
from sgfn.photos import label_names
from sgfn.runtime import OnnxTagger, open_session, read_model
from sgfn.taggers import RANDOM, build_trunk, join
from sgfn.training import Trainer

VECTOR_LENGTH = 300
FRAMES = 2
TIMED_RUNS = 50
TIMED_S = 10


class RandomBatch:
    """One batch an epoch, of two random frames with every label known."""

    def __init__(self, size: int, labels: int) -> None:
        self.size, self.labels = size, labels

    def __len__(self) -> int:
        return 1

    def epoch(self, seed: int) -> Iterator[Batch]:
        generator = torch.Generator().manual_seed(seed)
        frames = torch.randint(0, 256, (FRAMES, 3, self.size, self.size), dtype=torch.uint8, generator=generator)
        positive = torch.rand(FRAMES, self.labels, generator=generator) < 0.05
        yield Batch(to_input(frames), positive, torch.ones_like(positive))


def random_tagger(configuration: Configuration, weights: Path | None = RANDOM) -> Tagger:
    """The tagger on random vectors and a graph without edges; by default its trunk is untrained too."""
    labels = len(label_names(configuration.labels.names))
    trunk = build_trunk(configuration.trunk.name, weights)
    vectors, edges = torch.randn(labels, VECTOR_LENGTH), torch.eye(labels, dtype=torch.bool)
    return join(configuration, trunk, vectors, edges).eval()


def parameters(part: nn.Module) -> int:
    return sum(parameter.numel() for parameter in part.parameters())


def guidance_bytes(tagger: Tagger, configuration: Configuration, guidance: str) -> int:
    """Memory of the guidance weights of one frame, labels and groups, all layers, float32."""
    size, sgfn = configuration.frames.size, configuration.sgfn
    with torch.no_grad():
        taps = tagger.backbone(torch.zeros(1, 3, size, size)).taps
    guides = len(tagger.semantics.vectors) + sgfn.groups
    return sum(weights_bytes(guidance, (t.shape[2] // 2) * (t.shape[3] // 2), guides, sgfn.channels) for t in taps)


def forward_seconds(tagger: Tagger, size: int) -> float:
    """Of one frame by PyTorch, the best of three."""
    frame = to_input(torch.zeros(1, 3, size, size, dtype=torch.uint8))
    seconds = []
    with torch.no_grad():
        semantics = tagger.semantics()
        for _ in range(3):
            started = time.perf_counter()
            tagger(frame, semantics)
            seconds.append(time.perf_counter() - started)
    return min(seconds)


def train_a_step(tagger: Tagger, configuration: Configuration) -> tuple[float, float]:
    """(loss, seconds) of one step at the frame size, batch of two, with the configuration's own recipe."""
    trainer = Trainer(
        tagger, RandomBatch(configuration.frames.size, tagger.sgfn.class_bias.numel()), configuration.recipe
    )
    [batch] = trainer.batches.epoch(0)
    tagger.train()
    started = time.perf_counter()
    loss = trainer.step(batch)
    seconds = time.perf_counter() - started
    tagger.eval()
    return loss.item(), seconds


class Exported(NamedTuple):
    """difference: largest, of the scores of two frames from PyTorch's."""

    bytes: int
    seconds: float
    difference: float


def export(tagger: Tagger, size: int, path: Path) -> Exported:
    """Exports, and holds the file against PyTorch."""
    started = time.perf_counter()
    export_onnx(tagger, path, size, size)
    seconds = time.perf_counter() - started
    frames = np.random.default_rng(0).integers(0, 256, (FRAMES, size, size, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = ExportedTagger(tagger).eval()(torch.from_numpy(frames))[0].numpy()
    difference = float(np.abs(OnnxTagger(path)(frames) - expected).max())
    return Exported(path.stat().st_size, seconds, difference)


class Costs(NamedTuple):
    """Milliseconds of one frame by ONNX Runtime on one thread: of all, and of the trunk alone, as a detector.
    runs: of which these are the medians."""

    tagger: float
    trunk: float
    runs: int

    @property
    def share(self) -> float:
        """What the rest, SGFN and pooled scores, adds to the trunk's time."""
        return self.tagger / self.trunk - 1


def costs(tagger: Tagger, size: int, model: Path) -> Costs:
    """Of the exported `model` and of the trunk without SGFN and cue, timed in turns: 50 times each, less often when
    that takes more than 10 s, but three times at least."""
    trunk = to_onnx(ExportedTrunk(tagger.backbone), None, size, size).SerializeToString()
    frame = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    sessions = [open_session(read_model(model).SerializeToString()), open_session(trunk)]
    spent: list[list[float]] = [[], []]
    began = time.monotonic()
    while len(spent[0]) < 4 or (len(spent[0]) <= TIMED_RUNS and time.monotonic() - began < TIMED_S):
        for session, times in zip(sessions, spent, strict=True):
            started = time.process_time()
            session.run(None, {"frames": frame})
            times.append(1000 * (time.process_time() - started))
    tagger_ms, trunk_ms = (float(np.median(times[1:])) for times in spent)  # the first of each warms up
    return Costs(tagger_ms, trunk_ms, len(spent[0]) - 1)
