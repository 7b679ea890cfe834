"""A detector's class is the cue of the label of its name, wherever the list has that label."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sgfn.backbones import COCO
from sgfn.configuration import Labels, read_configuration
from sgfn.cue import UNKNOWN_LOG_ODDS, classes_of
from sgfn.data import read_data
from sgfn.evaluate import DetectorTagger
from sgfn.export import export_onnx
from sgfn.network import Tagger
from sgfn.photos import label_names, label_spellings, read_vectors
from sgfn.runtime import OnnxTagger
from sgfn.taggers import RANDOM, build_tagger, build_trunk, join, without_cue

SIZE = 64
FRAMES = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), dtype=np.uint8)
OTHER_LISTS = [sorted(COCO), label_spellings("voc20"), ["sofa", "gate", "person"]]


def tagger_of(names: list[str], trunk: str, folder: Path) -> Tagger:
    """Untrained, on an untrained detector that is the same for every list."""
    (folder / "labels.txt").write_text("\n".join(names))
    configuration = replace(read_configuration("sgfn-nano-coco80"), labels=Labels(str(folder / "labels.txt")))
    torch.manual_seed(0)
    detector = build_trunk(trunk, RANDOM)
    return join(configuration, detector, torch.randn(len(names), 12), torch.eye(len(names)) > 0).eval()


def scores_of(tagger: Tagger) -> torch.Tensor:
    with torch.no_grad():
        return tagger(torch.from_numpy(FRAMES).permute(0, 3, 1, 2).float())


def columns_of(names: list[str], folder: Path) -> list[tuple[int, int]]:
    """Where the list and COCO's have the same label."""
    spelt = label_names(str(folder / "labels.txt"))
    return [(own, COCO.index(name)) for own, name in enumerate(spelt) if name in COCO]


@pytest.mark.parametrize("trunk", ["nanodet-plus-m", "yolox-nano"])
@pytest.mark.parametrize("names", OTHER_LISTS)
def test_a_label_scores_the_same_in_every_list(trunk: str, names: list[str], tmp_path: Path) -> None:
    expected = scores_of(tagger_of(COCO, trunk, tmp_path))
    assert len(set(expected[0].tolist())) == len(COCO)
    found = scores_of(tagger_of(names, trunk, tmp_path))
    own, cocos = zip(*columns_of(names, tmp_path), strict=True)
    assert len(own) == len(names) - ("gate" in names)
    assert torch.equal(found[:, own], expected[:, cocos])


def test_a_label_scores_the_same_in_every_list_once_exported(tmp_path: Path) -> None:
    exported = []
    for names in (COCO, *OTHER_LISTS):
        path = tmp_path / "model.onnx"
        export_onnx(tagger_of(names, "nanodet-plus-m", tmp_path), path, SIZE, SIZE)
        exported.append((OnnxTagger(path)(FRAMES), columns_of(names, tmp_path)))
    (expected, _), *others = exported
    for found, columns in others:
        own, cocos = zip(*columns, strict=True)
        assert np.array_equal(found[:, own], expected[:, cocos])


def test_no_frame_changes_the_scores_of_another_under_cheap_guidance(tmp_path: Path) -> None:
    tagger = tagger_of(["sofa", "gate", "person"], "nanodet-plus-m", tmp_path)
    torch.nn.init.normal_(tagger.cue.deviation)
    torch.nn.init.normal_(tagger.sgfn.class_weight)
    torch.nn.init.ones_(tagger.sgfn.aggregation.gate)
    export_onnx(tagger, tmp_path / "model.onnx", SIZE, SIZE)
    exported = OnnxTagger(tmp_path / "model.onnx")
    frames = np.random.default_rng(1).integers(0, 256, (4, SIZE, SIZE, 3), dtype=np.uint8)
    assert np.array_equal(exported(frames), np.concatenate([exported(frame[None]) for frame in frames]))


def test_cocos_own_list_costs_the_graph_nothing() -> None:
    assert classes_of(label_names("coco80"), COCO) is None


def test_a_label_that_the_detector_does_not_know_has_a_constant_cue_and_is_named(tmp_path: Path) -> None:
    names = ["sofa", "gate", "person"]
    tagger = tagger_of(names, "nanodet-plus-m", tmp_path)
    assert scores_of(tagger)[:, 1].tolist() == pytest.approx([UNKNOWN_LOG_ODDS] * 2)
    assert without_cue(tagger, names) == ["gate"]
    assert without_cue(tagger_of(COCO, "nanodet-plus-m", tmp_path), COCO) == []


def test_a_label_without_a_cue_is_learnt_by_sgfn(tmp_path: Path) -> None:
    tagger = tagger_of(["gate", "person"], "nanodet-plus-m", tmp_path).train()
    tagger(torch.from_numpy(FRAMES).permute(0, 3, 1, 2).float())[:, 0].sum().backward()
    assert tagger.sgfn.class_weight.grad is not None and tagger.sgfn.class_weight.grad[0].abs().sum() > 0
    assert tagger.cue is not None and tagger.cue.deviation.grad is not None and not tagger.cue.deviation.grad[0].any()


def test_the_untouched_detector_scores_labels_by_name_too(shared: Path) -> None:
    weights = shared / "weights" / "nanodet_plus_m_416_coco.onnx"
    expected = DetectorTagger("nanodet-plus-m", weights, COCO)(FRAMES)
    found = DetectorTagger("nanodet-plus-m", weights, ["tvmonitor", "gate", "person"])(FRAMES)
    assert np.array_equal(found[:, [0, 2]], expected[:, [COCO.index("tv"), 0]]) and not found[:, 1].any()


def test_the_vectors_of_voc_are_alphabetical_in_its_own_spelling(shared: Path) -> None:
    rows = {}
    for name in ("coco", "voc"):
        path = shared / "embeddings" / f"{name}_glove_word2vec.npy"
        spellings = label_spellings({"coco": "coco80", "voc": "voc20"}[name])
        rows[name] = dict(zip(spellings, read_vectors(path, spellings), strict=True))
    for label in ("cow", "dog", "horse", "person", "sheep", "train"):
        assert torch.equal(rows["voc"][label], rows["coco"][label])


def test_voc20_is_built_on_a_detector(shared: Path) -> None:
    configuration = replace(read_configuration("sgfn-nano-coco80"), labels=Labels("voc20"))
    vectors = shared / "embeddings" / "voc_glove_word2vec.npy"
    tagger = build_tagger(configuration, read_data(shared / "data"), RANDOM, vectors)
    assert scores_of(tagger.eval()).shape == (2, 20) and without_cue(tagger, label_names("voc20")) == []
