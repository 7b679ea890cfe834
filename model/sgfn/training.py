"""The training loop: one cycle of AdamW, an average of the weights, and a checkpoint after every epoch."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from sgfn.augmentation import Augmentation
from sgfn.batches import Batch
from sgfn.checkpoints import differences, misshapen, read_checkpoint, require_writable, write_checkpoint
from sgfn.errors import UserError
from sgfn.losses import LOSSES, group_loss
from sgfn.network import Tagger
from sgfn.progress import progress, write_curve


@dataclass(frozen=True)
class Recipe:
    """Rates are the peaks of the cycle. ema: weight of the past in each step's average. bf16: autocast, a CPU's too."""

    epochs: int = 12
    trunk_rate: float = 1e-4
    head_rate: float = 5e-4
    cue_rate: float = 5e-3
    weight_decay: float = 1e-4
    class_l2: float = 0.01
    group_weight: float = 1e-4
    ema: float = 0.995
    loss: str = "bce"
    bf16: bool = True
    seed: int = 0


DEFAULTS = {f"augmentation.{key}": value for key, value in asdict(Augmentation()).items()}


class Epochs(Protocol):
    """Where batches come from: `len()` of them an epoch, decided by the epoch's seed."""

    def __len__(self) -> int: ...

    def epoch(self, seed: int) -> Iterable[Batch]: ...


Measure = Callable[[Tagger], dict[str, float]]
"""Figures of the averaged tagger, by name."""


class Trainer:
    """A tagger in training. After `resume` it goes on exactly as if it had never stopped.

    about: what else a checkpoint must agree on to be resumed. measure: called on the average after every `every`
    epochs; its figures join the curve.
    """

    def __init__(
        self,
        tagger: Tagger,
        batches: Epochs,
        recipe: Recipe,
        device: str = "cpu",
        about: dict[str, Any] | None = None,
        measure: Measure | None = None,
        every: int = 1,
    ) -> None:
        self.device = torch.device(device)
        self.tagger = tagger.to(self.device).to(memory_format=torch.channels_last)
        self.batches = batches
        self.recipe = recipe
        self.about = about or {}
        self.measure, self.every = measure, every
        self.average = AveragedModel(self.tagger, multi_avg_fn=moving_average(recipe.ema), use_buffers=True)
        groups = parameter_groups(tagger, recipe)
        self.optimiser = torch.optim.AdamW(groups)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, [group["lr"] for group in groups], total_steps=recipe.epochs * len(batches)
        )
        self.curve: list[dict[str, float]] = []

    @property
    def losses(self) -> list[float]:
        """The mean loss of each epoch so far."""
        return [row["loss"] for row in self.curve]

    def run(self, checkpoint: Path) -> None:
        """Trains the epochs that are left, saving after each, with the curve as .csv beside it.

        A checkpoint that exists is resumed. Raises UserError when it cannot be written, before all else, and when loss
        or weights are no longer finite.
        """
        for file in (checkpoint, curve_of(checkpoint)):
            require_writable(file)
        if checkpoint.is_file():
            self.resume(checkpoint)
        while len(self.curve) < self.recipe.epochs:
            started = time.monotonic()
            epoch = len(self.curve) + 1
            row: dict[str, float] = {
                "epoch": epoch,
                "loss": self._epoch(epoch - 1),
                "rate": float(max(self.schedule.get_last_lr())),
            }
            row["seconds"] = round(time.monotonic() - started, 1)
            last = epoch == self.recipe.epochs
            if self.measure and (epoch % self.every == 0 or last):
                row |= self.measure(cast(Tagger, self.average.module).eval())
            self.curve.append(row)
            self.save(checkpoint)
            figures = " ".join(f"{name} {row[name]:.4f}" for name in row if name not in ("epoch", "rate", "seconds"))
            print(f"epoch {epoch}/{self.recipe.epochs} {figures} {row['seconds']:.0f} s", flush=True)

    def _epoch(self, epoch: int) -> float:
        seed = self.recipe.seed * 10_000 + epoch
        torch.manual_seed(seed)
        self.tagger.train()
        total = 0.0
        steps = progress(self.batches.epoch(seed), len(self.batches), f"epoch {epoch + 1}/{self.recipe.epochs}")
        for step, batch in enumerate(steps):
            loss = self.step(batch).item()
            if not math.isfinite(loss):
                photos = f" (photos {', '.join(batch.photos[:3])}, ...)" if batch.photos else ""
                raise UserError(
                    f"the loss became {loss} in epoch {epoch + 1}, step {step + 1}{photos}: {self._remedy(epoch)}"
                )
            total += loss
        return total / len(self.batches)

    def _remedy(self, kept: int) -> str:
        """What to do when numbers are no longer finite. kept: epochs that the checkpoint holds."""
        recipe = self.recipe
        cue = f", recipe.cue_rate ({recipe.cue_rate:g})" if self.tagger.cue is not None else ""
        bf16 = ", or train with --no-bf16" if recipe.bf16 else ""
        again = "; give another --checkpoint then, since this one holds the epoch before" if kept else ""
        return (
            f"lower recipe.trunk_rate ({recipe.trunk_rate:g}), recipe.head_rate ({recipe.head_rate:g}){cue} in the "
            f"configuration{bf16}{again}"
        )

    def step(self, batch: Batch) -> torch.Tensor:
        """Learns from one batch; the loss, before it."""
        recipe = self.recipe
        frames, positive, known = (part.to(self.device, non_blocking=True) for part in batch[:3])
        semantics = self.tagger.semantics()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=recipe.bf16):
            logits = self.tagger(frames, semantics)
        loss = LOSSES[recipe.loss](logits, positive, known)
        penalty = recipe.class_l2 * self.tagger.sgfn.class_weight.square().sum()
        self.optimiser.zero_grad()
        (loss + penalty + recipe.group_weight * group_loss(semantics)).backward()
        self.optimiser.step()
        self.schedule.step()
        self.average.update_parameters(self.tagger)
        return loss.detach()

    def save(self, checkpoint: Path) -> None:
        """Replaces the checkpoint and the curve beside it. Raises UserError for weights that are no numbers."""
        if not all(part.isfinite().all() for part in self.average.state_dict().values()):
            epoch = len(self.curve)
            raise UserError(f"weights became no numbers in epoch {epoch}: {self._remedy(epoch - 1)}")
        state = {name: part.state_dict() for name, part in self._parts().items()}
        described = {"losses": self.losses, "curve": self.curve, "recipe": asdict(self.recipe), **self.about}
        write_checkpoint(checkpoint, {**state, **described})
        write_curve(curve_of(checkpoint), self.curve)

    def resume(self, checkpoint: Path) -> None:
        """Goes on from a checkpoint, and writes the curve that it holds.

        Raises UserError when it was made by another recipe or of another configuration, photos or vectors.
        """
        state = read_checkpoint(checkpoint)
        different = differences(asdict(Recipe()) | state["recipe"], asdict(self.recipe))
        for key, value in self.about.items():
            theirs = state.get(key, value)
            if theirs == value:
                continue
            if isinstance(value, dict):  # a checkpoint of before a key came does not state it, and had its default
                different += differences(DEFAULTS | theirs, value)
            else:
                different.append(f"other {key}")
        different = different or misshapen(state["tagger"], self.tagger.state_dict())[:2]
        if different:
            raise UserError(
                f"{checkpoint} was trained otherwise: {'; '.join(different)}. Give the same flags and data to go on "
                "with it, or another --checkpoint to start anew"
            )
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.curve = state.get("curve") or [{"epoch": n + 1, "loss": loss} for n, loss in enumerate(state["losses"])]
        write_curve(curve_of(checkpoint), self.curve)  # a kill may have come between the two files

    def _parts(self) -> dict[str, Any]:
        return {
            "tagger": self.tagger,
            "average": self.average,
            "optimiser": self.optimiser,
            "schedule": self.schedule,
        }


