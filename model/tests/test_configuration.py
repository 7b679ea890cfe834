from dataclasses import asdict
from pathlib import Path

import pytest

from sgfn.augmentation import Augmentation
from sgfn.configuration import flat, names_of_configurations, read_configuration
from sgfn.errors import UserError
from sgfn.network import SgfnConfig
from sgfn.training import Recipe

WHOLE = """name = "mine"
[trunk]
name = "resnet18.a1_in1k"
[frames]
size = 64
"""


def write(folder: Path, text: str) -> str:
    (folder / "mine.toml").write_text(text)
    return str(folder / "mine.toml")


def test_every_shipped_configuration_is_read_and_bears_its_files_name() -> None:
    assert names_of_configurations() == [
        "sgfn-nano-coco80",
        "sgfn-tresnet-l-448",
        "sgfn-tresnet-m-224",
        "sgfn-tresnet-m-448",
        "sgfn-yolox-nano-coco80",
    ]
    assert all(read_configuration(name).name == name for name in names_of_configurations())


def test_the_oldest_configuration_states_every_value_a_checkpoint_without_one_was_trained_by() -> None:
    configuration = read_configuration("sgfn-yolox-nano-coco80")
    assert configuration.recipe == Recipe() and configuration.augmentation == Augmentation()
    assert configuration.sgfn == SgfnConfig(channels=128, groups=4)
    assert (configuration.batches.photos, configuration.batches.voc_per_epoch) == (16, 1074)


def test_a_users_file_needs_a_name_a_trunk_and_a_size(tmp_path: Path) -> None:
    configuration = read_configuration(write(tmp_path, WHOLE + "[recipe]\nema = 0\n"))
    assert configuration.trunk.share == 1 and configuration.labels.names == "coco80"
    assert asdict(configuration.recipe) == asdict(Recipe()) | {"ema": 0.0}
    assert flat(configuration)["frames.size"] == 64 and flat(configuration)["name"] == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WHOLE + "[recipe]\nepoch = 3\n", "'recipe.epoch' is no key; did you mean 'epochs'?"),
        (WHOLE + "[sgfn]\nzzz = 3\n", "'sgfn.zzz' is no key; known here: channels, groups, aggregate"),
        (WHOLE + "[recipe]\nepochs = 2.5\n", "'recipe.epochs' must be a whole number, not 2.5"),
        (WHOLE + "[recipe]\nbf16 = 1\n", "'recipe.bf16' must be true or false, not 1"),
        (WHOLE + "[recipe]\nema = true\n", "'recipe.ema' must be a number, not True"),
        (WHOLE + "[batches]\nvoc_per_epoch = 'all'\n", "must be a whole number or left out, not 'all'"),
        (WHOLE + "resize = 'crop'\n", "'frames.resize' must be 'letterbox' or 'squash' or left out, not 'crop'"),
        (WHOLE + "[labels]\nvectors = 'random'\n", "'labels.vectors' must be 'alphabetical' or 'listed', not 'random'"),
        ("recipe = 3\n" + WHOLE, "'recipe' is a table, not 3"),
        (WHOLE.replace("size = 64", "size = 100"), "'frames.size' must be a multiple of 32"),
        (WHOLE.replace("size = 64", ""), "'frames.size' is missing"),
        (WHOLE + "[recipe]\nloss = 'mse'\n", "'recipe.loss' must be one of bce, asl"),
        (WHOLE + "[recipe]\ntrunk_rate = 0\n", "'recipe.trunk_rate' must be above 0 and finite"),
        (WHOLE + "[recipe]\nhead_rate = -1e-4\n", "'recipe.head_rate' must be above 0 and finite"),
        (WHOLE + "[recipe]\ncue_rate = inf\n", "'recipe.cue_rate' must be above 0 and finite"),
        (WHOLE + "[recipe]\nweight_decay = -1\n", "'recipe.weight_decay' must be 0 or more and finite"),
        (WHOLE + "[recipe]\nclass_l2 = nan\n", "'recipe.class_l2' must be 0 or more and finite"),
        (WHOLE + "[recipe]\ngroup_weight = inf\n", "'recipe.group_weight' must be 0 or more and finite"),
        (WHOLE + "[sgfn]\nlayers = 0\n", "'sgfn.layers' must be from 1 to 3"),
        (WHOLE + "[sgfn]\nlayers = 4\n", "'sgfn.layers' must be from 1 to 3"),
        (WHOLE + "[sgfn]\ngroups = -1\n", "'sgfn.groups' must be 0 or more"),
        (WHOLE + "[augmentation]\nflip = 1.5\n", "'augmentation.flip' must be from 0 to 1"),
        (WHOLE + "[augmentation]\ncolour = -0.2\n", "'augmentation.colour' must be 0 or more and finite"),
        (WHOLE + "[batches]\nvoc_per_epoch = -1\n", "'batches.voc_per_epoch' must be 0 or more, or left out for all"),
        ("name = \n", "is no TOML: Invalid value"),
    ],
)
def test_a_wrong_key_or_value_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        read_configuration(write(tmp_path, text))
    assert message in str(raised.value) and str(tmp_path / "mine.toml") in str(raised.value)


def test_an_unknown_configuration_is_told_the_known_ones() -> None:
    with pytest.raises(
        UserError, match="'sgfn-nano' is neither a file nor one of sgfn-nano-coco80, sgfn-tresnet-l-448"
    ):
        read_configuration("sgfn-nano")
