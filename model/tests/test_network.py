"""What must hold of SGFN whatever its weights."""

import pytest
import timm
import torch
from conftest import make_tagger

from sgfn.backbones import TimmBackbone
from sgfn.cue import Cue, pool_scores
from sgfn.errors import UserError
from sgfn.fam import FeatureAggregation, sine_positions
from sgfn.guidance import GUIDANCE, cheap_weights, elementwise_weights, weights_bytes
from sgfn.label_graph import GraphAttention, LabelSemantics, Semantics, label_graph
from sgfn.nanodet import NanodetPlus, grown, interleave
from sgfn.network import SgfnConfig, Tagger
from sgfn.yolox import YoloxNano


def test_each_label_spreads_one_unit_of_membership_over_the_groups() -> None:
    semantics = make_tagger(labels=7).semantics()
    assert semantics.membership.shape == (7, 3)
    torch.testing.assert_close(semantics.membership.sum(1), torch.ones(7))


def test_guidance_weights_sum_to_one_over_the_positions() -> None:
    features, guides = torch.randn(2, 9, 4), torch.randn(5, 4)
    torch.testing.assert_close(cheap_weights(features, guides).sum(2), torch.ones(2, 5))
    torch.testing.assert_close(elementwise_weights(features, guides).sum(1), torch.ones(2, 5, 4))


def test_guidance_weights_take_the_memory_that_is_stated() -> None:
    with torch.device("meta"):  # the finest layer of TResNet at 448 px: 28 x 28 positions, COCO's labels, d = 512
        features, guides = torch.empty(1, 784, 512), torch.empty(80, 512)
        made = {"cheap": cheap_weights(features, guides), "elementwise": elementwise_weights(features, guides)}
    stated = {name: weights_bytes(name, 784, 80, 512) for name in GUIDANCE}
    assert {name: weights.nbytes for name, weights in made.items()} == stated
    assert stated == {"cheap": 250_880, "elementwise": 128_450_560}


@pytest.mark.parametrize("guidance", sorted(GUIDANCE))
def test_guidance_with_nothing_to_say_is_the_mean_over_positions(guidance: str) -> None:
    features = torch.randn(2, 9, 4)
    gathered = GUIDANCE[guidance](features, torch.zeros(5, 4))
    torch.testing.assert_close(gathered, features.mean(1, keepdim=True).expand(2, 5, 4))


def test_a_closed_gate_leaves_the_map_as_it_was() -> None:
    aggregation, features = FeatureAggregation(16), torch.randn(2, 16, 5, 4)
    assert torch.equal(aggregation(features), features)
    torch.nn.init.ones_(aggregation.gate)
    assert not torch.allclose(aggregation(features), features, atol=1e-2)


def test_a_closed_gate_is_the_network_without_aggregation() -> None:
    gated, plain = make_tagger(), make_tagger(aggregate=False)
    plain.load_state_dict(gated.state_dict(), strict=False)
    torch.nn.init.zeros_(gated.sgfn.aggregation.gate)
    frames = 255 * torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(gated(frames), plain(frames))


def test_every_position_has_its_own_code() -> None:
    codes = sine_positions(13, 13, 128)
    distances = torch.cdist(codes, codes) + torch.eye(169)
    assert distances.min() > 0.1


@pytest.mark.parametrize("guidance", sorted(GUIDANCE))
def test_permuting_the_labels_permutes_the_logits(guidance: str) -> None:
    tagger, permuted = make_tagger(guidance=guidance), make_tagger(guidance=guidance)
    order = torch.tensor([3, 0, 4, 1, 2])
    state = tagger.state_dict()
    for name, value in state.items():
        by_label = "classes" in name or name in {
            "semantics.vectors",
            "semantics.adjacency",
            "sgfn.class_weight",
            "sgfn.class_bias",
            "cue.deviation",
            "cue.bias",
        }
        state[name] = value[order] if by_label else value
    state["semantics.adjacency"] = state["semantics.adjacency"][:, order]
    permuted.load_state_dict(state)
    frames = 255 * torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(permuted(frames), tagger(frames)[:, order], rtol=1e-4, atol=1e-5)


