"""NanoDet-Plus-m 416 as a backbone: ShuffleNetV2 1.0x, Ghost-PAN of 96 channels and the class branches of its head.

Structure after the published network (github.com/RangiLyu/nanodet, Apache-2.0). Modules are declared in the execution
order of its ONNX graph, so weights load by position.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sgfn.backbones import COCO, Backbone, Features
from sgfn.weights import load_convolutions, read_convolutions

MEAN = (123.675, 116.28, 103.53)  # RGB
STD = (58.395, 57.12, 57.375)
WIDTH = 96
BOX = 32  # outputs of a head behind its classes: a distribution over 8 distances for each side of a box
LANES = 16


def plain(channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """Same-size convolution."""
    return nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, groups=groups)


def conv(channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Same-size convolution, then LeakyReLU of slope 0.1."""
    return nn.Sequential(plain(channels_in, channels_out, kernel, stride, groups), nn.LeakyReLU(0.1))


def separable(stride: int = 1) -> nn.Sequential:
    """A 5 x 5 depthwise convolution, then a pointwise one, both activated."""
    return nn.Sequential(conv(WIDTH, WIDTH, 5, stride, WIDTH), conv(WIDTH, WIDTH))


class Shrink(nn.Module):
    """First unit of a stage: two branches of stride 2, their channels interleaved."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        half = channels_out // 2
        inner = aligned(half)
        self.short = nn.Sequential(plain(channels_in, channels_in, 3, 2, channels_in), conv(channels_in, half))
        self.long = nn.Sequential(conv(channels_in, inner), plain(inner, inner, 3, 2, inner), conv(inner, half))

    def forward(self, x: Tensor) -> Tensor:
        return interleave(self.short(x), self.long(x))


class Keep(nn.Module):
    """Other units of a stage: the first half of the channels interleaved with the second half, convolved."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        inner = aligned(half)
        self.body = nn.Sequential(conv(half, inner), plain(inner, inner, 3, 1, inner), conv(inner, half))

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, 1)
        return interleave(first, self.body(second))


def interleave(first: Tensor, second: Tensor) -> Tensor:
    """Channels a0 a1 ... and b0 b1 ... to a0 b0 a1 b1 ... (channel shuffle of two groups)."""
    return torch.stack([first, second], 2).flatten(1, 2)


