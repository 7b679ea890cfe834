"""The shipped package, and the figures it may quote."""

import contextlib
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import Reached, make_tagger

from sgfn.errors import UserError
from sgfn.evaluate import Labelled, report, row
from sgfn.files import replacing, replacing_folder
from sgfn.golden import golden_frames, read_golden, write_golden
from sgfn.nanodet import MEAN, STD, load_nanodet
from sgfn.package import require_free
from sgfn.packages import Package, read_package
from sgfn.photos import Geometry, Photo, label_names, read_names, read_photo, read_photos, split_dev, squash
from sgfn.runtime import OnnxTagger, open_session
from sgfn.taggers import load_trunk
from sgfn.yolox import load_yolox


def test_golden_scores_are_reproduced(package: Path) -> None:
    frames, expected, tolerance = read_golden(package / "golden", 416)
    assert tolerance == 1e-4 and expected.shape == (len(frames), 80)
    np.testing.assert_allclose(OnnxTagger(package / "model.onnx")(frames), expected, atol=tolerance)


def test_golden_frames_are_those_of_the_recipe(package: Path) -> None:
    assert np.array_equal(read_golden(package / "golden", 416)[0], golden_frames(416))


def test_golden_scores_that_are_no_numbers_are_not_written(tmp_path: Path) -> None:
    tagger = make_tagger()
    torch.nn.init.constant_(tagger.sgfn.class_bias, torch.nan)
    with pytest.raises(UserError, match=r"^scores of golden frames are no numbers: the weights are broken"):
        write_golden(tagger, tmp_path / "golden", 64)
    assert not (tmp_path / "golden").exists()


def test_the_manifest_describes_the_files_beside_it(package: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_text())
    model = (package / "model.onnx").read_bytes()
    assert manifest["files"]["fp32"]["sha256"] == hashlib.sha256(model).hexdigest()
    assert len(model) < 10e6
    assert manifest["name"] == package.name
    assert len(manifest["labels"]) == 80
    assert all(0.4 <= label["enter"] <= 0.9 and label["exit"] < label["enter"] for label in manifest["labels"])


def test_every_figure_of_the_manifest_stands_in_the_card(package: Path) -> None:
    card = (package / "README.md").read_text()
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in card.splitlines()]
    metrics = json.loads((package / "manifest.json").read_text())["metrics"]
    told = []
    for head in [number for number, line in enumerate(lines) if line[1:2] == ["mAP"]]:
        source, labels = (lines[head][0].split(", ")[place] for place in (0, 2))
        row = next(line for line in lines[head:] if line[0] == "cue + SGFN")
        columns = zip(lines[head][1:], row[1:], strict=True)
        told += [(name, f"{source.lower()}-test ({labels})", value) for name, value in columns]
    assert told == [(metric["name"], metric["set"], f"{metric['value']:.3f}") for metric in metrics] and len(told) == 10
    assert all(metric["command"] in card for metric in metrics)


def test_a_package_is_read_as_its_manifest_describes_it(tmp_path: Path) -> None:
    manifest = {
        "files": {"fp32": {"path": "tiny.onnx"}},
        "input": {"width": 64, "resize": "squash", "interpolation": "bicubic"},
        "labels": [{"name": "sofa", "enter": 0.7}, {"name": "gate"}],
        "smoothing": {"enter": 0.5},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    geometry = Geometry(64, "squash", "bicubic")
    assert read_package(tmp_path) == Package(tmp_path / "tiny.onnx", ["sofa", "gate"], [0.7, 0.5], geometry)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"height": 32}, "frames of 64 x 32 px, and only square ones are made here"),
        ({"interpolation": "area"}, "scales photos by area, and only bilinear and bicubic are known"),
    ],
)
def test_frames_that_are_not_made_here_are_refused(stated: dict[str, object], message: str, tmp_path: Path) -> None:
    manifest = {
        "files": {"fp32": {"path": "tiny.onnx"}},
        "input": {"width": 64, "resize": "squash", "interpolation": "bilinear", **stated},
        "labels": [{"name": "gate", "enter": 0.5}],
        "smoothing": {"enter": 0.5},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match=message):
        read_package(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"manifest '.*manifest\.json' cannot be read: .*\. Make the package again"),
        ("[]", r"manifest '.*manifest\.json' cannot be read: .*\. Make the package again"),
        ('{"input": {}}', r"manifest '.*manifest\.json' lacks 'files': make the package again with sgfn\.package"),
        (None, r"^package '.*' holds no manifest\.json$"),
    ],
)
def test_a_folder_that_is_no_package_is_one_line(text: str | None, message: str, tmp_path: Path) -> None:
    if text:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match=message):
        read_package(tmp_path)


