"""Backbones behind one interface: frames in, three taps (and a detector's scores, where it is one) out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import timm
import torch
from torch import Tensor, nn

from sgfn.errors import UserError
from sgfn.photos import INTERPOLATIONS, label_names

COCO = label_names("coco80")
"""What both detectors were trained on, in the order of their scores."""


class Features(NamedTuple):
    """What a backbone sees in N frames.

    taps: three maps [N, C_s, h_s, w_s], finest first, each grid half the one before.
    scores: per level [N, n, P_l] probabilities of a detector (objectness x class); empty for a classifier.
    """

    taps: list[Tensor]
    scores: list[Tensor]


class Backbone(nn.Module):
    """A feature extractor. `forward` takes float frames [N, 3, H, W], RGB, 0 to 255, and returns `Features`.

    classes: a detector's, in the order of its scores. levels: how many levels of scores there are. power: of the scores
    in the cue's noisy-or. resize: how a photo becomes a frame, and interpolation how it is scaled, in the words of the
    manifest.
    """

    tap_channels: tuple[int, ...]
    classes: Sequence[str] = ()
    levels = 0
    power = 1
    resize = "letterbox"
    interpolation = "bilinear"

    def frozen(self) -> list[nn.Module]:
        """The parts that fine-tuning leaves alone."""
        return []

    def preprocessing(self) -> dict[str, Any]:
        """What its makers say of how it is fed; all of it lies inside the network, but for resize and interpolation."""
        return {"resize": self.resize, "interpolation": self.interpolation}


class TimmBackbone(Backbone):
    """The last three stages of any timm `features_only` network, with the normalisation of its own record.

    name: with its tag, as `tresnet_l.miil_in1k_448`, since the tag decides the record. TResNet, for one, is trained
    without mean and deviation, so both are read from `pretrained_cfg`. pretrained: with the weights of timm's download,
    or those of `file` (.safetensors or .pth of the same network). Raises UserError when they cannot be had.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, pretrained: bool = False, file: Path | None = None) -> None:
        super().__init__()
        self.name = name
        if file and not file.is_file():
            raise UserError(f"weights {str(file)!r} do not exist")
        overlay = {"file": str(file)} if file else {}
        try:
            network: Any = timm.create_model(
                name,
                pretrained or file is not None,
                pretrained_cfg_overlay=overlay,
                features_only=True,
                out_indices=(-3, -2, -1),
            )
        except Exception as error:  # timm, its hub client and the reader of weights each raise their own
            raise UserError(_remedy(name, pretrained, file, error)) from error
        self.network = network
        self.tap_channels = tuple(network.feature_info.channels())
        self.record: dict[str, Any] = network.pretrained_cfg
        self.interpolation = self.record["interpolation"]
        if self.interpolation not in INTERPOLATIONS:
            raise UserError(
                f"backbone {name!r} scales photos by {self.interpolation}; known: {', '.join(INTERPOLATIONS)}"
            )
        self.register_buffer("mean", 255 * torch.tensor(self.record["mean"]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", 255 * torch.tensor(self.record["std"]).view(1, 3, 1, 1), persistent=False)

    def forward(self, frames: Tensor) -> Features:
        return Features(self.network((frames - self.mean) / self.std), [])

    def require_taps(self, size: int) -> None:
        """Looks at one frame of size x size px. Raises UserError when the network does not take it, or gives no maps
        that SGFN can use: [N, C, h, w] of at least 2 x 2 positions."""
        training = self.training
        try:
            with torch.no_grad():
                taps = self.eval()(torch.zeros(1, 3, size, size)).taps
        except Exception as error:  # each network has its own
            reason = str(error).partition("\n")[0]
            raise UserError(
                f"network {self.name!r} does not take frames of {size} x {size} px: {reason}. Set frames.size and "
                f"augmentation.crop to what it was made for, {self.record['input_size'][-1]}, or take another network"
            ) from error
        finally:
            self.train(training)
        wanted = ", ".join(map(str, self.tap_channels))
        wrong = [
            tuple(tap.shape)
            for tap, channels in zip(taps, self.tap_channels, strict=True)
            if tap.ndim != 4 or tap.shape[1] != channels or min(tap.shape[2:]) < 2
        ]
        if wrong:
            raise UserError(
                f"network {self.name!r} gives maps {', '.join(map(str, wrong))} of frames of {size} x {size} px, and "
                f"[N, C, h, w] of at least 2 x 2 positions are wanted, C being {wanted}: "
                "take a larger frames.size and augmentation.crop, or another network"
            )

    def preprocessing(self) -> dict[str, Any]:
        kept = ("architecture", "tag", "mean", "std", "interpolation", "input_size", "crop_pct", "crop_mode", "license")
        return {**{key: self.record.get(key) for key in kept}, **super().preprocessing()}


def _remedy(name: str, pretrained: bool, file: Path | None, error: Exception) -> str:
    reason = str(error).partition("\n")[0]
    if not timm.is_model(name):
        return f"timm has no network {name!r}: see python -c \"import timm; print(timm.list_models('*tresnet*'))\""
    if file:
        return f"{str(file)!r} does not hold the weights of {name}: {reason}"
    if pretrained:
        return (
            f"timm cannot get the weights of {name}: {reason}. Where there is internet, run "
            f"python -c \"import timm; timm.create_model('{name}', pretrained=True)\"; "
            "or give --weights FILE.safetensors, or --weights random"
        )
    return f"backbone {name!r} cannot be built with features_only: {reason}"
