import math

import pytest
import torch

from sgfn.label_graph import Semantics
from sgfn.losses import LOSSES, group_loss, weighted_asl, weighted_bce

POSITIVE = torch.tensor([[True, False, False]])


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_an_unknown_label_gives_no_gradient(loss: str) -> None:
    logits = torch.tensor([[0.3, -0.2, 4.0]], requires_grad=True)
    LOSSES[loss](logits, POSITIVE, torch.tensor([[True, True, False]])).backward()
    assert logits.grad is not None
    assert logits.grad[0, 2] == 0 and (logits.grad[0, :2] != 0).all()


def test_bce_is_summed_over_labels_and_averaged_over_frames() -> None:
    known = torch.ones(2, 3, dtype=torch.bool)
    loss = weighted_bce(torch.zeros(2, 3), POSITIVE.expand(2, 3), known)
    assert loss.item() == pytest.approx(3 * math.log(2))


def test_asl_equals_its_formula_and_forgives_easy_negatives() -> None:
    logits = torch.tensor([[0.4, 1.2, -4.0]])
    p = logits.sigmoid()[0].tolist()
    shifted = p[1] - 0.05
    expected = -math.log(p[0]) - shifted**4 * math.log(1 - shifted)  # the third lies below the clip
    assert weighted_asl(logits, POSITIVE, torch.ones(1, 3, dtype=torch.bool)).item() == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_a_target_between_is_both_answers_by_its_share_and_a_weight_scales(loss: str) -> None:
    logits, weight = torch.tensor([[0.4, 1.2, 0.3]]), torch.tensor([[1.0, 0.5, 0.0]])
    held, lacking = (LOSSES[loss](logits, torch.full((1, 3), answer), weight).item() for answer in (1.0, 0.0))
    between = LOSSES[loss](logits, torch.full((1, 3), 0.3), weight).item()
    assert between == pytest.approx(0.3 * held + 0.7 * lacking, rel=1e-5)
    assert LOSSES[loss](logits, torch.full((1, 3), 0.3), 2 * weight).item() == pytest.approx(2 * between, rel=1e-5)


def test_group_loss_is_the_mean_distance_from_the_likeliest_group() -> None:
    local = torch.tensor([[3.0, 4.0], [1.0, 1.0]])
    groups = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    membership = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    assert group_loss(Semantics(local, groups, membership)).item() == pytest.approx(2.5)