def test_labels_are_cocos_in_order(package: Path, shared: Path) -> None:
    labels = [label["name"] for label in json.loads((package / "manifest.json").read_text())["labels"]]
    assert labels == read_names(shared / "data" / "coco80.txt") == label_names("coco80")
    assert read_names(shared / "data" / "voc20.txt") == label_names("voc20")


def test_yolox_scores_as_the_published_detector(shared: Path) -> None:
    path = shared / "weights" / "yolox_nano_coco.onnx"
    frames = torch.from_numpy(golden_frames(416)[:1].astype(np.float32)).permute(0, 3, 1, 2)
    published = open_session(path.read_bytes()).run(None, {"images": frames.flip(1).numpy()})[0][0]
    with torch.no_grad():
        scores = torch.cat(load_yolox(path).eval()(frames).scores, 2)[0].T
    np.testing.assert_allclose(scores, published[:, 4:5] * published[:, 5:], atol=1e-5)


def test_nanodet_scores_photos_as_the_published_detector(shared: Path) -> None:
    path = shared / "weights" / "nanodet_plus_m_416_coco.onnx"
    photos = split_dev(read_photos(shared / "data"))[1][::400]
    frames = np.stack([squash(read_photo(photo.path), 416) for photo in photos]).astype(np.float32)
    standardised = (frames - np.float32(MEAN)) / np.float32(STD)
    bgr = np.ascontiguousarray(standardised[..., ::-1].transpose(0, 3, 1, 2))
    published = open_session(path.read_bytes()).run(None, {"data": bgr})[0][..., :80]
    with torch.no_grad():
        scores = torch.cat(load_nanodet(path).eval()(torch.from_numpy(frames).permute(0, 3, 1, 2)).scores, 2)
    assert published.max(1).max() > 0.5
    np.testing.assert_allclose(scores.transpose(1, 2), published, atol=1e-5)


@pytest.mark.parametrize(
    ("trunk", "file", "message"),
    [
        ("nanodet-plus-m", "yolox_nano_coco", r"is not nanodet-plus-m \(.*\): give its file, or `--trunk yolox-nano`$"),
        (
            "yolox-nano",
            "nanodet_plus_m_416_coco",
            r"not yolox-nano \(.*\): give its file, or `--trunk nanodet-plus-m`$",
        ),
        ("yolox-nano", "mobilenetv2_1.0_features", r"features\.onnx' is not yolox-nano \(.*\): give its file$"),
        ("nanodet-plus-m", "mobilenetv2_1.0_features", r"is not nanodet-plus-m \(.*\): give its file$"),
        ("nanodet-plus-m", "nothing", r"^model '.*nothing\.onnx' does not exist$"),
    ],
)
def test_the_weights_of_another_network_are_refused_with_the_trunk_they_are_of(
    trunk: str, file: str, message: str, shared: Path
) -> None:
    with pytest.raises(UserError, match=message):
        load_trunk(trunk, shared / "weights" / f"{file}.onnx")


@pytest.mark.parametrize("source", ["coco", "voc"])
def test_the_manifests_figures_are_those_of_its_model_on_the_test_photos(
    source: str, package: Path, reached: dict[str, Reached]
) -> None:
    manifest = json.loads((package / "manifest.json").read_text())
    stated = [metric["value"] for metric in manifest["metrics"] if metric["set"].startswith(source)]
    enter = np.array([label["enter"] for label in manifest["labels"]])
    found = row("SGFN", reached[source].scores, reached[source].test, enter)
    figures = [found.mean_ap, found.cf1_at_half, found.of1_at_half, found.cf1, found.of1]
    np.testing.assert_allclose(figures, stated, atol=2e-3)


