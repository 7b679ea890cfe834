"""Command: fine-tunes the tagger on the photos to learn from (never test); resumes its checkpoint."""

import argparse

import torch

from sgfn.batches import TrainingBatches
from sgfn.errors import run
from sgfn.losses import LOSSES
from sgfn.photos import read_names, read_photos, split_dev
from sgfn.taggers import add_trunk_arguments, build_tagger
from sgfn.training import Recipe, Trainer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sgfn.train", description=__doc__)
    add_trunk_arguments(parser)
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--loss", choices=sorted(LOSSES), default=Recipe.loss)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=416, help="side of a training frame, px")
    parser.add_argument("--class-l2", type=float, default=Recipe.class_l2, help="penalty on SGFN's class weights")
    parser.add_argument("--voc-per-epoch", type=int, default=1074, help="VOC photos drawn beside all COCO photos")
    parser.add_argument("--parts", type=float, default=0, help="share of photos of which only a small part is shown")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=Recipe.bf16, help="bfloat16 autocast")
    parser.add_argument("--with-dev", action="store_true", help="learn from the dev photos too, once all is chosen")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if len(options.checkpoint) != 1:
        parser.error("a run has one --checkpoint")

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tagger = build_tagger(options.data, options.trunk, options.weights, options.vectors)
    learn, dev = split_dev(read_photos(options.data))
    if options.with_dev:
        learn += dev
    names = read_names(options.data / "coco80.txt")
    voc_names = read_names(options.data / "voc20.txt")
    batches = TrainingBatches(
        learn, names, voc_names, options.batch, options.voc_per_epoch, options.crop, options.parts
    )
    recipe = Recipe(
        epochs=options.epochs, loss=options.loss, class_l2=options.class_l2, bf16=options.bf16, seed=options.seed
    )
    Trainer(tagger, batches, recipe).run(options.checkpoint[0])


if __name__ == "__main__":
    run(main)
