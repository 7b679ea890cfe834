"""Feature aggregation: every position of the coarsest grid sees every other (reconstructed; see the model card)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def sine_positions(height: int, width: int, channels: int) -> Tensor:
    """[height * width, channels]: half the channels code the row, half the column, as sines and cosines of wavelengths
    2 pi to 2 pi x 10,000 (arXiv 1706.03762, on each axis)."""
    quarter = channels // 4
    frequencies = torch.exp(-math.log(10_000) * torch.arange(quarter) / quarter)

    def axis(length: int) -> Tensor:
        angles = torch.arange(length).unsqueeze(1) * frequencies
        return torch.cat([angles.sin(), angles.cos()], 1)

    rows = axis(height).unsqueeze(1).expand(-1, width, -1)
    columns = axis(width).unsqueeze(0).expand(height, -1, -1)
    return torch.cat([rows, columns], 2).flatten(0, 1)


class FeatureAggregation(nn.Module):
    """One pre-LN self-attention encoder layer on [N, d, h, w], added through a gate that starts at 0.

    a = x + positions; b = a + Attention(LN a); c = b + MLP(LN b); result x + gate * (c - a). Gate 0 is the identity.
    d must be a multiple of 4 and of `heads`.
    """

    def __init__(self, channels: int, heads: int = 8) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(channels)
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.mix_heads = nn.Linear(channels, channels)
        self.mlp = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 4 * channels), nn.GELU(), nn.Linear(4 * channels, channels)
        )
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        _, channels, height, width = x.shape
        positions = sine_positions(height, width, channels).to(x)
        start = x.flatten(2).transpose(1, 2) + positions
        attended = start + self._attention(self.before_attention(start))
        change = attended + self.mlp(attended) - start
        return x + self.gate * change.transpose(1, 2).unflatten(2, (height, width))

    def _attention(self, tokens: Tensor) -> Tensor:
        query, key, value = self.query_key_value(tokens).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.mix_heads(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))
