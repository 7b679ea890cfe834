"""Checkpoints of a training: written in one step, and held against what reads them. README.md has the format."""

import json
import pickle
import struct
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from sgfn.errors import UserError
from sgfn.files import replacing
from sgfn.network import Tagger

SHAPING = ("trunk.name", "labels.", "sgfn.")
"""The keys of a configuration, or their beginnings, that decide which weights fit."""

NOT_OF_TORCH = (RuntimeError, EOFError, pickle.UnpicklingError, LookupError, TypeError, ValueError, struct.error)
"""What torch.load raises for a file of another kind, or one that is cut off."""


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Raises UserError when the file is missing or no checkpoint."""
    if not path.is_file():
        raise UserError(f"checkpoint {str(path)!r} does not exist")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_OF_TORCH as error:
        raise UserError(
            f"checkpoint {str(path)!r} cannot be read: it is no checkpoint of sgfn.train, or not a whole one"
        ) from error
    if not isinstance(state, dict) or "average" not in state:
        raise UserError(f"{str(path)!r} is no checkpoint of sgfn.train: it has no weights named `average`")
    return state


def read_published(path: Path) -> dict[str, Any]:
    """A .safetensors file in the form of a checkpoint. Raises UserError when it is missing or broken."""
    if not path.is_file():
        raise UserError(f"checkpoint {str(path)!r} does not exist")
    try:
        with safe_open(path, "pt") as file:
            stated = file.metadata() or {}
            average = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 # it is no mapping
        described = {key: json.loads(stated[key]) for key in ("configuration", "labels", "photos") if key in stated}
        return {"average": average, **described}
    except (SafetensorError, ValueError) as error:
        raise UserError(f"checkpoint {str(path)!r} cannot be read: {error}") from error


def publish(checkpoint: Path, path: Path, head_only: bool) -> None:
    """Writes the averaged weights of a checkpoint as .safetensors, with its configuration, labels, recipe and
    the fingerprint of its photos as metadata."""
    state = read_checkpoint(checkpoint)
    weights = {
        name.removeprefix("module."): value.contiguous()
        for name, value in state["average"].items()
        if name.startswith("module.") and not (head_only and name.startswith("module.backbone."))
    }
    stated: dict[str, str] = {
        key: json.dumps(state[key], allow_nan=False)
        for key in ("configuration", "labels", "recipe", "photos")
        if key in state
    }
    with replacing(path) as unfinished:
        save_file(weights, unfinished, stated)


def require_writable(path: Path) -> None:
    """Makes the folder of a checkpoint, or of its curve, that is to come. Raises UserError when no file can be written
    there."""
    if path.is_dir():
        raise UserError(f"{str(path)!r} is a folder: give --checkpoint a file, as {str(path / 'one.pt')!r}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise UserError(
            f"{str(path)!r} cannot be written: {error.strerror}. Give --checkpoint a file in a folder that can be "
            "written to"
        ) from error


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Replaces the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as unfinished:
        torch.save(state, unfinished)


def read_average(
    path: Path, tagger: Tagger, configuration: dict[str, Any], names: list[str] | None = None
) -> dict[str, Tensor]:
    """The averaged weights, by the names of the tagger's own. configuration: its values by dotted key, if known.
    names: the labels in order, if known.

    Raises UserError when they do not fit it, naming what differs between configurations, label lists or weights.
    """
    state = _read(path)
    shaping = {key: value for key, value in configuration.items() if key.startswith(SHAPING)}
    different = differences(state.get("configuration", {}), shaping)
    if different:
        raise UserError(f"{path} is of another configuration: {'; '.join(different)}. Give --configuration its own")
    if names is not None and state.get("labels", names) != names:
        other = _first_difference(state["labels"], names)
        raise UserError(
            f"{path} was trained on another label list: {other}. Give labels.names of the configuration the list "
            "of its training, in the same order, or train anew"
        )
    average = {name.removeprefix("module."): value for name, value in state["average"].items()}
    if not any(name.startswith("backbone.") for name in average):  # a head alone: the trunk is as it was given
        average |= {name: value for name, value in tagger.state_dict().items() if name.startswith("backbone.")}
    wrong = misshapen(average, tagger.state_dict())
    if wrong:
        more = f" and {len(wrong) - 2} more differ" if len(wrong) > 2 else ""
        raise UserError(
            f"{path} is of another configuration, trunk or label list: {'; '.join(wrong[:2])}{more}. "
            "Give --configuration and --trunk as in its training"
        )
    return average


def learnt_photos(path: Path) -> str | None:
    """The fingerprint of the photos that a checkpoint or published weights learnt from; None where none is told."""
    found: str | None = _read(path).get("photos")
    return found


def _read(path: Path) -> dict[str, Any]:
    return read_published(path) if path.suffix == ".safetensors" else read_checkpoint(path)


def _first_difference(theirs: list[str], ours: list[str]) -> str:
    for number, (one, other) in enumerate(zip(theirs, ours, strict=False), 1):
        if one != other:
            return f"label {number} is {one!r} there, {other!r} here"
    return f"{len(theirs)} labels there, {len(ours)} here"


def misshapen(theirs: dict[str, Tensor], ours: dict[str, Tensor]) -> list[str]:
    """Which of `ours` a checkpoint has in another shape or not at all, a phrase each."""
    return [
        f"{name} is {_shape(theirs.get(name))}, not {_shape(value)}"
        for name, value in ours.items()
        if _shape(theirs.get(name)) != _shape(value)
    ]


def _shape(value: Tensor | None) -> str:
    return "absent" if value is None else "x".join(map(str, value.shape)) or "a number"


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """What of `ours` a checkpoint has otherwise, a phrase each; what it does not state is taken as equal."""
    return [
        f"{key} {_shown(theirs[key])} there, {_shown(value)} here"
        for key, value in ours.items()
        if key in theirs and theirs[key] != value
    ]


def _shown(value: Any) -> str:
    return "left out" if value is None else str(value)
