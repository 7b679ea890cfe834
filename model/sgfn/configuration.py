"""Configurations: all that decides a model but its photos and weights, one TOML file each, as frozen dataclasses."""

import difflib
import math
import tomllib
import types
from dataclasses import MISSING, Field, asdict, dataclass, fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from sgfn.augmentation import Augmentation
from sgfn.errors import UserError
from sgfn.guidance import GUIDANCE
from sgfn.losses import LOSSES
from sgfn.network import SgfnConfig
from sgfn.training import Recipe

SHIPPED = resources.files("sgfn") / "configurations"
DEFAULT = "sgfn-nano-coco80"


@dataclass(frozen=True)
class Trunk:
    """name: yolox-nano, nanodet-plus-m, or a network of timm with its tag. share: of the fine-tuned trunk in the
    average with the original one; 1 is the fine-tuned trunk alone.
    """

    name: str
    share: float = 1.0


@dataclass(frozen=True)
class Labels:
    """names: coco80, voc20, or a file with one name a line. vectors: the order of the rows of the word vectors."""

    names: str = "coco80"
    vectors: Literal["alphabetical", "listed"] = "alphabetical"


@dataclass(frozen=True)
class Frames:
    """size: px, of a square. resize: how a photo becomes one; left out, as the trunk was trained."""

    size: int
    resize: Literal["letterbox", "squash"] | None = None


@dataclass(frozen=True)
class Batches:
    """photos: in a batch. voc_per_epoch: VOC photos drawn beside all COCO photos; left out, all of them."""

    photos: int = 16
    voc_per_epoch: int | None = None


@dataclass(frozen=True)
class Configuration:
    """One model. version, licence (an SPDX expression; left out, that of the trunk's weights): of its package."""

    name: str
    trunk: Trunk
    frames: Frames
    labels: Labels
    augmentation: Augmentation
    batches: Batches
    sgfn: SgfnConfig
    recipe: Recipe
    version: str = "1.0.0"
    licence: str | None = None


def names_of_configurations() -> list[str]:
    """Those that come with the package."""
    return sorted(file.name.removesuffix(".toml") for file in SHIPPED.iterdir() if file.name.endswith(".toml"))


def read_configuration(name: str) -> Configuration:
    """A shipped configuration by name, or one of the user's by the path of its file.

    Raises UserError when there is none, and for a key that is unknown or missing or has a wrong value.
    """
    file = SHIPPED / f"{name}.toml" if name in names_of_configurations() else Path(name)
    if not file.is_file():
        raise UserError(f"configuration {name!r} is neither a file nor one of {', '.join(names_of_configurations())}")
    try:
        table = tomllib.loads(file.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"configuration {name!r} is no TOML: {error}") from error
    try:
        configuration = from_table(Configuration, table)
        check(configuration)
    except UserError as error:
        raise UserError(f"configuration {name!r}: {error}") from None
    return configuration


T = TypeVar("T")


def from_table(kind: type[T], table: dict[str, Any], where: str = "") -> T:
    """A dataclass from a table of TOML. Raises UserError naming the key."""
    hints = get_type_hints(kind)
    for key in table:
        if key not in hints:
            near = difflib.get_close_matches(key, hints, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(hints)}"
            raise UserError(f"{where + key!r} is no key; {hint}")
    values = {key: _value(hints[key], value, where + key) for key, value in table.items()}
    declared: tuple[Field[Any], ...] = fields(kind)  # type: ignore[arg-type] # always a dataclass
    missing = [field for field in declared if field.name not in table]
    for field in missing:
        if is_dataclass(hints[field.name]):
            values[field.name] = from_table(hints[field.name], {}, f"{where}{field.name}.")
        elif field.default is MISSING:
            raise UserError(f"{where + field.name!r} is missing")
    return kind(**values)


def _value(hint: Any, value: Any, key: str) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise UserError(f"{key!r} is a table, not {value!r}")
        return from_table(hint, value, f"{key}.")  # type: ignore[arg-type] # a type, as hints are
    choices = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    for choice in choices:
        if get_origin(choice) is Literal and value in get_args(choice):
            return value
        if choice is float and type(value) in (int, float):
            return float(value)
        if type(value) is choice:
            return value
    raise UserError(f"{key!r} must be {' or '.join(_named(choice) for choice in choices)}, not {value!r}")


def _named(choice: Any) -> str:
    if get_origin(choice) is Literal:
        return " or ".join(map(repr, get_args(choice)))
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "text", types.NoneType: "left out"}
    return words[choice]


def check(configuration: Configuration) -> None:
    """Raises UserError for a value out of range."""
    recipe, sgfn, augmentation = configuration.recipe, configuration.sgfn, configuration.augmentation
    voc_per_epoch = configuration.batches.voc_per_epoch
    rules = [
        (configuration.frames.size > 0 and configuration.frames.size % 32 == 0, "frames.size", "a multiple of 32"),
        (augmentation.crop > 0 and augmentation.crop % 32 == 0, "augmentation.crop", "a multiple of 32"),
        (0 < augmentation.least_area <= 1, "augmentation.least_area", "above 0, at most 1"),
        (0 <= augmentation.flip <= 1, "augmentation.flip", "from 0 to 1"),
        (0 <= augmentation.colour < math.inf, "augmentation.colour", "0 or more and finite"),
        (0 <= augmentation.cutout < 1, "augmentation.cutout", "from 0 to below 1"),
        (0 <= augmentation.parts <= 1, "augmentation.parts", "from 0 to 1"),
        (
            0 <= augmentation.empty <= 1 - augmentation.parts,
            "augmentation.empty",
            "from 0 to 1, with augmentation.parts",
        ),
        (configuration.batches.photos > 0, "batches.photos", "at least 1"),
        (voc_per_epoch is None or voc_per_epoch >= 0, "batches.voc_per_epoch", "0 or more, or left out for all"),
        (0 <= configuration.trunk.share <= 1, "trunk.share", "from 0 to 1"),
        (sgfn.channels > 0 and sgfn.channels % 8 == 0, "sgfn.channels", "a multiple of 8, the heads of the FAM"),
        (sgfn.groups >= 0, "sgfn.groups", "0 or more"),
        (1 <= sgfn.layers <= 3, "sgfn.layers", "from 1 to 3"),
        (sgfn.guidance in GUIDANCE, "sgfn.guidance", f"one of {', '.join(GUIDANCE)}"),
        (recipe.loss in LOSSES, "recipe.loss", f"one of {', '.join(LOSSES)}"),
        (recipe.epochs > 0, "recipe.epochs", "at least 1"),
        (0 <= recipe.ema < 1, "recipe.ema", "from 0 to below 1"),
    ]
    for name in ("trunk_rate", "head_rate", "cue_rate"):
        rules.append((0 < getattr(recipe, name) < math.inf, f"recipe.{name}", "above 0 and finite"))
    for name in ("weight_decay", "class_l2", "group_weight"):
        rules.append((0 <= getattr(recipe, name) < math.inf, f"recipe.{name}", "0 or more and finite"))
    for holds, key, rule in rules:
        if not holds:
            raise UserError(f"{key!r} must be {rule}")


def flat(configuration: Configuration) -> dict[str, Any]:
    """Its values by dotted key: {"sgfn.channels": 128, ...}."""
    found: dict[str, Any] = {}
    for key, value in asdict(configuration).items():
        found |= {f"{key}.{inner}": v for inner, v in value.items()} if isinstance(value, dict) else {key: value}
    return found
