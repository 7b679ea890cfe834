"""SGFN: label semantics guide three layers of a backbone; their fusion gives one logit per label."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sgfn.backbones import Backbone
from sgfn.cue import Cue
from sgfn.errors import UserError
from sgfn.fam import FeatureAggregation
from sgfn.guidance import GUIDANCE
from sgfn.label_graph import LabelSemantics, Semantics


@dataclass(frozen=True)
class SgfnConfig:
    """Sizes of SGFN. channels: d, the paper's 512 or less for a small backbone. groups: m."""

    channels: int = 512
    groups: int = 4
    aggregate: bool = True
    guidance: str = "cheap"


class Sgfn(nn.Module):
    """Taps and `Semantics` to logits [N, n].

    Each tap is pooled 2 x 2 and projected to d channels: the two finer ones after a 1 x 1 buffer, the coarsest after
    feature aggregation. Guided by E and G every layer gives O_s [n, d] and Q_s [m, d]; with the layers concatenated,
    z_i = tanh([o_i ; (S Q)_i]) and y_i = w_i . z_i + b_i.
    """

    def __init__(self, tap_channels: tuple[int, ...], labels: int, config: SgfnConfig) -> None:
        super().__init__()
        self.buffers_1x1 = nn.ModuleList(nn.Conv2d(channels, channels, 1) for channels in tap_channels[:2])
        self.projections = nn.ModuleList(nn.Conv2d(channels, config.channels, 1) for channels in tap_channels)
        self.aggregation = FeatureAggregation(config.channels) if config.aggregate else nn.Identity()
        self.guide = GUIDANCE[config.guidance]
        self.class_weight = nn.Parameter(torch.empty(labels, 2 * len(tap_channels) * config.channels))
        self.class_bias = nn.Parameter(torch.zeros(labels))
        nn.init.xavier_uniform_(self.class_weight)

    def forward(self, taps: list[Tensor], semantics: Semantics) -> Tensor:
        layers = [layer.flatten(2).transpose(1, 2) for layer in self._layers(taps)]
        local = torch.cat([self.guide(layer, semantics.local) for layer in layers], 2)
        groups = torch.cat([self.guide(layer, semantics.groups) for layer in layers], 2)
        fused = torch.tanh(torch.cat([local, semantics.membership @ groups], 2))
        return (fused * self.class_weight).sum(2) + self.class_bias

    def _layers(self, taps: list[Tensor]) -> list[Tensor]:
        fine = [
            project(F.max_pool2d(buffer(tap), 2))
            for buffer, project, tap in zip(self.buffers_1x1, self.projections, taps[:2], strict=False)
        ]
        return [*fine, F.max_pool2d(self.aggregation(self.projections[2](taps[2])), 2)]


class Seen(NamedTuple):
    """What a tagger makes of N frames.

    logits: [N, n]. embedding: [N, C], the coarsest tap averaged over its grid, of length 1. cue: [N, n], the part of
    the logits that is the cue's, if there is a cue.
    """

    logits: Tensor
    embedding: Tensor
    cue: Tensor | None


class Tagger(nn.Module):
    """Backbone, label semantics and SGFN; with a detector as backbone SGFN is a residual, 0 at first, on its cue.

    vectors: [n, v] word vectors in label order. adjacency: [n, n] of `label_graph`.
    """

    def __init__(self, backbone: Backbone, vectors: Tensor, adjacency: Tensor, config: SgfnConfig, cue: bool) -> None:
        super().__init__()
        labels = len(vectors)
        if adjacency.shape != (labels, labels):
            raise UserError(f"{labels} word vectors, but a label graph of {tuple(adjacency.shape)}")
        self.backbone = backbone
        self.semantics = LabelSemantics(vectors, adjacency, config.channels, config.groups)
        self.sgfn = Sgfn(backbone.tap_channels, labels, config)
        self.cue = Cue(labels, backbone.levels, backbone.power) if cue else None
        if cue:
            nn.init.zeros_(self.sgfn.class_weight)

    def forward(self, frames: Tensor, semantics: Semantics | None = None) -> Tensor:
        """Logits [N, n] of frames [N, 3, H, W] (float, RGB, 0 to 255); semantics given are used as constants."""
        return self.see(frames, semantics).logits

    def see(self, frames: Tensor, semantics: Semantics | None = None) -> Seen:
        """As `forward`, with all there is to know of the frames."""
        taps, scores = self.backbone(frames)
        logits = self.sgfn(taps, self.semantics() if semantics is None else semantics)
        embedding = F.normalize(taps[-1].mean((2, 3)), dim=1)
        if self.cue is None:
            return Seen(logits, embedding, None)
        cue = self.cue(scores)
        return Seen(logits + cue, embedding, cue)
