"""Backbones behind one interface: frames in, three taps (and a detector's scores, where it is one) out."""

from typing import Any, NamedTuple

import timm
import torch
from torch import Tensor, nn

from sgfn.errors import UserError


class Features(NamedTuple):
    """What a backbone sees in N frames.

    taps: three maps [N, C_s, h_s, w_s], finest first, each grid half the one before.
    scores: per level [N, n, P_l] probabilities of a detector (objectness x class); empty for a classifier.
    """

    taps: list[Tensor]
    scores: list[Tensor]


class Backbone(nn.Module):
    """A feature extractor. `forward` takes float frames [N, 3, H, W], RGB, 0 to 255, and returns `Features`.

    levels: how many levels of scores there are. power: of the scores in the cue's noisy-or. resize: how a photo
    becomes a frame, in the words of the manifest.
    """

    tap_channels: tuple[int, ...]
    levels = 0
    power = 1
    resize = "letterbox"


class TimmBackbone(Backbone):
    """The last three stages of any timm `features_only` network, with the normalisation of its own record.

    TResNet, for one, is trained without mean and deviation, so both are read from `pretrained_cfg`.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, pretrained: bool = False) -> None:
        super().__init__()
        try:
            network: Any = timm.create_model(name, pretrained, features_only=True, out_indices=(-3, -2, -1))
        except RuntimeError as error:
            raise UserError(f"backbone {name!r} cannot be built with features_only: {error}") from error
        self.network = network
        self.tap_channels = tuple(network.feature_info.channels())
        record = network.pretrained_cfg
        self.register_buffer("mean", 255 * torch.tensor(record["mean"]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", 255 * torch.tensor(record["std"]).view(1, 3, 1, 1), persistent=False)

    def forward(self, frames: Tensor) -> Features:
        return Features(self.network((frames - self.mean) / self.std), [])
