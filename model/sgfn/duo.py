"""Command: two packages as one model, whose log-odds are a weighed sum of theirs; what it reaches, beside the first.

The weights are the likeliest ones for the dev photos (logistic regression, the same three numbers for all labels). Of
the second package only the cue is taken, where it has one: so its file is 2 MB smaller.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, compose, helper, numpy_helper, utils
from sklearn.linear_model import LogisticRegression

from sgfn.commands import command
from sgfn.errors import UserError, run
from sgfn.evaluate import Labelled, frames_of, milliseconds_a_frame, read_counted, score_alone
from sgfn.metrics import average_precisions, paired_difference
from sgfn.packages import read_package
from sgfn.photos import RESIZES, Geometry
from sgfn.runtime import OnnxTagger, open_session, read_model
from sgfn.taggers import add_without_argument, chosen_data

SECOND = "second/"
"""Stands before the names of the second model's values."""

Floats = npt.NDArray[np.floating]


class Weights(NamedTuple):
    """log-odds = first * the first's + second * the second's + bias."""

    first: float
    second: float
    bias: float


def fit_weights(
    first: Floats, second: Floats, positive: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]
) -> Weights:
    """By log-odds, positives and known labels of held-out photos, each [photos, n]."""
    fitted = LogisticRegression(C=np.inf).fit(np.stack([first[known], second[known]], 1), positive[known])
    of_first, of_second = map(float, fitted.coef_[0])
    return Weights(of_first, of_second, float(fitted.intercept_[0]))


def log_odds_of(model: onnx.ModelProto, cue: bool) -> str:
    """The name of the value that the scores are the sigmoid of, or of the cue, where there is one and it is asked for.

    Raises UserError when the scores are no sigmoid.
    """
    if cue and any("cue" in node.output for node in model.graph.node):
        return "cue"
    for node in model.graph.node:
        if "scores" in node.output and node.op_type == "Sigmoid":
            return str(node.input[0])
    raise UserError("a model whose scores are no sigmoid has no log-odds to weigh: export it with sgfn.package")


def alone(model: onnx.ModelProto, value: str) -> onnx.ModelProto:
    """The part of the graph that `value` [N, n] needs, as its only output."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    labels = model.graph.output[0].type.tensor_type.shape.dim[1].dim_value
    whole.graph.value_info.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, ["N", labels]))
    return utils.Extractor(whole).extract_model(["frames"], [value])


def join(first: onnx.ModelProto, second: onnx.ModelProto, weights: Weights) -> onnx.ModelProto:
    """The first model with the weighed sum as scores; its other outputs stay.

    Raises UserError for models of another opset, size of frames or number of labels.
    """
    for what, found in {
        "opset": [model.opset_import[0].version for model in (first, second)],
        "size of frames": [model.graph.input[0].type.tensor_type.shape.dim[1].dim_value for model in (first, second)],
        "number of labels": [
            model.graph.output[0].type.tensor_type.shape.dim[1].dim_value for model in (first, second)
        ],
    }.items():
        if found[0] != found[1]:
            raise UserError(f"the models are of another {what}, {found[0]} and {found[1]}: both must have the same")
    own, its = log_odds_of(first, cue=False), log_odds_of(second, cue=True)
    added = compose.add_prefix(alone(second, its), SECOND).graph
    joined = onnx.ModelProto()
    joined.CopyFrom(first)
    graph = joined.graph
    graph.node.remove(next(node for node in graph.node if "scores" in node.output))
    for node in graph.node:  # what is named `cue` is taken for all that SGFN's residual is added to
        node.input[:] = ["first/cue" if name == "cue" else name for name in node.input]
        node.output[:] = ["first/cue" if name == "cue" else name for name in node.output]
    graph.node.append(helper.make_node("Identity", ["frames"], [f"{SECOND}frames"]))
    graph.node.extend(added.node)
    graph.initializer.extend(added.initializer)
    for name, weight in weights._asdict().items():
        graph.initializer.append(numpy_helper.from_array(np.array(weight, np.float32), f"weights.{name}"))
    graph.node.extend(
        [
            helper.make_node("Mul", [own, "weights.first"], ["weighed.first"]),
            helper.make_node("Mul", [SECOND + its, "weights.second"], ["weighed.second"]),
            helper.make_node("Add", ["weighed.first", "weighed.second"], ["weighed"]),
            helper.make_node("Add", ["weighed", "weights.bias"], ["log_odds"]),
            helper.make_node("Sigmoid", ["log_odds"], ["scores"]),
        ]
    )
    onnx.checker.check_model(joined, full_check=True)
    return joined


def log_odds(model: onnx.ModelProto, cue: bool, sets: list[Labelled], geometry: Geometry) -> Floats:
    """[photos, n] of all sets, one after the other."""
    session = open_session(alone(model, log_odds_of(model, cue)).SerializeToString())
    frames = (part for labelled in sets for part in frames_of(labelled.photos, geometry))
    return np.concatenate([session.run(None, {"frames": part})[0] for part in frames])


def main() -> None:
    parser = command("duo", __doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="labelled photos")
    parser.add_argument("--packages", type=Path, nargs=2, required=True, metavar="FOLDER", help="of the same labels")
    parser.add_argument("--resize", choices=sorted(RESIZES), help="of both (default: the first package's)")
    add_without_argument(parser)
    parser.add_argument("--test", action="store_true", help="the test photos too, once all is chosen")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="the model.onnx to write")
    options = parser.parse_args()

    torch.set_num_threads(1)
    packages = [read_package(folder) for folder in options.packages]
    if packages[0].labels != packages[1].labels:
        raise UserError("the packages have other labels, or in another order: both must have the same")
    taken = packages[0].geometry
    shared = Geometry(taken.size, options.resize or taken.resize, taken.interpolation, taken.align)
    first, second = (read_model(package.model) for package in packages)
    data = chosen_data(options)
    dev = read_counted(data, "dev", packages[0].labels)
    test = read_counted(data, "test", packages[0].labels) if options.test else []
    odds = log_odds(first, False, dev, shared), log_odds(second, True, dev, shared)
    weights = fit_weights(*odds, *(np.concatenate([part[field] for part in dev]) for field in (1, 2)))
    onnx.save(join(first, second, weights), options.to)
    duo, one = OnnxTagger(options.to), packages[0].tagger()
    print(f"wrote {options.to}, {options.to.stat().st_size / 1e6:.1f} MB, photos by {shared.resize}")
    print("log-odds {:.3f} x first + {:.3f} x second + {:.3f}".format(*weights))
    for split, sets in (("dev", dev), ("test", test)):
        for labelled in sets:
            scores = score_alone(duo, labelled.photos, shared), score_alone(one, labelled.photos, taken)
            ours, its = (average_precisions(found, *labelled[1:]).mean() for found in scores)
            gain, low, high = paired_difference(*scores, *labelled[1:])
            print(f"{labelled.photos[0].source} {split}: mAP {ours:.3f} beside {its:.3f}: ", end="")
            print(f"{gain:+.3f} [{low:+.3f}, {high:+.3f}]", flush=True)
    times = (milliseconds_a_frame(tagger, 1, shared.size) for tagger in (duo, one))
    print("one thread: {:.1f} ms a frame beside {:.1f}".format(*times))


if __name__ == "__main__":
    run(main)
