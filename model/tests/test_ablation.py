"""The ablation on a dozen drawn photos: its features, its rows, and a table that a killed run goes on to."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sgfn import ablate
from sgfn.ablation import ROWS, CachedBatches, LabelledCache, Row, build, train
from sgfn.ablation_table import Finished, spread, tables
from sgfn.batches import whole_frames
from sgfn.errors import UserError
from sgfn.features import CachedTrunk, FeatureCache, shrink, write_array, write_json
from sgfn.photos import Geometry, Photo
from sgfn.training import Recipe
from sgfn.yolox import YoloxNano

SIZE = 64
LABELS = 5


def photos(folder: Path, count: int = 12) -> list[Photo]:
    generator = np.random.default_rng(0)
    found = []
    for index in range(count):
        path = folder / f"{index}.png"
        Image.fromarray(generator.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)).save(path)
        found.append(Photo(path, "coco" if index % 2 else "voc", "train", frozenset(), frozenset()))
    return found


@pytest.fixture
def trunk() -> YoloxNano:
    torch.manual_seed(0)
    return YoloxNano(LABELS).eval()


@pytest.fixture
def data(tmp_path: Path, trunk: YoloxNano) -> LabelledCache:
    found = photos(tmp_path)
    cache = FeatureCache(tmp_path / "cache")
    cache.fill(trunk, found[0].path, found, SIZE)
    positive = torch.rand(len(found), LABELS) > 0.5
    vectors = torch.randn(LABELS, 12)
    known, learn, held_out = torch.ones_like(positive), list(range(8)), list(range(8, 12))
    return LabelledCache(cache, found, positive, known, vectors, learn, held_out, {"vectors": "1f", "labels": "2e"})


def test_a_cached_trunk_gives_what_the_trunk_sees(data: LabelledCache, trunk: YoloxNano) -> None:
    numbers = torch.tensor([9, 2])
    cached = CachedTrunk(data.cache)(numbers)
    frames = torch.cat(list(whole_frames([data.photos[9], data.photos[2]], Geometry(SIZE, trunk.resize), 2)))
    with torch.no_grad():
        seen = trunk(frames.permute(0, 3, 1, 2).float())
    for tap, expected in zip(cached.taps, seen.taps, strict=True):
        torch.testing.assert_close(tap, shrink(expected), rtol=1e-2, atol=1e-3)
    assert cached.scores[0].shape == (2, LABELS, 5)


def test_a_map_is_shrunk_to_at_most_fourteen_positions_a_side() -> None:
    assert [shrink(torch.rand(1, 2, side, side)).shape[2] for side in (56, 52, 28, 26, 14, 13)] == [
        14,
        13,
        14,
        13,
        14,
        13,
    ]


def test_a_killed_filling_goes_on_to_the_same_features(tmp_path: Path, trunk: YoloxNano) -> None:
    found = photos(tmp_path)
    whole, killed = FeatureCache(tmp_path / "whole"), FeatureCache(tmp_path / "killed")
    whole.fill(trunk, found[0].path, found, SIZE)
    hidden = found[9].path.rename(tmp_path / "hidden")
    with pytest.raises(UserError, match=r"9\.png"):
        killed.fill(trunk, found[0].path, found, SIZE)
    hidden.rename(found[9].path)
    resumed = FeatureCache(tmp_path / "killed")
    resumed.fill(trunk, found[0].path, found, SIZE)
    for one, other in zip([*whole.taps, whole.scores], [*resumed.taps, resumed.scores], strict=True):
        assert np.array_equal(one, other)


def test_a_record_is_written_beside_files_of_like_names(tmp_path: Path) -> None:
    (tmp_path / "lr0.tmp").write_text("another's")
    write_json(tmp_path / "lr0.01", {"done": 1})
    write_json(tmp_path / "lr0.02", {"done": 2})
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found == {"lr0.tmp": "another's", "lr0.01": '{"done": 1}\n', "lr0.02": '{"done": 2}\n'}


def test_features_of_other_photos_are_refused(tmp_path: Path, data: LabelledCache, trunk: YoloxNano) -> None:
    with pytest.raises(UserError, match="another trunk or other photos"):
        FeatureCache(tmp_path / "cache").fill(trunk, data.photos[0].path, data.photos[:3], SIZE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_starts_at_its_cue_and_learns(row: Row, data: LabelledCache, tmp_path: Path) -> None:
    tagger, numbers = build(row, data, list(range(8)), 0), torch.tensor(data.held_out)
    logits, _, cue = tagger.see(numbers)
    assert (cue is None) != row.cue
    if cue is not None:
        assert torch.equal(logits, cue)
    made = train(row, data, 0, Recipe(epochs=1, bf16=False, ema=0), 4, tmp_path / "checkpoint.pt")
    assert made.scores.shape == (4, LABELS) and np.isfinite(made.scores).all()
    assert not np.allclose(made.scores, logits.sigmoid().detach(), atol=1e-6)


def test_rows_differ_in_their_parameters_as_their_names_say(data: LabelledCache) -> None:
    taggers = {row.name: build(row, data, list(range(8)), 0) for row in ROWS}
    sizes = {name: sum(p.numel() for p in tagger.parameters()) for name, tagger in taggers.items()}
    for smaller in ("cue alone", "+ GAP", "+ SGFN, no FAM", "+ SGFN, no groups", "+ SGFN, one layer", "SGFN, no cue"):
        assert sizes[smaller] < sizes["+ SGFN"], smaller
    assert sizes["+ SGFN, d 32"] == sizes["+ SGFN, d 32, element-wise"]
    vectors = taggers["+ SGFN, random vectors"].semantics.vectors
    assert not torch.allclose(vectors, data.vectors)
    assert {row.against for row in ROWS} <= set(taggers)


def test_a_smaller_share_lies_within_a_larger_one_and_takes_as_many_steps(data: LabelledCache) -> None:
    quarter, half = set(data.subset(0.25, 1)), set(data.subset(0.5, 1))
    assert quarter < half < set(data.learn) and len(half) == 4
    lengths = {len(CachedBatches(data, data.subset(share, 1), 2, 100)) for share in (0.25, 0.5, 1)}
    assert lengths == {4}


def test_a_batch_larger_than_the_photos_is_one_line(data: LabelledCache) -> None:
    with pytest.raises(UserError, match="8 photos to learn from are less than a batch of 64"):
        CachedBatches(data, data.learn, 64, 100)


def test_the_command_prints_a_table_and_makes_no_finished_run_again(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["file,set,split,labels,difficult"]
    for index, photo in enumerate(photos(tmp_path, 24)):
        (tmp_path / photo.source).mkdir(exist_ok=True)
        photo.path.rename(tmp_path / photo.source / photo.path.name)
        rows.append(f"{photo.path.name},{photo.source.upper()},{'test' if index > 15 else 'train'},person,")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    for name in ("coco80.txt", "voc20.txt"):
        (tmp_path / name).write_text((shared / "data" / name).read_text())
    command = ["ablate", "--data", f"{tmp_path}", "--trunk", "yolox-nano"]
    command += ["--weights", f"{shared / 'weights' / 'yolox_nano_coco.onnx'}"]
    command += ["--vectors", f"{shared / 'embeddings' / 'coco_glove_word2vec.npy'}", "--cache", f"{tmp_path / 'cache'}"]
    command += ["--rows", "cue alone", "+ SGFN", "--seeds", "0", "--epochs", "1", "--batch", "4", "--test"]
    monkeypatch.setattr(sys, "argv", command)
    ablate.main()
    first = capsys.readouterr().out
    assert "epoch 1/1" in first and "features of 24/24 photos" in first
    assert "dev: 4 COCO photos, 4 VOC photos; 1 seed\n" in first and "test: 4 COCO photos" in first
    assert "| cue alone | 486 | 1.0000 |" in first and "+0.0000 [+0.0000, +0.0000]" in first
    ablate.main()
    second = capsys.readouterr().out
    assert "epoch 1/1" not in second and second.partition("dev: ")[2] == first.partition("dev: ")[2]
    (tmp_path / "labels.csv").write_text("\n".join(rows).replace("person", "cat"))
    ablate.main()
    assert "  cue-alone-0.json: other or untold photos; made anew\n" in capsys.readouterr().out


@pytest.fixture
def finish(
    data: LabelledCache, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[Finished, str]]:
    """Makes a run of one epoch on the data or others, and says what was printed."""

    def call(data: LabelledCache = data, epochs: int = 1) -> tuple[Finished, str]:
        made = ablate.finish(ROWS[0], 0, data, Recipe(epochs=epochs, bf16=False, ema=0), 4, tmp_path / "runs")
        return made, capsys.readouterr().out

    return call


def test_a_finished_run_is_made_anew_for_other_settings_or_data_and_says_so(
    data: LabelledCache, finish: Callable[..., tuple[Finished, str]]
) -> None:
    first, said = finish()
    assert "epoch 1/1" in said and "anew" not in said
    again, said = finish()
    assert not said and np.array_equal(again.scores, first.scores) and again.seconds == first.seconds
    others = replace(data, positive=~data.positive, origin={**data.origin, "labels": "3d"})
    relearnt, said = finish(others)
    assert said.startswith("  cue-alone-0.json: other or untold labels; made anew\n")
    assert "epoch 1/1" in said and not np.array_equal(relearnt.scores, first.scores)
    assert not finish(others)[1]
    assert finish(others, epochs=2)[1].startswith("  cue-alone-0.json: other or untold recipe; made anew\n")


def test_a_run_killed_while_its_scores_are_stored_leaves_no_record_of_them(
    data: LabelledCache, tmp_path: Path, finish: Callable[..., tuple[Finished, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = finish()
    others = replace(data, positive=~data.positive, origin={**data.origin, "labels": "3d"})

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(ablate, "write_json", killed)
        finish(others)
    again, said = finish()
    assert "epoch 1/1" in said and np.array_equal(again.scores, first.scores)


def test_scores_half_written_leave_the_old_ones(tmp_path: Path) -> None:
    write_array(tmp_path / "scores.npy", np.arange(3))
    with pytest.raises(ValueError, match="Object arrays"):
        write_array(tmp_path / "scores.npy", np.array([{}]))
    assert np.load(tmp_path / "scores.npy").tolist() == [0, 1, 2]


def test_a_figure_over_seeds_has_the_deviation_of_a_sample(data: LabelledCache) -> None:
    assert spread(np.array([0.5, 0.7])) == "0.6000 ± 0.1414" and spread(np.array([0.5])) == "0.5000"
    data = replace(data, positive=torch.ones(12, LABELS, dtype=torch.bool), held_out=list(range(12)))
    runs = [Finished(ROWS[0], seed, 1, 1.0, np.ones((12, LABELS))) for seed in (0, 1)]
    told = tables(runs, data, "dev")
    assert told.startswith("dev: 6 COCO photos, 6 VOC photos; 2 seeds, ± standard deviation over seeds\n")
    assert "| 1.0000 ± 0.0000 | 1.0000 ± 0.0000 |" in told


def test_an_unknown_row_is_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"there is no row 'SGFN'; there are: cue alone; \+ GAP; \+ SGFN"):
        ablate.chosen_rows(["SGFN"])
