"""Command: a package, with model.onnx, manifest.json and golden frames; thresholds come from dev photos.

It is made beside the folder and takes its place at the end, in one step. The model card, README.md, is written by hand
and kept. Every figure of the manifest is recomputed from the exported model.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sgfn.checkpoints import learnt_photos
from sgfn.commands import command
from sgfn.configuration import DEFAULT, Configuration
from sgfn.errors import UserError, run
from sgfn.evaluate import BATCH, SOURCES, Labelled, Row, read_all_labelled, read_counted, row, score_alone
from sgfn.export import export_onnx
from sgfn.files import replacing_folder
from sgfn.golden import write_golden
from sgfn.network import Tagger
from sgfn.nothing import drawn_scenes, parts_of
from sgfn.photos import Geometry, Photo, fingerprint, label_names, split_dev
from sgfn.runtime import OnnxTagger
from sgfn.taggers import add_trunk_arguments, chosen_configuration, geometry, read_trained, untrained
from sgfn.thresholds import Thresholds, choose_thresholds

SHIPPED = Path("model") / DEFAULT
EVALUATE = "model/.venv/bin/python -m sgfn.evaluate --data PATH{package}"
DETECTOR = "{trunk} trunk (COCO train2017, 118,000 photos) fine-tuned"
CLASSIFIER = "{trunk} trunk (weights of that name in timm, licence {licence}) fine-tuned"
TRAINED_ON = (
    " on {coco:,} photos annotated as COCO's and {voc:,} as PASCAL VOC's, and averaged with the original: {share:.0%} "
    "fine-tuned{runs}."
)


def manifest(
    model: Path,
    name: str,
    version: str,
    licence: str,
    geometry: Geometry,
    labels: list[str],
    thresholds: Thresholds,
    rows: list[Row],
    evaluate: str,
    trained_on: str,
) -> dict[str, Any]:
    """The manifest of a package of that name, whose `model` is written. evaluate: the command that finds the rows."""
    return {
        "schema": 1,
        "name": name,
        "version": version,
        "licence": licence,
        "files": {"fp32": {"path": model.name, "sha256": sha256(model)}},
        "input": {
            "width": geometry.size,
            "height": geometry.size,
            "resize": geometry.resize,
            "align": "top-left",
            "pad": 114,
            "interpolation": geometry.interpolation,
            "matrix": "auto",
            "range": "full",
        },
        "labels": [
            {"name": name, "enter": enter, "exit": exit}
            for name, enter, exit in zip(labels, thresholds.enter, thresholds.exit, strict=True)
        ],
        "fps": 5,
        "smoothing": {
            "halfLifeMs": 200,
            "minOnMs": 400,
            "minOffMs": 1500,
            "gapToleranceMs": 3000,
            "enter": thresholds.global_enter,
            "exit": thresholds.global_exit,
        },
        "trainedOn": trained_on,
        "metrics": [metric for reached in rows for metric in metrics(reached, evaluate)],
    }


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def require_free(package: Path, version: str, model: Path) -> None:
    """Raises UserError when the folder holds a package that is neither of this model nor another version of it."""
    path = package / "manifest.json"
    if not path.is_file():
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        name, other, digest = found["name"], found["version"], found["files"]["fp32"]["sha256"]
    except (KeyError, TypeError, ValueError):
        name, other, digest = "what cannot be read as a package", "", ""
    if digest != sha256(model) and (name != package.resolve().name or other == version):
        raise UserError(
            f"{str(package)!r} holds another model, {f'{name} {other}'.rstrip()}: give another folder with --package, "
            "another `version` in the configuration, or --replace"
        )


def metrics(reached: Row, evaluate: str) -> list[dict[str, Any]]:
    """evaluate: the command that finds these figures."""
    figures = {
        "mAP": reached.mean_ap,
        "CF1 at 0.5": reached.cf1_at_half,
        "OF1 at 0.5": reached.of1_at_half,
        "CF1 at enter": reached.cf1,
        "OF1 at enter": reached.of1,
    }
    where = f"{reached.source}-test ({reached.labels} labels)"
    return [
        {"name": name, "value": round(value, 5), "set": where, "command": evaluate} for name, value in figures.items()
    ]


def dev_thresholds(dev: list[Labelled], model: Path, geometry: Geometry) -> Thresholds:
    """Thresholds from the model file's scores on all dev photos, on a small part of each (of the labels that its photo
    lacks) and on half as many drawn frames of nothing. Without those, labels that are rare in photos would be let in at
    scores that a camera's empty scene reaches too.
    """
    tagger = OnnxTagger(model)
    labels = dev[0].known.shape[1]
    empty = [parts_of(labelled, 1) for labelled in dev]
    empty.append(drawn_scenes(sum(len(labelled.photos) for labelled in dev) // 2, labels, "dev"))
    absent = np.concatenate([scenes.absent for scenes in empty])
    scores = [score_alone(tagger, labelled.photos, geometry) for labelled in dev]
    scores += [scenes.score(tagger, geometry, BATCH) for scenes in empty]
    return choose_thresholds(
        np.concatenate(scores),
        np.concatenate([*(labelled.positive for labelled in dev), np.zeros_like(absent)]),
        np.concatenate([*(labelled.known for labelled in dev), absent]),
    )


def trained_on(tagger: Tagger, trunk: str, photos: list[Photo], share: float, runs: int) -> str:
    counts = {source: sum(photo.source == source for photo in photos) for source in SOURCES}
    licence = tagger.backbone.preprocessing().get("license")
    return ((CLASSIFIER if tagger.cue is None else DETECTOR) + TRAINED_ON).format(
        trunk=trunk, licence=licence, share=share, runs=f"; the mean of {runs} runs" if runs > 1 else "", **counts
    )


def licence(configuration: Configuration, tagger: Tagger) -> str:
    """Of the package: the configuration's, else that of the trunk's weights as timm records it, else Apache-2.0, which
    both detectors are under."""
    return configuration.licence or tagger.backbone.preprocessing().get("license") or "Apache-2.0"


def require_learnt(checkpoints: Sequence[Path], learn: list[Photo], dev: list[Photo], held_out: bool) -> None:
    """Raises UserError for a checkpoint that learnt other photos than the package is to say: `learn`, and `dev` when
    the thresholds come from a model that was held out of them. Checkpoints that do not tell are taken."""
    alone, all_photos = fingerprint(learn), fingerprint(learn + dev)
    for checkpoint in checkpoints:
        learnt = learnt_photos(checkpoint)
        if learnt in (None, all_photos if held_out else alone):
            continue
        if learnt == all_photos:
            raise UserError(
                f"{checkpoint} was trained --with-dev, and photos it learnt from give no thresholds: give "
                "--held-out-model, the model.onnx of a training without"
            )
        if learnt == alone:
            raise UserError(
                f"{checkpoint} was trained without --with-dev, so its own dev scores give the thresholds: leave "
                "--held-out-model out"
            )
        raise UserError(
            f"{checkpoint} was trained on other photos than --data holds: give --data and --without as in its training"
        )


def main() -> None:
    parser = command("package", __doc__)
    add_trunk_arguments(parser)
    parser.add_argument(
        "--share", type=float, metavar="X", help="of the fine-tuned trunk in the average (default: the configuration's)"
    )
    parser.add_argument(
        "--package", type=Path, metavar="FOLDER", help="to write (default: model/ and the configuration's name)"
    )
    parser.add_argument(
        "--replace", action="store_true", help="another model of that name and version that the folder holds"
    )
    parser.add_argument(
        "--held-out-model",
        type=Path,
        metavar="FILE",
        help="after training --with-dev: the model.onnx trained without, whose dev scores set the thresholds",
    )
    options = parser.parse_args()

    torch.set_num_threads(1)
    configuration = chosen_configuration(options)
    data, tagger = untrained(configuration, options)
    share = configuration.trunk.share if options.share is None else options.share
    tagger = read_trained(tagger, options.checkpoint, share, configuration)
    learnt, dev = split_dev(data.photos)
    require_learnt(options.checkpoint, learnt, dev, options.held_out_model is not None)
    labels, sizes = label_names(configuration.labels.names), geometry(tagger, configuration)
    tests = read_counted(data, "test", labels)
    package = options.package or Path("model") / configuration.name
    with replacing_folder(package) as unfinished:
        model = unfinished / "model.onnx"
        export_onnx(tagger, model, sizes.size, sizes.size)
        if not options.replace:
            require_free(package, configuration.version, model)
        write_golden(tagger, unfinished / "golden", sizes.size)
        thresholds = dev_thresholds(read_all_labelled(data, "dev", labels), options.held_out_model or model, sizes)
        if options.held_out_model:
            learnt += dev
        enter = np.array(thresholds.enter)
        rows = [row("SGFN", score_alone(OnnxTagger(model), test.photos, sizes), test, enter) for test in tests]
        sources = trained_on(tagger, configuration.trunk.name, learnt, share, len(options.checkpoint))
        described = manifest(
            model,
            package.resolve().name,
            configuration.version,
            licence(configuration, tagger),
            sizes,
            labels,
            thresholds,
            rows,
            EVALUATE.format(package="" if package == SHIPPED else f" --package {package}"),
            sources,
        )
        (unfinished / "manifest.json").write_text(json.dumps(described, indent=2, allow_nan=False) + "\n")
    megabytes = (package / model.name).stat().st_size / 1e6
    print(f"wrote {package}: {described['name']} {configuration.version}, {len(labels)} labels, {megabytes:.1f} MB")
    print(f"sha256 {described['files']['fp32']['sha256']}")
    if (package / "README.md").is_file():
        print("README.md is as it was: its figures are to be those of the new manifest.json")


if __name__ == "__main__":
    run(main)