def test_an_untrained_residual_leaves_the_cue_alone() -> None:
    tagger = Tagger(YoloxNano(5), torch.randn(5, 12), torch.eye(5) > 0, SgfnConfig(channels=16), cue=True)
    logits, _, cue = tagger.see(255 * torch.rand(1, 3, 64, 64))
    assert torch.equal(logits, cue)


def test_an_untrained_cue_is_the_log_odds_of_the_largest_score() -> None:
    scores = [torch.tensor([[[0.1, 0.8]]]), torch.tensor([[[0.5]]]), torch.tensor([[[0.2]]])]
    torch.testing.assert_close(Cue(1)(scores), torch.tensor([[0.8]]).logit())


def test_scores_are_pooled_as_maximum_noisy_or_and_maximum_of_each_level() -> None:
    scores = [torch.tensor([[[0.5, 0.5]]]), torch.tensor([[[0.2]]]), torch.tensor([[[0.1]]])]
    noisy_or = 1 - 0.5 * 0.5 * 0.8 * 0.9
    torch.testing.assert_close(pool_scores(scores).sigmoid(), torch.tensor([[[0.5, noisy_or, 0.5, 0.2, 0.1]]]))


def test_a_power_quiets_the_many_cells_of_low_probability_in_the_noisy_or() -> None:
    scores = [torch.full((1, 1, 1000), 0.01), torch.tensor([[[0.6]]])]
    assert pool_scores(scores)[0, 0, 1].sigmoid() > 0.999
    noisy_or = 1 - (1 - 0.01**2) ** 1000 * (1 - 0.6**2)
    torch.testing.assert_close(pool_scores(scores, 2)[0, 0, 1].sigmoid(), torch.tensor(noisy_or), rtol=1e-4, atol=0)


def test_pooling_survives_certainty() -> None:
    scores = [torch.ones(1, 1, 2, requires_grad=True), torch.zeros(1, 1, 2), torch.zeros(1, 1, 2)]
    pooled = pool_scores(scores)
    pooled.sum().backward()
    assert pooled.isfinite().all() and scores[0].grad.isfinite().all()


def test_label_graph_joins_a_label_to_those_it_is_mostly_seen_with() -> None:
    positives = torch.tensor([[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 1]])
    assert label_graph(positives, 0.4).tolist() == [
        [True, False, False],  # 2 of 6 hold label 1, 1 of 6 label 2
        [True, True, False],
        [True, False, True],
    ]


def test_graph_attention_sees_neighbours_only() -> None:
    attention, x = GraphAttention(4, 3), torch.randn(3, 4)
    adjacency = torch.tensor([[1, 1, 0], [0, 1, 0], [0, 0, 1]]) > 0
    before = attention(x, adjacency)
    x[2] += 1
    after = attention(x, adjacency)
    assert torch.equal(before[:2], after[:2]) and not torch.equal(before[2], after[2])
    torch.testing.assert_close(before[1], torch.nn.functional.elu(2 * attention.weight(x[1])))


@pytest.mark.parametrize(("name", "millions"), [("tresnet_m", 31.39), ("tresnet_l", 55.99), ("tresnet_xl", 78.44)])
def test_tresnet_of_timm_is_the_published_one(name: str, millions: float) -> None:
    with torch.device("meta"):
        network = timm.create_model(name, num_classes=1000)
    assert round(sum(parameter.numel() for parameter in network.parameters()) / 1e6, 2) == millions


