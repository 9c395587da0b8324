"""The network of voice activity: residual causal convolutions over log-mel frames, each looking further back.

Everything that one call hands to the next is one tensor, `state` [N, C, 1, past], zeros at the start of a sound: the
last inputs of each convolution, one after the other. An answer reaches back `reach` frames and no further, so that
nothing drifts in a stream of hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

KERNEL = 3


@dataclass(frozen=True)
class ActivityConfig:
    """Sizes."""

    bands: int = 64
    channels: int = 48
    dilations: tuple[int, ...] = (1, 1, 2, 4, 8, 16, 32, 64)

    @property
    def pasts(self) -> list[int]:
        """Frames that each convolution keeps of its input."""
        return [(KERNEL - 1) * dilation for dilation in self.dilations]

    @property
    def state(self) -> tuple[int, int, int]:
        """Shape of what one call hands to the next, without the batch."""
        return (self.channels, 1, sum(self.pasts))

    @property
    def reach(self) -> int:
        """Frames that one answer depends on, its own included."""
        return 1 + sum(self.pasts)


class ActivityNet(nn.Module):
    """log-mel [N, T, bands], state [N, C, 1, past] -> logits [N, T], next state; frame t sees frames up to t.

    Tensors inside are [N, C, 1, T]: two-dimensional convolutions train faster in bfloat16.
    """

    mean: Tensor
    scale: Tensor
    floor: Tensor

    def __init__(self, config: ActivityConfig | None = None) -> None:
        super().__init__()
        self.config = config or ActivityConfig()
        c = self.config
        self.register_buffer("floor", torch.full((c.bands,), -12.0))
        self.register_buffer("mean", torch.full((c.bands,), -9.0))
        self.register_buffer("scale", torch.full((c.bands,), 0.25))
        self.first = nn.Conv2d(c.bands, c.channels, 1)
        self.first_norm: nn.Module = nn.BatchNorm2d(c.channels)
        self.convs = nn.ModuleList(nn.Conv2d(c.channels, c.channels, (1, KERNEL), dilation=(1, d)) for d in c.dilations)
        self.norms = nn.ModuleList(nn.BatchNorm2d(c.channels) for _ in c.dilations)
        self.out = nn.Conv2d(c.channels, 1, 1)

    def zeros(self, rows: int) -> Tensor:
        """The state of so many new sounds."""
        return torch.zeros(rows, *self.config.state)

    def forward(self, log_mel: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        pasts, kept = self.config.pasts, []
        # Note [Floor]: energies of faint pink noise are added to all. Recordings of clicks and barks begin and end in
        # digital silence, those of speech in scenes do not: without a floor silence would count against speech.
        heard = (log_mel.exp() + self.floor.exp()).log()
        x = ((heard - self.mean) * self.scale).transpose(1, 2).unsqueeze(2)
        y = functional.relu(self.first_norm(self.first(x)))
        for past, frames, conv, norm in zip(state.split(pasts, 3), pasts, self.convs, self.norms, strict=True):
            # In training the state is zeros in float32 beside bfloat16.
            seen = torch.cat([past if past.dtype == y.dtype else past.to(y.dtype), y], 3)
            kept.append(seen[..., -frames:])
            y = y + functional.relu(norm(conv(seen)))
        return self.out(y)[:, 0, 0], torch.cat(kept, 3)

    def folded(self) -> ActivityNet:
        """A copy in evaluation mode with the normalisations inside the convolutions."""
        copy = ActivityNet(self.config)
        copy.load_state_dict(self.state_dict())
        copy.eval()
        copy.first = _fold(copy.first, copy.first_norm)
        copy.convs = nn.ModuleList(_fold(c, n) for c, n in zip(copy.convs, copy.norms, strict=True))
        copy.first_norm = nn.Identity()
        copy.norms = nn.ModuleList(nn.Identity() for _ in copy.norms)
        return copy


def _fold(conv: nn.Module, norm: nn.Module) -> nn.Conv2d:
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    fused: nn.Conv2d = torch.nn.utils.fuse_conv_bn_eval(conv, norm)
    return fused


def from_file(path: Path) -> ActivityNet:
    """The network of an exported file: its normalisations stand inside the convolutions already.

    Raises:
        ValueError: the file holds another network.
    """
    import onnx

    graph = onnx.load(path).graph
    values = [torch.from_numpy(onnx.numpy_helper.to_array(w).astype("float32")) for w in graph.initializer]
    net = ActivityNet()
    convs = [net.first, *net.convs, net.out]
    places = [net.floor, net.mean, net.scale]
    places += [tensor.data for conv in convs for tensor in (conv.weight, conv.bias)]
    if [tuple(v.shape) for v in values] != [tuple(p.shape) for p in places]:
        raise ValueError(f"{path} holds no network of {net.config}")
    for place, value in zip(places, values, strict=True):
        place.copy_(value)
    for norm in (net.first_norm, *net.norms):
        norm.eps = 0.0
    return net


@torch.no_grad()
def renormalise(net: ActivityNet, log_mel: Tensor) -> None:
    """Give the normalisations the statistics of a batch [N, T, bands], and the network the answers that it had.

    A folded network can be trained further then: in training, too, it begins with these answers.
    """
    pairs = [(net.first, net.first_norm), *zip(net.convs, net.norms, strict=True)]
    seen: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def watch(conv: nn.Module, _: object, output: Tensor) -> None:
        seen[conv] = (output.mean((0, 2, 3)), output.var((0, 2, 3)))

    hooks = [conv.register_forward_hook(watch) for conv, _ in pairs]
    net.eval()
    net(log_mel, net.zeros(len(log_mel)))
    for hook in hooks:
        hook.remove()
    for conv, norm in pairs:
        assert isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None and norm.running_var is not None
        mean, variance = seen[conv]
        norm.eps = 1e-5
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(mean)
    net.train()
