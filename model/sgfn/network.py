"""SGFN: label semantics guide three layers of a backbone; their fusion gives one logit per label."""

from collections.abc import Sequence
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
    """Sizes and parts of SGFN. channels: d, the paper's 512 or less for a small backbone. groups: m; 0 leaves the
    global semantics out. layers: how many taps are used, from the coarsest on. halve: whether the finer of them are
    pooled 2 x 2 (cached ones were pooled before).
    """

    channels: int = 512
    groups: int = 4
    aggregate: bool = True
    guidance: str = "cheap"
    layers: int = 3
    halve: bool = True


class Sgfn(nn.Module):
    """Taps and `Semantics` to logits [N, n].

    Each tap is pooled 2 x 2 and projected to d channels: the two finer ones after a 1 x 1 buffer, the coarsest after
    feature aggregation. A grid of odd size loses its last row and column then: the coarsest at 416 px, 13 x 13.
    Guided by E and G every layer gives O_s [n, d] and Q_s [m, d]; with the layers concatenated,
    z_i = tanh([o_i ; (S Q)_i]) and y_i = w_i . z_i + b_i. Without groups z_i = tanh(o_i).
    """

    def __init__(self, tap_channels: tuple[int, ...], labels: int, config: SgfnConfig) -> None:
        super().__init__()
        self.config = config
        used = tap_channels[-config.layers :]
        self.buffers_1x1 = nn.ModuleList(nn.Conv2d(channels, channels, 1) for channels in used[:-1])
        self.projections = nn.ModuleList(nn.Conv2d(channels, config.channels, 1) for channels in used)
        self.aggregation = FeatureAggregation(config.channels) if config.aggregate else nn.Identity()
        self.guide = GUIDANCE[config.guidance]
        gathered = 2 if config.groups else 1
        self.class_weight = nn.Parameter(torch.empty(labels, gathered * len(used) * config.channels))
        self.class_bias = nn.Parameter(torch.zeros(labels))
        nn.init.xavier_uniform_(self.class_weight)

    def forward(self, taps: list[Tensor], semantics: Semantics) -> Tensor:
        layers = [layer.flatten(2).transpose(1, 2) for layer in self._layers(taps)]
        guided = torch.cat([self.guide(layer, semantics.local) for layer in layers], 2)
        if self.config.groups:
            groups = torch.cat([self.guide(layer, semantics.groups) for layer in layers], 2)
            guided = torch.cat([guided, semantics.membership @ groups], 2)
        return (torch.tanh(guided) * self.class_weight).sum(2) + self.class_bias

    def _layers(self, taps: list[Tensor]) -> list[Tensor]:
        *finer, coarsest = taps[-self.config.layers :]
        *finer_projections, project_coarsest = self.projections
        fine = [
            project(F.max_pool2d(buffer(tap), 2) if self.config.halve else buffer(tap))
            for buffer, project, tap in zip(self.buffers_1x1, finer_projections, finer, strict=True)
        ]
        return [*fine, F.max_pool2d(self.aggregation(project_coarsest(coarsest)), 2)]


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

    vectors: [n, v] word vectors in label order. adjacency: [n, n] of `label_graph`. classes: the detector's of each
    label, as of `cue.classes_of`.
    """

    def __init__(
        self,
        backbone: Backbone,
        vectors: Tensor,
        adjacency: Tensor,
        config: SgfnConfig,
        cue: bool,
        classes: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        labels = len(vectors)
        if adjacency.shape != (labels, labels):
            raise UserError(f"{labels} word vectors, but a label graph of {tuple(adjacency.shape)}")
        self.backbone = backbone
        self.semantics = LabelSemantics(vectors, adjacency, config.channels, config.groups)
        self.sgfn = Sgfn(backbone.tap_channels, labels, config)
        self.cue = Cue(labels, backbone.levels, backbone.power, classes) if cue else None
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
