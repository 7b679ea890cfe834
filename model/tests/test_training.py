import csv
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import make_tagger
from safetensors import safe_open

from sgfn.batches import Batch
from sgfn.checkpoints import learnt_photos, publish
from sgfn.configuration import flat, read_configuration
from sgfn.errors import UserError
from sgfn.label_graph import LabelSemantics
from sgfn.nanodet import NanodetPlus
from sgfn.progress import progress, write_curve
from sgfn.taggers import read_trained
from sgfn.training import Recipe, Trainer, parameter_groups

RECIPE = Recipe(epochs=4, bf16=False)


class ThreeBatches:
    def __len__(self) -> int:
        return 3

    def epoch(self, seed: int) -> Iterator[Batch]:
        for _ in range(3):
            frames = 255 * torch.rand(2, 3, 64, 64)
            yield Batch(frames, torch.rand(2, 5) > 0.5, torch.rand(2, 5) > 0.2, ("a.jpg", "b.jpg"))


class KilledError(Exception):
    pass


class KilledInTheThirdEpoch(ThreeBatches):
    def epoch(self, seed: int) -> Iterator[Batch]:
        if seed == 2:
            raise KilledError
        yield from super().epoch(seed)


def test_a_killed_training_resumes_to_the_same_losses_and_weights(tmp_path: Path) -> None:
    whole = Trainer(make_tagger(), ThreeBatches(), RECIPE)
    whole.run(tmp_path / "whole.pt")

    with pytest.raises(KilledError):
        Trainer(make_tagger(), KilledInTheThirdEpoch(), RECIPE).run(tmp_path / "killed.pt")
    resumed = Trainer(make_tagger(seed=1), ThreeBatches(), RECIPE)
    resumed.run(tmp_path / "killed.pt")

    assert len(whole.losses) == 4 and resumed.losses == whole.losses
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


class Murdered(ThreeBatches):
    """Takes the whole process down, as kill -9 does, in the middle of the third epoch."""

    def epoch(self, seed: int) -> Iterator[Batch]:
        for step, batch in enumerate(super().epoch(seed)):
            if seed == 2 and step == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch


def train_until_killed(checkpoint: Path) -> None:
    Trainer(make_tagger(), Murdered(), RECIPE).run(checkpoint)


def test_a_training_shot_dead_goes_on_to_the_same_curve(tmp_path: Path) -> None:
    victim = multiprocessing.get_context("spawn").Process(target=train_until_killed, args=(tmp_path / "killed.pt",))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert [row["epoch"] for row in read_curve(tmp_path / "killed.csv")] == ["1", "2"]

    Trainer(make_tagger(), ThreeBatches(), RECIPE).run(tmp_path / "whole.pt")
    Trainer(make_tagger(seed=1), ThreeBatches(), RECIPE).run(tmp_path / "killed.pt")
    curves = [read_curve(tmp_path / f"{name}.csv") for name in ("whole", "killed")]
    for row in (*curves[0], *curves[1]):
        del row["seconds"]
    assert len(curves[0]) == 4 and curves[0] == curves[1]


def read_curve(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_without_a_terminal_progress_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sgfn.progress.LINE_EVERY_S", 0)
    assert list(progress("ab", 2, "epoch 1/4")) == ["a", "b"]
    assert capsys.readouterr().out == "epoch 1/4 step 1/2 0 s\nepoch 1/4 step 2/2 0 s\n"


def test_a_training_shot_dead_between_checkpoint_and_curve_loses_no_row(tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=2)
    Trainer(make_tagger(), ThreeBatches(), recipe).run(tmp_path / "one.pt")
    whole = (tmp_path / "one.csv").read_text()
    (tmp_path / "one.csv").write_text("".join(whole.splitlines(keepends=True)[:-1]))
    Trainer(make_tagger(), ThreeBatches(), recipe).run(tmp_path / "one.pt")
    assert (tmp_path / "one.csv").read_text() == whole


def test_a_curve_half_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    write_curve(tmp_path / "one.csv", [{"epoch": 1, "loss": 3.0}])
    old = (tmp_path / "one.csv").read_text()
    monkeypatch.setattr(csv.DictWriter, "writerows", killed)
    with pytest.raises(KilledError):
        write_curve(tmp_path / "one.csv", [{"epoch": 1, "loss": 2.0}])
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("one.csv", old)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", r"/folder' is a folder: give --checkpoint a file, as '.*/folder/one\.pt'$"),
        ("curve.pt", r"/curve\.csv' is a folder: give --checkpoint a file, "),
        ("file/one.pt", r"/file/one\.pt' cannot be written: .*\. Give --checkpoint a file in a folder that can be"),
    ],
)
def test_a_checkpoint_that_cannot_be_written_is_told_before_anything_is_learnt(
    name: str, message: str, tmp_path: Path
) -> None:
    class Unasked(ThreeBatches):
        def epoch(self, seed: int) -> Iterator[Batch]:
            raise KilledError

    for folder in ("folder", "curve.csv"):
        (tmp_path / folder).mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=message):
        Trainer(make_tagger(), Unasked(), RECIPE).run(tmp_path / name)


