"""YOLOX-nano as a backbone: CSPDarknet, PAFPN and the class and objectness branches of its head.

Structure after the published ONNX graph (arXiv 2107.08430, Apache-2.0), batch normalisation already folded into the
convolutions. Modules are declared in the graph's execution order, so weights load by position; shapes are checked.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sgfn.backbones import COCO, Backbone, Features
from sgfn.errors import UserError
from sgfn.weights import load_convolutions, read_convolutions


def conv(channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Same-size convolution, then SiLU."""
    return nn.Sequential(nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, groups=groups), nn.SiLU())


def separable(channels_in: int, channels_out: int, stride: int = 1) -> nn.Sequential:
    """A 3 x 3 depthwise convolution, then a pointwise one."""
    return nn.Sequential(conv(channels_in, channels_in, 3, stride, groups=channels_in), conv(channels_in, channels_out))


class Bottleneck(nn.Module):
    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.shortcut = shortcut
        self.body = nn.Sequential(conv(channels, channels), separable(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.shortcut else self.body(x)


class CspLayer(nn.Module):
    """Half the channels go through `depth` bottlenecks, half around them."""

    def __init__(self, channels_in: int, channels_out: int, depth: int, shortcut: bool) -> None:
        super().__init__()
        half = channels_out // 2
        self.through = conv(channels_in, half)
        self.around = conv(channels_in, half)
        self.body = nn.Sequential(*(Bottleneck(half, shortcut) for _ in range(depth)))
        self.merge = conv(2 * half, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(torch.cat([self.body(self.through(x)), self.around(x)], 1))


class SpatialPyramid(nn.Module):
    """Max pooling over 5, 9 and 13 cells beside the map itself."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = conv(channels, channels // 2)
        self.merge = conv(2 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x)
        return self.merge(torch.cat([x, *(F.max_pool2d(x, size, 1, size // 2) for size in (5, 9, 13))], 1))


class ScoreHead(nn.Module):
    """Class and objectness scores of one level: [N, C, h, w] to probabilities [N, n, h * w]."""

    def __init__(self, channels: int, labels: int) -> None:
        super().__init__()
        width = 64
        self.stem = conv(channels, width)
        self.class_branch = nn.Sequential(separable(width, width), separable(width, width))
        self.classes = nn.Conv2d(width, labels, 1)
        self.object_branch = nn.Sequential(separable(width, width), separable(width, width))
        self.objectness = nn.Conv2d(width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        classes = self.classes(self.class_branch(x)).float().sigmoid()
        return (classes * self.objectness(self.object_branch(x)).float().sigmoid()).flatten(2)


class YoloxNano(Backbone):
    """Taps: the PAFPN outputs, 64 x 52^2, 128 x 26^2, 256 x 13^2 at 416 px; scores on the same three grids."""

    tap_channels = (64, 128, 256)
    classes = COCO
    levels = 3

    def __init__(self, labels: int = len(COCO)) -> None:
        super().__init__()
        # The Focus stem (2 x 2 pixels to channels, then 3 x 3) is one 6 x 6 convolution of stride 2.
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 6, 2, 2), nn.SiLU())
        self.stage1 = nn.Sequential(separable(16, 32, 2), CspLayer(32, 32, 1, True))
        self.stage2 = nn.Sequential(separable(32, 64, 2), CspLayer(64, 64, 3, True))
        self.stage3 = nn.Sequential(separable(64, 128, 2), CspLayer(128, 128, 3, True))
        self.stage4 = nn.Sequential(separable(128, 256, 2), SpatialPyramid(256), CspLayer(256, 256, 1, False))
        self.reduce4 = conv(256, 128)
        self.down3 = CspLayer(256, 128, 1, False)
        self.reduce3 = conv(128, 64)
        self.down2 = CspLayer(128, 64, 1, False)
        self.stride2 = separable(64, 64, 2)
        self.up3 = CspLayer(128, 128, 1, False)
        self.stride3 = separable(128, 128, 2)
        self.up4 = CspLayer(256, 256, 1, False)
        self.heads = nn.ModuleList(ScoreHead(channels, labels) for channels in self.tap_channels)

    def forward(self, frames: Tensor) -> Features:
        c2 = self.stage2(self.stage1(self.stem(frames)))
        c3 = self.stage3(c2)
        reduced4 = self.reduce4(self.stage4(c3))
        reduced3 = self.reduce3(self.down3(torch.cat([F.interpolate(reduced4, scale_factor=2.0), c3], 1)))
        p2 = self.down2(torch.cat([F.interpolate(reduced3, scale_factor=2.0), c2], 1))
        p3 = self.up3(torch.cat([self.stride2(p2), reduced3], 1))
        p4 = self.up4(torch.cat([self.stride3(p3), reduced4], 1))
        taps = [p2, p3, p4]
        return Features(taps, [head(tap) for head, tap in zip(self.heads, taps, strict=True)])

    def frozen(self) -> list[nn.Module]:
        """The parts that fine-tuning leaves alone: stem and first stage."""
        return [self.stem, self.stage1]


def load_yolox(path: Path) -> YoloxNano:
    """The trunk with the weights of a YOLOX-nano ONNX file (input BGR, 0 to 255), turned to RGB.

    Raises UserError when the file is missing or its convolutions are not those of YOLOX-nano.
    """
    trunk = YoloxNano()
    found = read_convolutions(path, without="reg_preds")  # box regression: a tagger has no boxes
    found[0] = (unfocus(found[0][0]), found[0][1])
    load_convolutions(trunk, found)
    return trunk


def unfocus(weight: Tensor) -> Tensor:
    """The Focus stem's kernel [16, 12, 3, 3] on BGR as the equal kernel [16, 3, 6, 6] of stride 2 on RGB.

    The twelve channels are four groups of B, G, R, one per pixel of a 2 x 2 block, columns first: top-left,
    bottom-left, top-right, bottom-right. Flipping the channels inside each group makes it RGB.
    """
    if weight.shape[1:] != (12, 3, 3):
        raise UserError(f"the stem has shape {tuple(weight.shape)}, not a Focus stem's [16, 12, 3, 3]")
    groups = weight.unflatten(1, (2, 2, 3)).flip(3)  # [out, column, row, RGB, y, x]
    return groups.permute(0, 3, 4, 2, 5, 1).reshape(-1, 3, 6, 6)
