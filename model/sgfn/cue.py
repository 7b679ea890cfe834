"""The cue: a detector's scores, pooled over the frame and weighed, as log-odds per label."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sgfn.photos import as_coco

UNKNOWN_LOG_ODDS = -4.6  # 1 %
FLOOR = 1e-6  # probabilities are kept this far from 0 and 1: log-odds within +-13.8


def classes_of(names: Sequence[str], classes: Sequence[str]) -> list[int] | None:
    """Of each label the number of the detector's class of that name, in any spelling; -1 where it has none. None when
    labels and classes are the same in the same order."""
    numbers = {as_coco(name): number for number, name in enumerate(classes)}
    found = [numbers.get(as_coco(name), -1) for name in names]
    return None if found == list(range(len(classes))) else found


def log_odds(probabilities: Tensor) -> Tensor:
    clamped = probabilities.clamp(FLOOR, 1 - FLOOR)
    return clamped.log() - (1 - clamped).log()


def pool_scores(scores: list[Tensor], power: int = 1) -> Tensor:
    """L levels [N, n, P_l] of probabilities to log-odds [N, n, 2 + L]: max, noisy-or, max of each level.

    Noisy-or is 1 - prod(1 - p^power): with power 1 the chance of at least one object if cells were independent.
    Thousands of cells that a detector leaves at a low probability drown it; a higher power quiets them. There is no
    top-k: it costs more time than all of these together.
    """
    maxima = torch.stack([level.amax(2) for level in scores], 2)
    raised = scores if power == 1 else [level**power for level in scores]  # ONNX Runtime takes 1 ms for powers of 1
    none = torch.stack([(1 - level).prod(2) for level in raised], 2).prod(2)
    return log_odds(torch.cat([maxima.amax(2, True), 1 - none.unsqueeze(2), maxima], 2))


class Cue(nn.Module):
    """y_i = sum_k (w_k + v_ik) x_ik + b + c_i: weights shared by all labels, and a small deviation for each.

    Untrained it is the detector as a tagger: the log-odds of its largest score. classes: as of `classes_of`; a label
    that the detector does not know has x_i = 0, so all its cue is b + c_i, untrained the log-odds of 1 %.
    """

    columns: Tensor | None

    def __init__(self, labels: int, levels: int = 3, power: int = 1, classes: Sequence[int] | None = None) -> None:
        super().__init__()
        self.power = power
        columns = None if classes is None else torch.tensor(classes) + 1
        self.register_buffer("columns", columns, persistent=False)
        pools = 2 + levels
        self.shared = nn.Parameter(torch.eye(1, pools).squeeze(0))
        self.deviation = nn.Parameter(torch.zeros(labels, pools))
        self.shared_bias = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(labels))
        if columns is not None:
            self.bias.data[columns == 0] = UNKNOWN_LOG_ODDS

    def forward(self, scores: list[Tensor]) -> Tensor:
        """[N, n] log-odds from a detector's scores; always computed in float32."""
        pooled = pool_scores([level.float() for level in scores], self.power)
        if self.columns is not None:
            pooled = F.pad(pooled, (0, 0, 1, 0)).index_select(1, self.columns)  # row 0 is of what is not known
        return self.weigh(pooled)

    def weigh(self, pooled: Tensor) -> Tensor:
        """[N, n] log-odds from those of `pool_scores`."""
        weighed = (pooled * (self.shared + self.deviation)).unbind(2)
        # one after the other: a reduction may round by how many frames there are, unless labels are a multiple of 8
        return sum(weighed[1:], weighed[0]) + self.shared_bias + self.bias