def test_the_folder_of_a_checkpoint_is_made(tmp_path: Path) -> None:
    Trainer(make_tagger(), ThreeBatches(), replace(RECIPE, epochs=1)).run(tmp_path / "new/one.pt")
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["one.csv", "one.pt"]


def test_figures_of_the_average_join_the_curve_now_and_then_and_at_the_end(tmp_path: Path) -> None:
    trainer = Trainer(make_tagger(), ThreeBatches(), replace(RECIPE, epochs=3))
    trainer.measure, trainer.every = lambda tagger: {"coco_dev_map": float(tagger.training)}, 2
    trainer.run(tmp_path / "one.pt")
    assert [row["coco_dev_map"] for row in read_curve(tmp_path / "one.csv")] == ["", "0.0", "0.0"]


def test_checkpoints_named_by_a_number_keep_their_own_files(tmp_path: Path) -> None:
    names = {"one.pt", "lr0.01", "lr0.02"}
    (tmp_path / "lr0.tmp").write_text("of somebody else")
    for name in names:
        Trainer(make_tagger(), ThreeBatches(), RECIPE).save(tmp_path / name)
    curves = {"one.csv", "lr0.01.csv", "lr0.02.csv"}
    assert {file.name for file in tmp_path.iterdir()} == {*names, *curves, "lr0.tmp"}


def test_training_learns(tmp_path: Path) -> None:
    class OneBatch(ThreeBatches):
        def epoch(self, seed: int) -> Iterator[Batch]:
            generator = torch.Generator().manual_seed(0)
            frames = 255 * torch.rand(2, 3, 64, 64, generator=generator)
            for _ in range(3):
                yield Batch(frames, torch.eye(2, 5) > 0, torch.ones(2, 5) > 0)

    trainer = Trainer(make_tagger(), OneBatch(), replace(RECIPE, class_l2=0, head_rate=0.01))
    trainer.run(tmp_path / "checkpoint.pt")
    assert trainer.losses[-1] < 0.8 * trainer.losses[0]


def test_a_loss_that_is_no_number_stops_training_with_one_line(tmp_path: Path) -> None:
    tagger = make_tagger()
    torch.nn.init.constant_(tagger.sgfn.class_bias, torch.nan)
    lower = (
        r"lower recipe\.trunk_rate \(0\.0001\), recipe\.head_rate \(0\.0005\), recipe\.cue_rate \(0\.005\) in the "
        "configuration"
    )
    told = rf"became nan in epoch 1, step 1 \(photos a\.jpg, b\.jpg, \.\.\.\): {lower}"
    with pytest.raises(UserError, match=rf"{told}$"):
        Trainer(tagger, ThreeBatches(), RECIPE).run(tmp_path / "checkpoint.pt")
    with pytest.raises(UserError, match=rf"{told}, or train with --no-bf16$"):
        Trainer(tagger, ThreeBatches(), replace(RECIPE, bf16=True)).run(tmp_path / "checkpoint.pt")
    assert not (tmp_path / "checkpoint.pt").exists()


class BrokenInTheSecondEpoch(ThreeBatches):
    """From a step of the second epoch on frames are no numbers."""

    def __init__(self, step: int) -> None:
        self.step = step

    def epoch(self, seed: int) -> Iterator[Batch]:
        for step, batch in enumerate(super().epoch(seed)):
            yield batch._replace(frames=batch.frames * torch.nan) if (seed, step) == (1, self.step) else batch


def test_a_later_loss_that_is_no_number_says_that_another_checkpoint_is_needed(tmp_path: Path) -> None:
    message = r"became nan in epoch 2, step 2 .* in the configuration; give another --checkpoint then, since this one"
    with pytest.raises(UserError, match=message):
        Trainer(make_tagger(), BrokenInTheSecondEpoch(1), RECIPE).run(tmp_path / "checkpoint.pt")


