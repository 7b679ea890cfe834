"""Where the shared data lie (LABELCAST_SHARED, or `shared` beside the repository), and a tagger small enough to try."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from sgfn.data import read_data
from sgfn.evaluate import Labelled, read_all_labelled, score_alone
from sgfn.nanodet import NanodetPlus
from sgfn.network import SgfnConfig, Tagger
from sgfn.packages import read_package
from sgfn.photos import label_names
from sgfn.runtime import Scores
from sgfn.yolox import YoloxNano

MODEL = Path(__file__).parents[1]

torch.set_num_threads(1)  # two threads beside another busy process are slower than one


@pytest.fixture(scope="session")
def shared() -> Path:
    path = Path(os.environ.get("LABELCAST_SHARED", MODEL.parents[1] / "shared"))
    if not (path / "data" / "labels.csv").is_file():
        pytest.skip("needs the shared data: set LABELCAST_SHARED to a folder with data/, weights/ and embeddings/")
    return path


@pytest.fixture(scope="session")
def package() -> Path:
    return MODEL / "sgfn-nano-coco80"


class Reached(NamedTuple):
    """Scores [photos, n] of the shipped model on the test photos of one set."""

    test: Labelled
    scores: Scores


@pytest.fixture(scope="session")
def reached(package: Path, shared: Path) -> dict[str, Reached]:
    read = read_package(package)
    return {
        test.photos[0].source: Reached(test, score_alone(read.tagger(), test.photos, read.geometry))
        for test in read_all_labelled(read_data(shared / "data"), "test", label_names("coco80"))
    }


def make_tagger(
    labels: int = 5, seed: int = 0, trunk: type[YoloxNano | NanodetPlus] = YoloxNano, **config: object
) -> Tagger:
    """An untrained tagger on an untrained detector, its residual and gate away from zero."""
    torch.manual_seed(seed)
    adjacency = (torch.rand(labels, labels) > 0.6) | torch.eye(labels, dtype=torch.bool)
    sizes = SgfnConfig(**{"channels": 16, "groups": 3, **config})
    tagger = Tagger(trunk(labels), torch.randn(labels, 12), adjacency, sizes, cue=True)
    torch.nn.init.normal_(tagger.sgfn.class_weight)
    if sizes.aggregate:
        torch.nn.init.ones_(tagger.sgfn.aggregation.gate)
    return tagger.eval()
