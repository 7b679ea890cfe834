"""What a frozen trunk sees in every labelled photo, stored once: the features that the ablation learns from."""

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from sgfn.backbones import Backbone, Features
from sgfn.batches import to_input, whole_frames
from sgfn.cue import Cue, pool_scores
from sgfn.errors import UserError
from sgfn.files import replacing
from sgfn.photos import Geometry, Photo

SIDE = 14
BATCH = 8
TAPS = 3
REPORT_S = 10


def shrink(tap: Tensor) -> Tensor:
    """A map [N, C, h, w] max-pooled to at most 14 x 14 positions."""
    return F.max_pool2d(tap, -(-max(tap.shape[2:]) // SIDE))


class FeatureCache:
    """A folder: `tap0.npy` to `tap2.npy`, float16 [photos, C, <= 14, <= 14], and `scores.npy`, float32 [photos, n, K],
    a detector's pooled scores as log-odds. `cache.json` says of what, and how many photos are done.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taps: list[npt.NDArray[np.float16]] = []
        self.scores: npt.NDArray[np.float32] | None = None

    def fill(self, trunk: Backbone, weights: Path, photos: list[Photo], size: int) -> None:
        """Scores the photos that are left; a killed run goes on. Raises UserError when the folder holds other ones."""
        identity = {
            "trunk": type(trunk).__name__,
            "weights": hashlib.sha256(weights.read_bytes()).hexdigest(),
            "photos": hashlib.sha256("\n".join(photo.path.name for photo in photos).encode()).hexdigest(),
            "size": size,
        }
        state = self.folder / "cache.json"
        done = 0
        if state.is_file():
            found = json.loads(state.read_text())
            done = found.pop("done")
            if found != identity:
                raise UserError(
                    f"{str(self.folder)!r} holds features of another trunk or other photos: use a new folder"
                )
        self.folder.mkdir(parents=True, exist_ok=True)
        started, reported = time.monotonic(), 0.0
        first = done
        for features in see(trunk.eval(), photos[done:], size):
            self._store(features, done, len(photos))
            done += len(features.taps[0])
            write_json(state, {**identity, "done": done})
            spent = time.monotonic() - started
            if spent - reported >= REPORT_S or done == len(photos):
                left = spent / (done - first) * (len(photos) - done)
                print(f"features of {done}/{len(photos)} photos, {spent:.0f} s, {left:.0f} s to go", flush=True)
                reported = spent
        self._open("r")

    def _store(self, features: Features, start: int, photos: int) -> None:
        if not self.taps:
            self._open("r+") if start else self._create(features, photos)
        end = start + len(features.taps[0])
        for stored, tap in zip(self.taps, features.taps, strict=True):
            stored[start:end] = tap.numpy()
        if self.scores is not None:
            self.scores[start:end] = features.scores[0].numpy()

    def _create(self, features: Features, photos: int) -> None:
        arrays = {f"tap{index}.npy": (tap, "float16") for index, tap in enumerate(features.taps)}
        if features.scores:
            arrays["scores.npy"] = (features.scores[0], "float32")
        for name, (like, kind) in arrays.items():
            with replacing(self.folder / name) as unfinished:
                np.lib.format.open_memmap(unfinished, "w+", kind, (photos, *like.shape[1:]))
        self._open("r+")

    def _open(self, mode: Any) -> None:
        self.taps = [np.load(self.folder / f"tap{index}.npy", mmap_mode=mode) for index in range(TAPS)]
        scores = self.folder / "scores.npy"
        self.scores = np.load(scores, mmap_mode=mode) if scores.is_file() else None

    def __deepcopy__(self, _: dict[int, object]) -> "FeatureCache":
        return self  # never written once filled, so a copy of a network that reads it shares it


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replaces the file in one step."""
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(value, allow_nan=False) + "\n")


def write_array(path: Path, values: npt.NDArray[Any]) -> None:
    """Replaces the .npy file in one step."""
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def see(trunk: Backbone, photos: list[Photo], size: int) -> Iterator[Features]:
    """Shrunken taps, and the pooled scores as the only level, of the photos in batches."""
    with torch.no_grad():
        for frames in whole_frames(photos, Geometry(size, trunk.resize), BATCH):
            taps, scores = trunk(to_input(frames.permute(0, 3, 1, 2)))
            yield Features([shrink(tap) for tap in taps], [pool_scores(scores, trunk.power)] if scores else [])


class CachedTrunk(Backbone):
    """A trunk whose frames are the numbers of the cache's photos: int64 [N] to `Features`."""

    def __init__(self, cache: FeatureCache) -> None:
        super().__init__()
        self.cache = cache
        self.tap_channels = tuple(tap.shape[1] for tap in cache.taps)
        self.levels = 0 if cache.scores is None else cache.scores.shape[2] - 2

    def forward(self, frames: Tensor) -> Features:
        rows = frames.numpy()
        taps = [torch.from_numpy(tap[rows]).float() for tap in self.cache.taps]
        return Features(taps, [] if self.cache.scores is None else [torch.from_numpy(self.cache.scores[rows])])


class PooledCue(Cue):
    """A cue on scores that were pooled before: one level [N, n, K] of log-odds."""

    def forward(self, scores: list[Tensor]) -> Tensor:
        return self.weigh(scores[0])