def test_weights_that_are_no_numbers_are_never_a_checkpoint(tmp_path: Path) -> None:
    class BrokenByItsLastStep(Trainer):
        def step(self, batch: Batch) -> torch.Tensor:
            loss = super().step(batch)
            if len(self.curve) == 1:
                self.average.module.sgfn.class_bias.data[0] = torch.nan
            return loss

    with pytest.raises(UserError, match=r"^weights became no numbers in epoch 2: lower .*; give another --checkpoint"):
        BrokenByItsLastStep(make_tagger(), ThreeBatches(), RECIPE).run(tmp_path / "checkpoint.pt")
    kept = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert len(kept["curve"]) == 1 and kept["average"]["module.sgfn.class_bias"].isfinite().all()
    assert len(read_curve(tmp_path / "checkpoint.csv")) == 1


ABOUT = {
    "configuration": {"sgfn.channels": 16, "frames.resize": None},
    "photos": "letters",
    "labels": ["cat"],
    "vectors": "1f",
}


@pytest.mark.parametrize(
    ("recipe", "about", "message"),
    [
        (
            {"seed": 1, "ema": 0.9},
            {},
            r"trained otherwise: ema 0\.995 there, 0\.9 here; seed 0 there, 1 here\. Give the",
        ),
        ({}, {"configuration": {"sgfn.channels": 32, "frames.resize": None}}, "sgfn.channels 16 there, 32 here"),
        ({}, {"configuration": {"augmentation.empty": 0.05}}, r"augmentation\.empty 0\.0 there, 0\.05 here"),
        ({}, {"configuration": {"frames.resize": "squash"}}, "frames.resize left out there, squash here"),
        ({}, {"photos": "others", "labels": ["dog"]}, r"trained otherwise: other photos; other labels\."),
        ({}, {"vectors": "2e"}, r"trained otherwise: other vectors\. Give the same flags and data"),
    ],
)
def test_a_checkpoint_trained_otherwise_is_refused_with_what_differs(
    recipe: dict[str, Any], about: dict[str, Any], message: str, tmp_path: Path
) -> None:
    Trainer(make_tagger(), ThreeBatches(), RECIPE, about=ABOUT).save(tmp_path / "checkpoint.pt")
    other = Trainer(make_tagger(), ThreeBatches(), replace(RECIPE, **recipe), about={**ABOUT, **about})
    with pytest.raises(UserError, match=message):
        other.run(tmp_path / "checkpoint.pt")


def test_a_checkpoint_from_before_there_were_configurations_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    Trainer(make_tagger(), KilledInTheThirdEpoch(), RECIPE).save(path)
    old = torch.load(path, weights_only=True)
    del old["curve"], old["recipe"]["bf16"]
    torch.save({**old, "losses": [3.0, 2.0, 1.0]}, path)
    trainer = Trainer(make_tagger(), ThreeBatches(), replace(RECIPE, bf16=True), about=ABOUT)
    trainer.resume(path)
    assert trainer.losses == [3.0, 2.0, 1.0] and trainer.curve[2]["epoch"] == 3


def test_a_checkpoint_that_tells_no_vectors_is_resumed_with_vectors_of_their_length_only(tmp_path: Path) -> None:
    Trainer(make_tagger(), ThreeBatches(), RECIPE).save(tmp_path / "old.pt")
    Trainer(make_tagger(), ThreeBatches(), RECIPE, about=ABOUT).resume(tmp_path / "old.pt")
    longer = make_tagger()
    longer.semantics = LabelSemantics(torch.randn(5, 13), longer.semantics.adjacency, 16, 3)
    message = (
        r"trained otherwise: semantics\.vectors is 5x12, not 5x13; semantics\.reduce\.weight is 256x12, not 256x13\."
    )
    with pytest.raises(UserError, match=message):
        Trainer(longer, ThreeBatches(), RECIPE, about=ABOUT).resume(tmp_path / "old.pt")


def test_the_average_forgets_at_the_recipes_pace() -> None:
    trainer = Trainer(make_tagger(), ThreeBatches(), replace(RECIPE, ema=0.9, head_rate=0.01))
    name = "sgfn.class_weight"
    weights = []
    for batch in ThreeBatches().epoch(0):
        trainer.step(batch)
        weights.append(trainer.tagger.state_dict()[name].clone())
    first, second, third = weights  # the average begins at the first
    expected = 0.9 * (0.9 * first + 0.1 * second) + 0.1 * third
    torch.testing.assert_close(trainer.average.state_dict()[f"module.{name}"], expected, rtol=1e-6, atol=1e-7)
    assert not torch.allclose(first, third, rtol=1e-3)


