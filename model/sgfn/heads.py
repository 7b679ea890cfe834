"""What SGFN is compared with in the ablation: nothing, global average pooling, ML-Decoder. Each is called as `Sgfn` is.

class_weight: the weights that training's explicit penalty is on.
"""

import torch
from timm.layers.ml_decoder import MLDecoder
from torch import Tensor, nn
from torch.nn import functional as F

from sgfn.label_graph import Semantics


class NoSemantics(nn.Module):
    """In the place of `LabelSemantics` for heads that ask for none: every part empty."""

    def forward(self) -> Semantics:
        return Semantics(torch.zeros(1, 0), torch.zeros(0, 0), torch.zeros(1, 0))


class NoHead(nn.Module):
    """Logits [] of 0: the cue is left alone."""

    def __init__(self) -> None:
        super().__init__()
        self.class_weight = torch.zeros(())

    def forward(self, taps: list[Tensor], semantics: Semantics) -> Tensor:
        return taps[0].new_zeros(())


class GapHead(nn.Module):
    """The mean of every tap over its positions, concatenated, and one linear layer: logits [N, n]."""

    def __init__(self, tap_channels: tuple[int, ...], labels: int) -> None:
        super().__init__()
        self.classes = nn.Linear(sum(tap_channels), labels)
        nn.init.zeros_(self.classes.bias)

    @property
    def class_weight(self) -> Tensor:
        return self.classes.weight

    def forward(self, taps: list[Tensor], semantics: Semantics) -> Tensor:
        return self.classes(torch.cat([tap.mean((2, 3)) for tap in taps], 1))


class MlDecoderHead(nn.Module):
    """timm's ML-Decoder (arXiv 2111.12933), a query per label, on all taps at the coarsest grid: logits [N, n]."""

    def __init__(self, tap_channels: tuple[int, ...], labels: int, channels: int) -> None:
        super().__init__()
        self.decoder = MLDecoder(labels, labels, channels, sum(tap_channels))
        # torch's TransformerDecoder asks its layer for self-attention, which timm's has not: so the layer is called.
        self.decoder.decoder = self.decoder.decoder.layers[0]

    @property
    def class_weight(self) -> Tensor:
        return self.decoder.duplicate_pooling

    def forward(self, taps: list[Tensor], semantics: Semantics) -> Tensor:
        grid = taps[-1].shape[2:]
        return self.decoder(torch.cat([F.adaptive_max_pool2d(tap, grid) for tap in taps], 1))
