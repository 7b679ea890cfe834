"""Command: builds a configuration, times a frame, trains a step and exports it; needs no photos, weights or vectors."""

import shutil
import tempfile
import textwrap
from pathlib import Path

import torch

from sgfn import rehearsal
from sgfn.commands import command
from sgfn.configuration import DEFAULT, read_configuration
from sgfn.errors import UserError, run
from sgfn.guidance import GUIDANCE
from sgfn.taggers import CONFIGURATION_HELP, RANDOM

TOLERANCE = 1e-4


def say(name: str, text: str) -> None:
    """A line of the table, wrapped to the terminal."""
    width = min(shutil.get_terminal_size().columns, 120)
    print(textwrap.fill(f"  {name:18} {text}", width, subsequent_indent=" " * 21), flush=True)


def main() -> None:
    parser = command("rehearse", __doc__)
    parser.add_argument("--configuration", default=DEFAULT, metavar="NAME|FILE", help=CONFIGURATION_HELP)
    parser.add_argument(
        "--weights",
        type=Path,
        default=RANDOM,
        metavar="FILE",
        help="the trunk's (default: random, untrained)",
    )
    parser.add_argument("--onnx", type=Path, metavar="FILE", help="keep the exported file")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of torch (default: 1)")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    configuration = read_configuration(options.configuration)
    size = configuration.frames.size
    tagger = rehearsal.random_tagger(configuration, options.weights)
    print(f"{configuration.name}: {configuration.trunk.name} at {size} x {size} px")
    say("fed by its makers", ", ".join(f"{key} {value}" for key, value in tagger.backbone.preprocessing().items()))
    parts = {"all": tagger, "trunk": tagger.backbone, "semantics": tagger.semantics, "SGFN": tagger.sgfn}
    say("parameters", ", ".join(f"{name} {rehearsal.parameters(part) / 1e6:.2f} M" for name, part in parts.items()))
    memory = (f"{n} {rehearsal.guidance_bytes(tagger, configuration, n) / 1e6:.1f} MB" for n in sorted(GUIDANCE))
    say("guidance", f"{configuration.sgfn.guidance}; a frame's weights: {', '.join(memory)}")
    seconds = rehearsal.forward_seconds(tagger, size)
    say("forward", f"{seconds:.3f} s a frame, CPU threads: {options.threads}")
    loss, seconds = rehearsal.train_a_step(tagger, configuration)
    say("training step", f"{seconds:.1f} s for {rehearsal.FRAMES} frames, loss {loss:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        model = options.onnx or Path(folder) / "model.onnx"
        exported = rehearsal.export(tagger, size, model)
        cost = rehearsal.costs(tagger, size, model)
    size_of = f"{exported.bytes / 1e6:.1f} MB in {exported.seconds:.0f} s"
    say("export", f"{size_of}, at most {exported.difference:.1e} from PyTorch")
    say(
        "ONNX Runtime",
        f"{cost.tagger:.1f} ms a frame, {cost.trunk:.1f} of the trunk alone: {cost.share:+.0%}, one thread, "
        f"median of {cost.runs}",
    )
    if exported.difference > TOLERANCE:
        raise UserError(f"the exported model differs from PyTorch by more than {TOLERANCE}: report this")


if __name__ == "__main__":
    run(main)