def test_statistics_of_normalised_layers_are_averaged_as_weights_are_and_counters_are_copied() -> None:
    tagger = make_tagger()
    norm = tagger.sgfn.projections[2] = torch.nn.Sequential(tagger.sgfn.projections[2], torch.nn.BatchNorm2d(16))
    tagger.train()
    trainer = Trainer(tagger, ThreeBatches(), replace(RECIPE, ema=0.9))
    means = []
    for batch in ThreeBatches().epoch(0):
        trainer.step(batch)
        means.append(norm[1].running_mean.clone())
    averaged = trainer.average.module.sgfn.projections[2][1]
    first, second, third = means
    expected = 0.9 * (0.9 * first + 0.1 * second) + 0.1 * third
    torch.testing.assert_close(averaged.running_mean, expected, rtol=1e-5, atol=1e-7)
    assert averaged.num_batches_tracked == 3
    untrained = make_tagger().state_dict()
    kept = trainer.average.module.state_dict()
    for name in ("semantics.vectors", "semantics.adjacency"):
        assert torch.equal(kept[name], untrained[name])


def test_rates_rise_to_the_recipes_and_fall_to_nearly_nothing(tmp_path: Path) -> None:
    trainer = Trainer(make_tagger(), ThreeBatches(), replace(RECIPE, epochs=10))
    rates = []
    for batch in [*ThreeBatches().epoch(0)] * 10:
        rates.append(trainer.schedule.get_last_lr())
        trainer.step(batch)
    peaks = [max(rate) for rate in zip(*rates, strict=True)]
    assert sorted(set(peaks)) == pytest.approx([RECIPE.trunk_rate, RECIPE.head_rate, RECIPE.cue_rate])
    for peak, rate in zip(peaks, zip(*rates, strict=True), strict=True):
        assert rate.index(peak) == 8 and rate[0] == pytest.approx(peak / 25)
        assert rate[-1] == pytest.approx(peak / 25e4)


def test_every_trained_parameter_has_one_rate_and_vectors_no_decay() -> None:
    tagger = make_tagger()
    for part in tagger.backbone.frozen():
        part.requires_grad_(False)
    groups = parameter_groups(tagger, RECIPE)
    listed = [id(parameter) for group in groups for parameter in group["params"]]
    trained = {id(parameter) for parameter in tagger.parameters() if parameter.requires_grad}
    assert len(listed) == len(set(listed)) and set(listed) == trained
    assert {group["weight_decay"] for group in groups if group["params"][0].ndim < 2} == {0.0}
    assert {group["weight_decay"] for group in groups if group["params"][0].ndim > 1} == {1e-4}


def test_several_checkpoints_are_read_as_their_mean_and_the_trunk_keeps_its_share(tmp_path: Path) -> None:
    runs = [Trainer(make_tagger(seed=seed), ThreeBatches(), RECIPE) for seed in (1, 2)]
    paths = [tmp_path / f"{n}.pt" for n in range(2)]
    for run, path in zip(runs, paths, strict=True):
        run.save(path)
    original = make_tagger(seed=3)
    before = {name: value.clone() for name, value in original.state_dict().items()}
    state = read_trained(original, paths, 0.5).state_dict()
    one, two = (run.average.module.state_dict() for run in runs)
    trunk, head = "backbone.stem.0.weight", "sgfn.class_weight"
    torch.testing.assert_close(state[head], (one[head] + two[head]) / 2)
    torch.testing.assert_close(state[trunk], before[trunk] / 2 + (one[trunk] + two[trunk]) / 4)
    with pytest.raises(UserError, match="does not exist"):
        read_trained(original, [tmp_path / "none.pt"], 0.5)


