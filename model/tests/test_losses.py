import math

import pytest
import torch

from sgfn.label_graph import Semantics
from sgfn.losses import LOSSES, group_loss, masked_asl, masked_bce

POSITIVE = torch.tensor([[True, False, False]])


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_an_unknown_label_gives_no_gradient(loss: str) -> None:
    logits = torch.tensor([[0.3, -0.2, 4.0]], requires_grad=True)
    LOSSES[loss](logits, POSITIVE, torch.tensor([[True, True, False]])).backward()
    assert logits.grad is not None
    assert logits.grad[0, 2] == 0 and (logits.grad[0, :2] != 0).all()


def test_bce_is_summed_over_labels_and_averaged_over_frames() -> None:
    known = torch.ones(2, 3, dtype=torch.bool)
    loss = masked_bce(torch.zeros(2, 3), POSITIVE.expand(2, 3), known)
    assert loss.item() == pytest.approx(3 * math.log(2))


def test_asl_equals_its_formula_and_forgives_easy_negatives() -> None:
    logits = torch.tensor([[0.4, 1.2, -4.0]])
    p = logits.sigmoid()[0].tolist()
    shifted = p[1] - 0.05
    expected = -math.log(p[0]) - shifted**4 * math.log(1 - shifted)  # the third lies below the clip
    assert masked_asl(logits, POSITIVE, torch.ones(1, 3, dtype=torch.bool)).item() == pytest.approx(expected, rel=1e-5)


def test_group_loss_is_the_mean_distance_from_the_likeliest_group() -> None:
    local = torch.tensor([[3.0, 4.0], [1.0, 1.0]])
    groups = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    membership = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    assert group_loss(Semantics(local, groups, membership)).item() == pytest.approx(2.5)