@pytest.mark.parametrize(
    ("name", "labels", "millions"), [("tresnet_l", 80, 61.0), ("tresnet_l", 20, 60.8), ("tresnet_m", 20, 35.8)]
)
def test_full_size_networks_have_the_computed_number_of_parameters(name: str, labels: int, millions: float) -> None:
    with torch.device("meta"):
        tagger = Tagger(
            TimmBackbone(name), torch.empty(labels, 300), torch.empty(labels, labels) > 0, SgfnConfig(), cue=False
        )
    assert round(sum(parameter.numel() for parameter in tagger.parameters()) / 1e6, 1) == millions


@pytest.mark.parametrize(
    ("name", "channels"), [("tresnet_m", (128, 1024, 2048)), ("mobilenetv3_small_100", (24, 48, 576))]
)
def test_taps_of_a_timm_backbone(name: str, channels: tuple[int, ...]) -> None:
    backbone = TimmBackbone(name).eval()
    taps, scores = backbone(255 * torch.rand(1, 3, 64, 64))
    assert backbone.tap_channels == channels and scores == []
    assert [tuple(tap.shape) for tap in taps] == [(1, c, s, s) for c, s in zip(channels, (8, 4, 2), strict=True)]


def test_tresnet_takes_frames_in_0_to_1_without_mean_and_deviation() -> None:
    backbone = TimmBackbone("tresnet_m")
    assert backbone.mean.flatten().tolist() == [0, 0, 0] and backbone.std.flatten().tolist() == [255, 255, 255]


def test_taps_of_yolox() -> None:
    taps, scores = YoloxNano()(torch.zeros(1, 3, 416, 416))
    assert [tuple(tap.shape) for tap in taps] == [(1, 64, 52, 52), (1, 128, 26, 26), (1, 256, 13, 13)]
    assert [tuple(level.shape) for level in scores] == [(1, 80, 2704), (1, 80, 676), (1, 80, 169)]


def test_taps_of_nanodet() -> None:
    taps, scores = NanodetPlus()(torch.zeros(1, 3, 416, 416))
    assert [tuple(tap.shape) for tap in taps] == [(1, 96, 52, 52), (1, 96, 26, 26), (1, 96, 13, 13)]
    assert [tuple(level.shape) for level in scores] == [(1, 80, 2704), (1, 80, 676), (1, 80, 169), (1, 80, 49)]


def test_channels_are_interleaved() -> None:
    first, second = torch.arange(6.0).view(1, 6, 1, 1).chunk(2, 1)
    assert interleave(first, second).flatten().tolist() == [0, 3, 1, 4, 2, 5]


def test_weights_grow_by_zeros_into_whole_vectors_of_channels_only() -> None:
    weight = torch.ones(24, 3, 3, 3)
    larger = grown(weight, torch.Size((32, 3, 3, 3)))
    assert larger.shape == (32, 3, 3, 3) and larger[:24].eq(1).all() and larger[24:].eq(0).all()
    for other in ((48, 3, 3, 3), (24, 3, 5, 5), (16, 3, 3, 3)):
        assert grown(weight, torch.Size(other)) is weight


def test_a_timm_backbone_trains_without_a_cue() -> None:
    tagger = Tagger(TimmBackbone("tresnet_m"), torch.randn(3, 12), torch.eye(3) > 0, SgfnConfig(channels=16), cue=False)
    logits = tagger(255 * torch.rand(2, 3, 64, 64))
    logits.sum().backward()
    assert logits.shape == (2, 3)
    assert tagger.semantics.local.weight.weight.grad.abs().sum() > 0


def test_a_graph_of_another_label_set_is_refused() -> None:
    with pytest.raises(UserError, match=r"5 word vectors, but a label graph of \(4, 4\)"):
        Tagger(YoloxNano(5), torch.randn(5, 12), torch.eye(4) > 0, SgfnConfig(channels=16), cue=True)


def test_semantics_do_not_depend_on_the_frame() -> None:
    semantics = LabelSemantics(torch.randn(5, 12), torch.eye(5) > 0, 16, 3)()
    assert isinstance(semantics, Semantics)
    assert [tuple(value.shape) for value in semantics] == [(5, 16), (3, 16), (5, 3)]
