"""A teacher: scores of other models on the photos to learn from, which soften and complete what people annotated."""

import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from sgfn.errors import UserError
from sgfn.photos import Photo

FLOOR = 1e-6


def mean_of_log_odds(scores: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Of probabilities, as probabilities; all of one shape."""
    clipped = np.clip(np.stack(scores).astype(np.float64), FLOOR, 1 - FLOOR)
    mean = np.log(clipped / (1 - clipped)).mean(0)
    return (1 / (1 + np.exp(-mean))).astype(np.float32)


def write_teacher(path: Path, photos: list[Photo], labels: list[str], scores: npt.NDArray[np.float32]) -> None:
    """scores: [photos, n]."""
    names = [f"{photo.source}/{photo.path.name}" for photo in photos]
    np.savez(path, photos=np.array(names), labels=np.array(labels), scores=scores)


def read_teacher(path: Path, photos: list[Photo], labels: list[str]) -> Tensor:
    """The scores of `photos`, [photos, n]. Raises UserError when the file is missing, none of `sgfn.teach`, of other
    labels, or lacks a photo."""
    if not path.is_file():
        raise UserError(f"teacher {str(path)!r} does not exist: sgfn.teach makes it")
    try:
        with np.load(path) as file:
            names, theirs, scores = file["photos"].tolist(), file["labels"].tolist(), file["scores"]
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise UserError(f"teacher {str(path)!r} cannot be read: it is no file of sgfn.teach, or not whole") from error
    if theirs != labels:
        raise UserError(f"teacher {str(path)!r} scores another label list: make it anew with sgfn.teach --labels")
    row = {name: number for number, name in enumerate(names)}
    wanted = [f"{photo.source}/{photo.path.name}" for photo in photos]
    missing = [name for name in wanted if name not in row]
    if missing:
        raise UserError(
            f"teacher {str(path)!r} lacks {len(missing)} of {len(wanted)} photos, the first is {missing[0]!r}: "
            "make it anew with sgfn.teach and the same --data"
        )
    return torch.from_numpy(scores[[row[name] for name in wanted]])


def taught(positive: Tensor, known: Tensor, teacher: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    """(target, weight) of each label, [photos, n]: what is known is mixed with the teacher's score, `weight` of it;
    what is unknown is the teacher's alone, at that weight."""
    mixed = torch.lerp(positive.float(), teacher, weight)
    return torch.where(known, mixed, teacher), torch.where(known, 1.0, weight)