def test_how_far_sgfn_moves_the_scores_of_the_cue_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    cue = np.linspace(0.1, 0.9, 12, dtype=np.float32).reshape(12, 1)
    odds = cue / (1 - cue) * np.exp(np.resize([0.5, -0.5], (12, 1)))
    labelled = Labelled([Photo(Path("a.jpg"), "coco", "test", frozenset(), frozenset())] * 12, cue > 0.4, cue > 0)
    report(labelled, "test", {"cue alone": cue, "cue + SGFN": odds / (1 + odds)}, np.array([0.5]))
    told = capsys.readouterr().out.splitlines()[-1]
    assert told == "  SGFN moves log-odds by 0.500 at most, with a standard deviation of 0.5222"  # of a sample of 12


def test_the_card_gives_each_labels_ap_and_threshold_as_the_manifest_and_the_figures_do(package: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_text())
    rows = [line.strip("| \n").split(" | ") for line in (package / "README.md").read_text().splitlines()]
    rows = [row for row in rows if len(row) == 6 and row[1].isdigit() and row[3].isdigit()]
    stated = [(row[0], float(row[5])) for row in rows]
    assert stated == [(label["name"], label["enter"]) for label in manifest["labels"]]
    for column, source in ((2, "coco"), (4, "voc")):
        mean_ap = np.mean([float(row[column]) for row in rows if row[column] != "-"])
        figure = next(m["value"] for m in manifest["metrics"] if m["name"] == "mAP" and m["set"].startswith(source))
        assert mean_ap == pytest.approx(figure, abs=5e-4)


@pytest.mark.parametrize(
    ("manifest", "refused"),
    [
        ({"name": "p", "version": "1.0.0", "sha256": "other"}, "p 1.0.0"),
        ({"name": "q", "version": "0.9.0", "sha256": "other"}, "q 0.9.0"),
        ({}, "what cannot be read as a package"),
        ({"name": "p", "version": "0.9.0", "sha256": "other"}, None),
        ({"name": "p", "version": "1.0.0", "sha256": hashlib.sha256(b"model").hexdigest()}, None),
        (None, None),
    ],
)
def test_only_the_same_model_or_another_version_is_replaced_untold(
    manifest: dict[str, str] | None, refused: str | None, tmp_path: Path
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "model.onnx").write_bytes(b"model")
    if manifest is not None:
        manifest |= {"files": {"fp32": {"sha256": manifest.get("sha256")}}}
        (tmp_path / "p/manifest.json").write_text(json.dumps(manifest))
    expected = pytest.raises(UserError, match=f"/p' holds another model, {refused}: .* or --replace$")
    with expected if refused else contextlib.nullcontext():
        require_free(tmp_path / "p", "1.0.0", tmp_path / "model.onnx")


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_replaced_whole_with_what_else_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / "p/golden").mkdir(parents=True)
    for name in ("README.md", "model", "golden/frames"):
        (tmp_path / "p" / name).write_text("old")
    old = contents(tmp_path)
    with pytest.raises(KeyboardInterrupt), replacing_folder(tmp_path / "p") as unfinished:
        (unfinished / "model").write_text("half")
        raise KeyboardInterrupt
    assert contents(tmp_path) == old
    with replacing_folder(tmp_path / "p") as unfinished:
        (unfinished / "golden").mkdir()
        (unfinished / "golden/scores").write_text("new")
        (unfinished / "model").write_text("new")
        assert contents(tmp_path / "p") == {name.removeprefix("p/"): text for name, text in old.items()}
    assert contents(tmp_path) == {"p/README.md": "old", "p/golden/scores": "new", "p/model": "new"}


def test_a_kill_between_the_renames_of_a_folder_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / ".p.old").mkdir()
    (tmp_path / ".p.old/card").write_text("old")
    with replacing_folder(tmp_path / "p") as unfinished:
        assert (tmp_path / "p/card").read_text() == "old"
        (unfinished / "model").write_text("new")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["card", "model", "p"]


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old")
    with pytest.raises(OSError, match="full"), replacing(tmp_path / "a.json") as unfinished:
        unfinished.write_text("half")
        raise OSError("full")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.json", "old")]
