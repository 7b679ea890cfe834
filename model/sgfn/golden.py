"""Golden frames: a few stored pictures and the scores PyTorch gives them, to prove a package on any runtime."""

import gzip
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from skimage import data

from sgfn.errors import UserError
from sgfn.export import ExportedTagger
from sgfn.network import Tagger
from sgfn.photos import letterbox

TOLERANCE = 1e-4
PICTURES = ("astronaut", "chelsea", "coffee", "rocket")
SCALE = 2


def golden_frames(size: int) -> npt.NDArray[np.uint8]:
    """Five frames [5, size, size, 3]: four letterboxed pictures of scikit-image, and colour ramps under fixed noise.

    The pictures (public domain or CC0) are drawn at half size and doubled pixel by pixel, so that they compress.
    """
    small = size // SCALE
    pictures = [letterbox(Image.fromarray(getattr(data, name)()), small) for name in PICTURES]
    ramp = np.linspace(0, 255, small)
    ramps = np.stack([*np.meshgrid(ramp, ramp), np.full((small, small), 128)], 2)
    noise = np.random.RandomState(0).randint(-8, 9, (small // 8, small // 8, 1)).repeat(8, 0).repeat(8, 1)
    pictures.append((ramps + noise).clip(0, 255).astype(np.uint8))
    return np.stack(pictures).repeat(SCALE, 1).repeat(SCALE, 2)


def write_golden(tagger: Tagger, folder: Path, size: int) -> None:
    """Writes `frames.u8.gz` (raw frames, one after the other) and `golden.json` (their scores by PyTorch).

    Raises UserError when one of these is no number.
    """
    frames = golden_frames(size)
    with torch.no_grad():
        scores = ExportedTagger(tagger).eval()(torch.from_numpy(frames))[0]
    if not scores.isfinite().all():
        raise UserError("scores of golden frames are no numbers: the weights are broken; give another --checkpoint")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "frames.u8.gz").write_bytes(gzip.compress(frames.tobytes(), mtime=0))
    golden = {
        "frames": len(frames),
        "tolerance": TOLERANCE,
        "scores": [[round(s, 7) for s in r] for r in scores.tolist()],
    }
    (folder / "golden.json").write_text(json.dumps(golden, allow_nan=False) + "\n")


def read_golden(folder: Path, size: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64], float]:
    """Frames [N, size, size, 3], expected scores [N, n] and the tolerance of a package's golden folder."""
    golden = json.loads((folder / "golden.json").read_text())
    raw = np.frombuffer(gzip.decompress((folder / "frames.u8.gz").read_bytes()), np.uint8)
    return raw.reshape(golden["frames"], size, size, 3), np.array(golden["scores"]), golden["tolerance"]
