"""The bundled expression networks: plain residual nets for small gray face crops."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

VOTE_COLUMNS = 10  # eight emotions, "unknown", "not a face"


@dataclass(frozen=True)
class AffectConfig:
    """Widths and depths of one network: a stem that halves the picture, then one stage per size."""

    stem: int
    widths: tuple[int, ...]
    blocks: tuple[int, ...]
    dropout: float = 0.2
    guard: int = 0
    """Hidden units of the guard (see `Guard`); 0 for a network without."""
    inner: tuple[int, ...] = ()
    """Channels inside each block, fewer than it gives; empty for as many."""
    strided_shortcuts: bool = False
    """Shortcuts that halve the size are one strided convolution instead of a mean and a pointwise one: in integers ONNX
    Runtime's mean pooling alone takes longer."""


# Widths are multiples of 16: runtimes work in blocks of that many channels, and 24 cost as much as 32. Channels are
# spent early, where they cost time and not bytes: in integers the time is there.
CONFIGS = {
    "nano": AffectConfig(16, (16, 32, 64), (1, 2, 1), 0.0, guard=32),
    "small": AffectConfig(32, (64, 112, 144), (1, 1, 2), 0.1, guard=32),
    "base": AffectConfig(32, (64, 128, 192), (1, 1, 2), guard=32),
}


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2016, ResNet-D's pooled shortcut where the size halves).

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        stride: of the first convolution and of the shortcut.
        inner: channels between the convolutions; None for `outputs`.
        strided: the shortcut is one convolution of the stride's size, see `AffectConfig`.
    """

    def __init__(
        self, inputs: int, outputs: int, stride: int, inner: int | None = None, *, strided: bool = False
    ) -> None:
        super().__init__()
        inner = inner or outputs
        self.conv1 = nn.Conv2d(inputs, inner, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            pooled = stride != 1 and not strided
            size = stride if strided else 1
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride) if pooled else nn.Identity(),
                nn.Conv2d(inputs, outputs, size, size, bias=False),
                nn.BatchNorm2d(outputs),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return self.relu(y + self.shortcut(x))


class Guard(nn.Module):
    """Whether the answer would be the same if nothing hid the face: features [N, C], votes [N, 10] -> logit [N, 1].

    A net is sure of what it sees, and a covered mouth is not seen. The guard learns from damaged views of faces whose
    untouched reading is known. It also looks at the two best labels, because a tie can tip at any touch.
    """

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(channels + 4, hidden)
        self.outer = nn.Linear(hidden, 1)

    def forward(self, pooled: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        chances = logits.log_softmax(1)
        best = chances[:, : VOTE_COLUMNS - 2].topk(2, dim=1).values
        known = torch.cat([pooled, best, chances[:, VOTE_COLUMNS - 2 :]], 1)
        return self.outer(self.inner(known).relu())


class AffectNet(nn.Module):
    """Normalised gray crop [N, 1, S, S] -> vote logits [N, 10]; `features` gives the last map [N, C, S/8, S/8]."""

    def __init__(self, config: AffectConfig) -> None:
        super().__init__()
        # One wide strided filter bank: a full-size stem costs a quarter more training time in its normalisation alone.
        self.stem = nn.Sequential(
            nn.Conv2d(1, config.stem, 5, 2, 2, bias=False), nn.BatchNorm2d(config.stem), nn.ReLU(inplace=True)
        )
        stages: list[nn.Module] = []
        channels = config.stem
        inners = config.inner or config.widths
        for stage, (width, blocks, inner) in enumerate(zip(config.widths, config.blocks, inners, strict=True)):
            for block in range(blocks):
                stride = 2 if block == 0 and stage > 0 else 1
                stages.append(ResidualBlock(channels, width, stride, inner, strided=config.strided_shortcuts))
                channels = width
        self.stages = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(channels, VOTE_COLUMNS)
        self.guard = Guard(channels, config.guard) if config.guard else None

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """The last feature map, input of the head and of anything that shares this encoder."""
        return self.stages(self.stem(x))

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        """Vote logits of a feature map."""
        return self.head(self.dropout(self.pool(features).flatten(1)))

    def judge(self, features: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        """Logit [N, 1] of the guard; raises ValueError for a network without one."""
        if self.guard is None:
            raise ValueError("this network has no guard: build one whose AffectConfig names its hidden units")
        return self.guard(self.pool(features).flatten(1), logits)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classify(self.features(x))


def build(name: str) -> AffectNet:
    """The network called `nano`, `lean`, `small` or `base`, with fresh weights."""
    if name not in CONFIGS:
        raise ValueError(f"no affect network {name!r}: choose one of {sorted(CONFIGS)}")
    return AffectNet(CONFIGS[name])
