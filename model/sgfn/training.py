"""The training loop: one cycle of AdamW, an average of the weights, and a checkpoint after every epoch."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from sgfn.batches import Batch
from sgfn.errors import UserError
from sgfn.losses import LOSSES, group_loss
from sgfn.network import Tagger


@dataclass(frozen=True)
class Recipe:
    """Rates are the peaks of the cycle. ema: weight of the past in each step's average."""

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


class Epochs(Protocol):
    """Where batches come from: `len()` of them an epoch, decided by the epoch's seed."""

    def __len__(self) -> int: ...

    def epoch(self, seed: int) -> Iterable[Batch]: ...


class Trainer:
    """A tagger in training. After `resume` it goes on exactly as if it had never stopped."""

    def __init__(self, tagger: Tagger, batches: Epochs, recipe: Recipe) -> None:
        self.tagger = tagger.to(memory_format=torch.channels_last)
        self.batches = batches
        self.recipe = recipe
        self.average = AveragedModel(self.tagger, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema))
        groups = parameter_groups(tagger, recipe)
        self.optimiser = torch.optim.AdamW(groups)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, [group["lr"] for group in groups], total_steps=recipe.epochs * len(batches)
        )
        self.losses: list[float] = []

    def run(self, checkpoint: Path) -> None:
        """Trains the epochs that are left, saving after each; a checkpoint that exists is resumed.

        Raises UserError when the loss is no longer finite.
        """
        if checkpoint.is_file():
            self.resume(checkpoint)
        while len(self.losses) < self.recipe.epochs:
            started = time.monotonic()
            self.losses.append(self._epoch(len(self.losses)))
            self.save(checkpoint)
            seconds = time.monotonic() - started
            print(
                f"epoch {len(self.losses)}/{self.recipe.epochs} loss {self.losses[-1]:.4f} {seconds:.0f} s", flush=True
            )

    def _epoch(self, epoch: int) -> float:
        seed = self.recipe.seed * 10_000 + epoch
        torch.manual_seed(seed)
        self.tagger.train()
        total = 0.0
        for step, batch in enumerate(self.batches.epoch(seed)):
            loss = self._step(batch)
            if not torch.isfinite(loss):
                raise UserError(f"the loss became {loss.item()} in epoch {epoch + 1}, step {step + 1}: lower the rates")
            total += loss.item()
        return total / len(self.batches)

    def _step(self, batch: Batch) -> torch.Tensor:
        recipe = self.recipe
        semantics = self.tagger.semantics()
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
            logits = self.tagger(batch.frames, semantics)
        loss = LOSSES[recipe.loss](logits, batch.positive, batch.known)
        penalty = recipe.class_l2 * self.tagger.sgfn.class_weight.square().sum()
        self.optimiser.zero_grad()
        (loss + penalty + recipe.group_weight * group_loss(semantics)).backward()
        self.optimiser.step()
        self.schedule.step()
        self.average.update_parameters(self.tagger)
        return loss.detach()

    def save(self, checkpoint: Path) -> None:
        """Replaces the checkpoint in one step, so that a kill leaves the old or the new one."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        unfinished = checkpoint.with_suffix(".tmp")
        torch.save({**state, "losses": self.losses, "recipe": vars(self.recipe)}, unfinished)
        unfinished.replace(checkpoint)

    def resume(self, checkpoint: Path) -> None:
        """Raises UserError when the checkpoint was made by another recipe."""
        state = torch.load(checkpoint, weights_only=True)
        if state["recipe"] != vars(self.recipe):
            raise UserError(f"{checkpoint} was trained by another recipe: {state['recipe']}")
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.losses = state["losses"]

    def _parts(self) -> dict[str, Any]:
        return {
            "tagger": self.tagger,
            "average": self.average,
            "optimiser": self.optimiser,
            "schedule": self.schedule,
        }


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
