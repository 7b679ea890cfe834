"""Losses on logits [N, n]: summed over the known labels, mean over frames. Unknown labels give no gradient."""

import torch
from torch import Tensor
from torch.nn import functional as F

from sgfn.label_graph import Semantics


def masked_bce(logits: Tensor, positive: Tensor, known: Tensor) -> Tensor:
    """Binary cross-entropy."""
    loss = F.binary_cross_entropy_with_logits(logits.float(), positive.float(), reduction="none")
    return torch.where(known, loss, 0).sum() / len(logits)


def masked_asl(
    logits: Tensor, positive: Tensor, known: Tensor, negative: float = 4, positive_focus: float = 0, clip: float = 0.05
) -> Tensor:
    """Asymmetric loss (arXiv 2009.14119): with q = max(p - clip, 0),
    -y (1 - p)^positive_focus log p - (1 - y) q^negative log(1 - q); no gradient through the focal weights."""
    probability = logits.float().sigmoid()
    shifted = (probability - clip).clamp(min=0)
    with torch.no_grad():
        weight = torch.where(positive, (1 - probability) ** positive_focus, shifted**negative)
    likelihood = torch.where(positive, probability, 1 - shifted).clamp(min=1e-8).log()
    return torch.where(known, -weight * likelihood, 0).sum() / len(logits)


LOSSES = {"bce": masked_bce, "asl": masked_asl}


def group_loss(semantics: Semantics) -> Tensor:
    """Mean distance of each label's e_i from its likeliest group: ||e_i - g_argmax(S_i)||; 0 without groups."""
    if not len(semantics.groups):
        return semantics.local.new_zeros(())
    nearest = semantics.groups[semantics.membership.argmax(1)]
    return (semantics.local - nearest).norm(dim=1).mean()