def aligned(channels: int) -> int:
    """Room for `channels`, in whole vectors of 16 floats: ONNX Runtime's fast depthwise convolutions need that.

    The channels added have zero weights, so they are zero and stay so in training; a tenth of the time is saved.
    """
    return -(-channels // LANES) * LANES


def stage(channels_in: int, channels_out: int, units: int) -> nn.Sequential:
    return nn.Sequential(Shrink(channels_in, channels_out), *(Keep(channels_out) for _ in range(units - 1)))


class Ghost(nn.Module):
    """Half the channels by a pointwise convolution, the other half from those by a 3 x 3 depthwise one."""

    def __init__(self, channels_in: int, activated: bool) -> None:
        super().__init__()
        half = WIDTH // 2
        make = conv if activated else plain
        self.primary = make(channels_in, half)
        self.cheap = make(half, half, 3, 1, half)

    def forward(self, x: Tensor) -> Tensor:
        x = self.primary(x)
        return torch.cat([x, self.cheap(x)], 1)


class GhostBottleneck(nn.Module):
    """Two maps of 96 channels, concatenated, to one."""

    def __init__(self) -> None:
        super().__init__()
        double = 2 * WIDTH
        self.body = nn.Sequential(Ghost(double, True), Ghost(WIDTH, False))
        self.shortcut = nn.Sequential(plain(double, double, 5, 1, double), plain(double, WIDTH))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        x = torch.cat([first, second], 1)
        return self.body(x) + self.shortcut(x)


class ScoreHead(nn.Module):
    """Class scores of one level: [N, 96, h, w] to probabilities [N, n, h * w]. There is no objectness."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(separable(), separable())
        self.classes = plain(WIDTH, labels)

    def forward(self, x: Tensor) -> Tensor:
        return self.classes(self.body(x)).float().sigmoid().flatten(2)


class NanodetPlus(Backbone):
    """Taps: three of the PAN's outputs, 96 x 52^2, 26^2 and 13^2 at 416 px; scores on those grids and on 7^2."""

    tap_channels = (WIDTH, WIDTH, WIDTH)
    classes = COCO
    levels = 4
    power = 2
    resize = "squash"
    mean: Tensor

    def __init__(self, labels: int = len(COCO)) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.stem = conv(3, aligned(24), 3, 2)
        self.stage2 = stage(aligned(24), 116, 4)
        self.stage3 = stage(116, 232, 8)
        self.stage4 = stage(232, 464, 4)
        self.reduce2, self.reduce3, self.reduce4 = conv(116, WIDTH), conv(232, WIDTH), conv(464, WIDTH)
        self.down3, self.down2 = GhostBottleneck(), GhostBottleneck()
        self.shrink2, self.up3 = separable(2), GhostBottleneck()
        self.shrink3, self.up4 = separable(2), GhostBottleneck()
        self.extra_in, self.extra_out = separable(2), separable(2)
        self.heads = nn.ModuleList(ScoreHead(labels) for _ in range(self.levels))

    def forward(self, frames: Tensor) -> Features:
        # Subtracted here and not in the stem's bias: the stem pads with zeros, which stand for the mean.
        c2 = self.stage2(F.max_pool2d(self.stem(frames - self.mean), 3, 2, 1))
        c3 = self.stage3(c2)
        r4 = self.reduce4(self.stage4(c3))
        r2, r3 = self.reduce2(c2), self.reduce3(c3)
        inner3 = self.down3(double(r4), r3)
        p2 = self.down2(double(inner3), r2)
        p3 = self.up3(self.shrink2(p2), inner3)
        p4 = self.up4(self.shrink3(p3), r4)
        p5 = self.extra_in(r4) + self.extra_out(p4)
        scores = [head(level) for head, level in zip(self.heads, (p2, p3, p4, p5), strict=True)]
        return Features([p2, p3, p4], scores)

    def frozen(self) -> list[nn.Module]:
        """The parts that fine-tuning leaves alone: stem and first stage."""
        return [self.stem, self.stage2]


def double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def load_nanodet(path: Path) -> NanodetPlus:
    """The trunk with the weights of a NanoDet-Plus-m ONNX file (input BGR, standardised), for RGB of 0 to 255.

    Raises UserError when the file is missing or its convolutions are not those of NanoDet-Plus-m.
    """
    labels = len(COCO)
    trunk = NanodetPlus(labels)
    found = read_convolutions(path)
    boxed = [index for index, (weight, _) in enumerate(found) if weight.shape[:2] == (labels + BOX, WIDTH)]
    for index in boxed:  # a tagger has no boxes: of each head's outputs only the classes are kept
        weight, bias = found[index]
        found[index] = (weight[:labels], bias[:labels])
    shapes = [module.weight.shape for module in trunk.modules() if isinstance(module, nn.Conv2d)]
    found = [
        (grown(weight, shape), grown(bias, shape[:1])) for (weight, bias), shape in zip(found, shapes, strict=False)
    ]
    load_convolutions(trunk, found)
    stem = next(trunk.stem.parameters()).data
    stem.copy_(stem.flip(1) / torch.tensor(STD).view(1, 3, 1, 1))
    return trunk


def grown(values: Tensor, shape: torch.Size) -> Tensor:
    """`values` with zeros behind its channels, up to `shape`, where that is but the room that `aligned` adds."""
    added = [wanted - had for had, wanted in zip(values.shape, shape, strict=False)]
    if values.ndim != len(shape) or any(added[2:]) or not all(0 <= more < LANES for more in added):
        return values
    return F.pad(values, [side for more in reversed(added) for side in (0, more)])
