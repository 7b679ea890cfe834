"""A package folder, as its manifest.json describes it, for the commands that try one on photos."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sgfn.errors import UserError
from sgfn.photos import INTERPOLATIONS, PAD, Geometry
from sgfn.runtime import OnnxTagger, Prelude


@dataclass(frozen=True)
class Package:
    """model: the fp32 file. labels: as the manifest spells them, in the order of scores. enter: their thresholds.
    prelude: of a model that was imported."""

    model: Path
    labels: list[str]
    enter: list[float]
    geometry: Geometry
    prelude: Prelude | None = None

    def tagger(self) -> OnnxTagger:
        return OnnxTagger(self.model, self.prelude)


def read_package(folder: Path) -> Package:
    """Raises UserError when the manifest is missing, or does not describe a package."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise UserError(f"package {str(folder)!r} holds no manifest.json")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return Package(
            folder / manifest["files"]["fp32"]["path"],
            [label["name"] for label in manifest["labels"]],
            [float(label.get("enter", manifest["smoothing"]["enter"])) for label in manifest["labels"]],
            _geometry(manifest["input"], folder),
            Prelude(**manifest["prelude"]) if "prelude" in manifest else None,
        )
    except KeyError as error:
        raise UserError(f"manifest {str(path)!r} lacks {error}: make the package again with sgfn.package") from error
    except (TypeError, ValueError) as error:
        raise UserError(
            f"manifest {str(path)!r} cannot be read: {error}. Make the package again with sgfn.package"
        ) from error


def _geometry(stated: dict[str, Any], folder: Path) -> Geometry:
    geometry = Geometry(stated["width"], stated["resize"], stated["interpolation"], stated.get("align", "top-left"))
    if stated.get("height", geometry.size) != geometry.size:
        raise UserError(
            f"package {str(folder)!r} takes frames of {geometry.size} x {stated['height']} px, and only square ones "
            "are made here; labelcast model verify tries it"
        )
    if geometry.interpolation not in INTERPOLATIONS:
        raise UserError(
            f"package {str(folder)!r} scales photos by {geometry.interpolation}, and only "
            f"{' and '.join(INTERPOLATIONS)} are known here; labelcast model verify tries it"
        )
    if geometry.resize == "letterbox" and stated.get("pad", PAD) != PAD:
        raise UserError(
            f"package {str(folder)!r} pads frames with {stated['pad']}, and only {PAD} is known here; "
            "labelcast model verify tries it"
        )
    return geometry