def moving_average(decay: float) -> Callable[[Any, Any, Any], None]:
    """What updates an average: weights and statistics (of BatchNorm, which go with the weights) by decay; counters and
    numbers of classes are copied."""
    update = get_ema_multi_avg_fn(decay)

    def averaged(past: list[Tensor], now: list[Tensor], count: Tensor) -> None:
        if past[0].is_floating_point():  # they come by type
            update(past, now, count)
        else:
            for one, other in zip(past, now, strict=True):
                one.copy_(other)

    return averaged


def curve_of(checkpoint: Path) -> Path:
    """The file of its curve: one.csv of one.pt, lr0.01.csv of lr0.01."""
    return checkpoint.with_name(f"{checkpoint.name.removesuffix('.pt')}.csv")


def parameter_groups(tagger: Tagger, recipe: Recipe) -> list[dict[str, Any]]:
    """Trunk, cue and the rest at their own rates; no weight decay on biases and other vectors. Frozen parts are out."""
    rates: list[tuple[nn.Module, float]] = [
        (tagger.backbone, recipe.trunk_rate),
        (tagger.semantics, recipe.head_rate),
        (tagger.sgfn, recipe.head_rate),
    ]
    if tagger.cue is not None:
        rates.append((tagger.cue, recipe.cue_rate))
    groups = []
    for module, rate in rates:
        trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
        for matrix, decay in ((True, recipe.weight_decay), (False, 0.0)):
            chosen = [parameter for parameter in trained if (parameter.ndim > 1) == matrix]
            if chosen:
                groups.append({"params": chosen, "lr": rate, "weight_decay": decay})
    return groups