def test_the_weights_of_another_configuration_are_refused_with_what_differs(tmp_path: Path) -> None:
    configuration = read_configuration("sgfn-nano-coco80")
    about = {"configuration": flat(configuration) | {"trunk.name": "resnet18"}}
    Trainer(make_tagger(), ThreeBatches(), RECIPE, about=about).save(tmp_path / "one.pt")
    with pytest.raises(UserError, match=r"configuration: trunk.name resnet18 there, nanodet-plus-m here\. Give"):
        read_trained(make_tagger(), [tmp_path / "one.pt"], 0.5, configuration)
    with pytest.raises(UserError, match=r"classes\.weight is 5x64x1x1, not 6x64x1x1; .* and 10 more differ\. Give"):
        read_trained(make_tagger(labels=6), [tmp_path / "one.pt"], 0.5)
    with pytest.raises(UserError, match=r"another configuration, .*stem\.0\.weight is 16x3x6x6, not 32x3x3x3; "):
        read_trained(make_tagger(trunk=NanodetPlus), [tmp_path / "one.pt"], 0.5)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (
            "a b c e d",
            r"one\.\w+ was trained on another label list: label 4 is 'd' there, 'e' here\. Give labels\.names",
        ),
        ("a b c d", r"another label list: 5 labels there, 4 here\. Give labels\.names"),
    ],
)
@pytest.mark.parametrize("file", ["one.pt", "one.safetensors"])
def test_the_weights_of_another_label_list_are_refused_with_where_it_differs(
    file: str, listed: str, message: str, tmp_path: Path
) -> None:
    trainer = Trainer(make_tagger(), ThreeBatches(), RECIPE, about={"labels": ["a", "b", "c", "d", "e"]})
    trainer.save(tmp_path / "one.pt")
    publish(tmp_path / "one.pt", tmp_path / "one.safetensors", False)
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\ne\n")
    configuration = read_configuration("sgfn-nano-coco80")
    configuration = replace(configuration, labels=replace(configuration.labels, names=str(tmp_path / "labels.txt")))
    assert read_trained(make_tagger(), [tmp_path / file], 0.5, configuration)
    (tmp_path / "labels.txt").write_text("\n".join(listed.split()))
    with pytest.raises(UserError, match=message):
        read_trained(make_tagger(), [tmp_path / file], 0.5, configuration)


@pytest.mark.parametrize("head_only", [False, True])
def test_published_weights_are_read_back_and_a_head_alone_leaves_the_trunk_as_given(
    head_only: bool, tmp_path: Path
) -> None:
    trainer = Trainer(make_tagger(), ThreeBatches(), RECIPE, about={"labels": ["a", "b", "c", "d", "e"]})
    trainer.save(tmp_path / "one.pt")
    publish(tmp_path / "one.pt", tmp_path / "one.safetensors", head_only)
    given = make_tagger(seed=1)
    trunk = given.backbone.stem[0].weight.clone()
    read = read_trained(given, [tmp_path / "one.safetensors"], 1).state_dict()
    for name, value in trainer.average.module.state_dict().items():
        if not (head_only and name.startswith("backbone.")):
            assert torch.equal(read[name], value), name
    assert torch.equal(read["backbone.stem.0.weight"], trunk) == head_only
    assert torch.equal(read["semantics.adjacency"], trainer.tagger.semantics.adjacency)
    with safe_open(tmp_path / "one.safetensors", "pt") as file:
        assert json.loads(file.metadata()["labels"]) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("about", [{"photos": "1f"}, {}])
def test_published_weights_tell_what_they_learnt_as_their_checkpoint_does(
    about: dict[str, str], tmp_path: Path
) -> None:
    Trainer(make_tagger(), ThreeBatches(), RECIPE, about=about).save(tmp_path / "one.pt")
    publish(tmp_path / "one.pt", tmp_path / "one.safetensors", True)
    assert learnt_photos(tmp_path / "one.safetensors") == learnt_photos(tmp_path / "one.pt") == about.get("photos")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"hello\n", b"]aaa", b"Jc", b"PK\x03\x04"])
def test_what_is_no_checkpoint_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.pt").write_bytes(content)
    with pytest.raises(
        UserError, match=r"one\.pt' cannot be read: it is no checkpoint of sgfn\.train, or not a whole one$"
    ):
        read_trained(make_tagger(), [tmp_path / "one.pt"], 0.5)
    (tmp_path / "one.safetensors").write_bytes(content)
    with pytest.raises(UserError, match=r"one\.safetensors' cannot be read"):
        read_trained(make_tagger(), [tmp_path / "one.safetensors"], 0.5)
    torch.save({"state_dict": {}}, tmp_path / "one.pt")
    with pytest.raises(UserError, match=r"is no checkpoint of sgfn\.train"):
        read_trained(make_tagger(), [tmp_path / "one.pt"], 0.5)
