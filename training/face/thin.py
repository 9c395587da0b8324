"""Thins the detector: fewer and narrower layers on its largest maps, and what reads them refitted to answer the same.

Where layers go, the pointwise convolution that comes next is fitted by least squares, on what the thin layers before it
really give (He et al. 2017, "Channel pruning for accelerating very deep neural networks"). Distillation then brings
back what is lost.
"""

from __future__ import annotations

import torch
from edgeaffect.export.zoo.face_net import WIDTH, FaceConfig, FaceNet, halved
from torch import nn

from training.affect.thin import least_squares
from training.norms import restore_norms

PLACES = 400  # of each map that take part in a fit
SEED = 0


def _layers(pair: nn.Sequential) -> tuple[nn.Conv2d, nn.Conv2d, nn.BatchNorm2d]:
    """Pointwise convolution, depthwise convolution and norm of a `pair`."""
    pointwise, depthwise, norm, _ = pair
    assert isinstance(pointwise, nn.Conv2d) and isinstance(depthwise, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    return pointwise, depthwise, norm


def _pairs(modules: nn.Sequential | nn.ModuleList) -> list[nn.Sequential]:
    """The pairs in a stage or a neck; what stands in place of a missing one is left out."""
    return [module for module in modules if isinstance(module, nn.Sequential)]


def _refit(pair: nn.Sequential, old: nn.Sequential, x: torch.Tensor, wanted: torch.Tensor, kept: torch.Tensor) -> None:
    """The pair that comes closest to channels `kept` of `old`: `wanted` is what its pointwise convolution gives."""
    places = torch.randperm(x[0, 0].numel())[:PLACES]
    weight, bias = least_squares(
        x.flatten(2)[:, :, places].transpose(1, 2).flatten(0, 1),
        wanted[:, kept].flatten(2)[:, :, places].transpose(1, 2).flatten(0, 1),
    )
    (pointwise, depthwise, norm), (_, old_depthwise, old_norm) = _layers(pair), _layers(old)
    assert pointwise.bias is not None
    pointwise.weight.copy_(weight[:, :, None, None])
    pointwise.bias.copy_(bias)
    depthwise.weight.copy_(old_depthwise.weight[kept])
    for name in ("weight", "bias", "running_mean", "running_var"):
        getattr(norm, name).copy_(getattr(old_norm, name)[kept])


def _strongest(given: torch.Tensor, reader: nn.Sequential, count: int) -> torch.Tensor:
    """The channels of `given` that move most of what `reader` makes of them."""
    reach = given.std((0, 2, 3)) * _layers(reader)[0].weight.flatten(1).norm(dim=0)
    return reach.topk(count).indices.sort().values


@torch.no_grad()
def thinned(net: FaceNet, config: FaceConfig, batch: torch.Tensor) -> FaceNet:
    """The network of `config` that answers most like `net`.

    Args:
        net: trained, of the full configuration.
        config: with 16 channels first and at most as many layers and channels as `net` at stride 4.
        batch: normalised crops float32 [b, 3, h, w] to fit on.
    """
    torch.manual_seed(SEED)
    result = FaceNet(config)
    net.eval(), result.eval()
    same = {name: value for name, value in net.state_dict().items() if name.startswith(("stem", "stage16", "stage32"))}
    same |= {
        name: value
        for name, value in net.state_dict().items()
        if name.startswith(("lateral", "branch", "head", "stage8.1")) and name in result.state_dict()
    }
    result.load_state_dict(same, strict=False)
    x = thin = halved(net.stem(batch))
    early, first = _pairs(net.stage4), _pairs(net.stage8)[0]
    for pair, old, reader in zip(_pairs(result.stage4), early, [*early[1:], first], strict=False):
        wanted = old[0](x)
        x = old(x)
        _refit(pair, old, thin, wanted, _strongest(x, reader, _layers(pair)[0].out_channels))
        thin = pair(thin)
    for old in early[len(result.stage4) :]:
        x = old(x)
    x, thin = halved(x), halved(thin)
    _refit(_pairs(result.stage8)[0], first, thin, first[0](x), torch.arange(WIDTH))
    if not config.fine_branch:
        _join_neck(result, net, batch)
    restore_norms(result, [batch])
    return result


def _join_neck(result: FaceNet, net: FaceNet, batch: torch.Tensor) -> None:
    """The finest lateral pair does what it and the branch behind it did."""
    lateral, branch = _pairs(result.lateral)[0], _pairs(net.branch)[0]
    seen: dict[str, torch.Tensor] = {}
    hooks = [
        lateral.register_forward_pre_hook(lambda _, inputs: seen.__setitem__("x", inputs[0])),
        branch[0].register_forward_hook(lambda _, __, output: seen.__setitem__("wanted", output)),
    ]
    result(batch), net(batch)
    for hook in hooks:
        hook.remove()
    _refit(lateral, branch, seen["x"], seen["wanted"], torch.arange(WIDTH))
