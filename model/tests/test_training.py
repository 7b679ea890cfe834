from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import make_tagger

from sgfn.batches import Batch
from sgfn.errors import UserError
from sgfn.taggers import read_trained
from sgfn.training import Recipe, Trainer, parameter_groups

RECIPE = Recipe(epochs=4, bf16=False)


class ThreeBatches:
    def __len__(self) -> int:
        return 3

    def epoch(self, seed: int) -> Iterator[Batch]:
        for _ in range(3):
            frames = 255 * torch.rand(2, 3, 64, 64)
            yield Batch(frames, torch.rand(2, 5) > 0.5, torch.rand(2, 5) > 0.2)


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
    with pytest.raises(UserError, match="the loss became nan in epoch 1, step 1: lower the rates"):
        Trainer(tagger, ThreeBatches(), RECIPE).run(tmp_path / "checkpoint.pt")
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    Trainer(make_tagger(), ThreeBatches(), RECIPE).save(tmp_path / "checkpoint.pt")
    with pytest.raises(UserError, match="another recipe"):
        Trainer(make_tagger(), ThreeBatches(), replace(RECIPE, seed=1)).run(tmp_path / "checkpoint.pt")


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
