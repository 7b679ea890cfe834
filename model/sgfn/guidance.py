"""Semantic guidance: each label (or group) vector gathers, from all positions, the channels that answer to it."""

import math
from collections.abc import Callable

from torch import Tensor

Guidance = Callable[[Tensor, Tensor], Tensor]
"""(features [N, P, d], guides [k, d]) to gathered features [N, k, d]."""


def elementwise_weights(features: Tensor, guides: Tensor) -> Tensor:
    """A[p, i, c] = softmax over positions p of f[p, c] e[i, c]; [N, P, k, d], so memory is P n d."""
    return (features.unsqueeze(2) * guides).softmax(1)


def elementwise(features: Tensor, guides: Tensor) -> Tensor:
    """o[i, c] = sum_p A[p, i, c] f[p, c] (arXiv 2106.11596)."""
    return (elementwise_weights(features, guides) * features.unsqueeze(2)).sum(1)


def cheap_weights(features: Tensor, guides: Tensor) -> Tensor:
    """A[p, i] = softmax over positions p of <f_p, e_i> / sqrt(d); as [N, k, P], so memory is P n."""
    return (guides @ features.transpose(1, 2) / math.sqrt(guides.shape[1])).softmax(2)


def cheap(features: Tensor, guides: Tensor) -> Tensor:
    """o_i = sum_p A[p, i] f_p: one weight for all channels of a position."""
    return cheap_weights(features, guides) @ features


def weights_bytes(guidance: str, positions: int, guides: int, channels: int) -> int:
    """Memory of the weights A of one frame and layer in float32: 4 P n, elementwise d times as much."""
    return 4 * positions * guides * (channels if guidance == "elementwise" else 1)


GUIDANCE: dict[str, Guidance] = {"cheap": cheap, "elementwise": elementwise}
