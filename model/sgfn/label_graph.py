"""Label semantics: a graph of which labels occur together, and graph attention over the labels' word vectors."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def label_graph(positives: Tensor, threshold: float = 0.4) -> Tensor:
    """Boolean adjacency [n, n] from the positives [photos, n] of a training split on which every label is known.

    P_ij = count(i, j) / count(i); row i has the edge from j when P_ij >= threshold. Every label is its own neighbour.
    """
    counts = positives.float().T @ positives.float()
    probability = counts / counts.diagonal().clamp(min=1).unsqueeze(1)
    return (probability >= threshold) | torch.eye(len(counts), dtype=torch.bool)


class GraphAttention(nn.Module):
    """h = xW; e_ij = LeakyReLU_0.2(a . [h_i || h_j]); alpha = softmax over neighbours; ELU(alpha h + h).

    [n, d_in] to [n, d_out] (arXiv 1710.10903, one head, no bias, with the node's own h added).
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.weight = nn.Linear(channels_in, channels_out, bias=False)
        self.attention = nn.Linear(channels_out, 2, bias=False)  # the two halves of a: for node i, for neighbour j

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        h = self.weight(x)
        own, neighbour = self.attention(h).unbind(1)
        energy = F.leaky_relu(own.unsqueeze(1) + neighbour.unsqueeze(0), 0.2)
        alpha = energy.masked_fill(~adjacency, -torch.inf).softmax(1)
        return F.elu(alpha @ h + h)


class Semantics(NamedTuple):
    """Independent of the frame, hence constants after training.

    local: E [n, d], one vector per label. groups: G [m, d]. membership: S [n, m], rows sum to 1.
    """

    local: Tensor
    groups: Tensor
    membership: Tensor


class LabelSemantics(nn.Module):
    """Word vectors [n, v] to `Semantics`: E = GAT(GAT(linear)), Z = GAT(E), S = softmax_rows(GAT(E)), G = S^T Z.

    With no groups G and S are empty.
    """

    vectors: Tensor
    adjacency: Tensor

    def __init__(self, vectors: Tensor, adjacency: Tensor, channels: int, groups: int) -> None:
        super().__init__()
        self.register_buffer("vectors", vectors)
        self.register_buffer("adjacency", adjacency)
        self.reduce = nn.Linear(vectors.shape[1], 256)
        self.hidden = GraphAttention(256, 300)
        self.local = GraphAttention(300, channels)
        self.group_vectors = GraphAttention(channels, channels) if groups else None
        self.group_scores = GraphAttention(channels, groups) if groups else None

    def forward(self) -> Semantics:
        hidden = self.hidden(self.reduce(self.vectors), self.adjacency)
        local = self.local(hidden, self.adjacency)
        if self.group_scores is None or self.group_vectors is None:
            return Semantics(local, local[:0], local[:, :0])
        membership = self.group_scores(local, self.adjacency).softmax(1)
        return Semantics(local, membership.T @ self.group_vectors(local, self.adjacency), membership)
