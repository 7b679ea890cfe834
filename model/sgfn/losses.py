"""Losses on logits [N, n]: summed over the labels by weight, mean over frames. A label of weight 0 gives no gradient.

target: [N, n], whether a label holds, or how likely that is. weight: [N, n], 0 where it is unknown.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from sgfn.label_graph import Semantics


def weighted_bce(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy."""
    loss = F.binary_cross_entropy_with_logits(logits.float(), target.float(), reduction="none")
    return (weight * loss).sum() / len(logits)


def weighted_asl(
    logits: Tensor, target: Tensor, weight: Tensor, negative: float = 4, positive: float = 0, clip: float = 0.05
) -> Tensor:
    """Asymmetric loss (arXiv 2009.14119): with q = max(p - clip, 0),
    -y (1 - p)^positive log p - (1 - y) q^negative log(1 - q); no gradient through the focal weights."""
    target = target.float()
    probability = logits.float().sigmoid()
    shifted = (probability - clip).clamp(min=0)
    with torch.no_grad():
        present, absent = target * (1 - probability) ** positive, (1 - target) * shifted**negative
    loss = present * probability.clamp(min=1e-8).log() + absent * (1 - shifted).clamp(min=1e-8).log()
    return -(weight * loss).sum() / len(logits)


LOSSES = {"bce": weighted_bce, "asl": weighted_asl}


def group_loss(semantics: Semantics) -> Tensor:
    """Mean distance of each label's e_i from its likeliest group: ||e_i - g_argmax(S_i)||; 0 without groups."""
    if not len(semantics.groups):
        return semantics.local.new_zeros(())
    nearest = semantics.groups[semantics.membership.argmax(1)]
    return (semantics.local - nearest).norm(dim=1).mean()
