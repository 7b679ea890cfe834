"""Command: a checkpoint's averaged weights as one .safetensors file, to hand on; README.md has the format."""

from pathlib import Path

from sgfn.checkpoints import publish
from sgfn.commands import command
from sgfn.errors import UserError, run


def main() -> None:
    parser = command("publish", __doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="FILE", help="written by sgfn.train")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE.safetensors", help="to write")
    parser.add_argument(
        "--head-only",
        action="store_true",
        help="without the trunk, for a head that is used on the trunk as its makers published it",
    )
    options = parser.parse_args()
    if options.to.suffix != ".safetensors":
        raise UserError(f"{str(options.to)!r} must end in .safetensors, by which it is recognised")
    publish(options.checkpoint, options.to, options.head_only)


if __name__ == "__main__":
    run(main)
