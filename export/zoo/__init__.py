"""Architectures that `edgeaffect export` knows by name: how to build each and what its outputs mean.

Every network has the state_dict of the published checkpoints: HSEmotion's and CAGE's are timm's and torchvision's own,
the others are written here. Facts of an entry (class order,
input, normalisation, alignment) come from its authors' inference code; `docs/bring-your-own-checkpoint.md` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.models.spec import Alignment, ImageInput, ModelSpec, OutputSpec

if TYPE_CHECKING:
    from torch import nn

# Alphabetical order of HSEmotion's training folders.
HSEMOTION = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
# Numbering of AffectNet's annotation files; seven-class models leave out contempt.
AFFECTNET = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
# EmoNet's data loader keeps classes 0, 1, 2, 3 and 6 of AffectNet and renumbers 6 (anger) to 4.
EMONET_5 = ("neutral", "happiness", "sadness", "surprise", "anger")

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

# The detector's box stretched to the input, as in the authors' demos.
_STRETCHED_BOX = Alignment(kind="box", square=False, rotate=False)
_SQUARE_BOX = Alignment(kind="box", square=True, rotate=False)
# Frontal template of DDAMFN++'s alignment script for 112x112, moved by half a pixel: there centres are integers.
_DDAMFN_ALIGNED = Alignment(
    kind="landmarks5",
    template=((34.066, 41.059), (78.821, 41.059), (55.838, 65.467), (38.979, 90.776), (74.091, 90.776)),
    border="constant",
)

TIMM_PREFIX = "timm:"


@dataclass(frozen=True)
class Architecture:
    """One named network."""

    name: str
    build: Callable[[Container[str]], nn.Module]
    """Build with fresh weights. The argument holds the checkpoint's keys and decides between layouts of the head."""
    spec: ModelSpec


def _outputs(labels: tuple[str, ...], *, va: bool) -> tuple[OutputSpec, ...]:
    """Meanings of one flat output vector: class logits, then valence and arousal."""
    n = len(labels)
    outputs: tuple[OutputSpec, ...] = (OutputSpec("output", "logits", (0, n), labels),) if labels else ()
    if va:
        outputs += (OutputSpec("output", "valence", (n, n + 1)), OutputSpec("output", "arousal", (n + 1, n + 2)))
    return outputs


def _spec(
    name: str,
    side: int,
    outputs: tuple[OutputSpec, ...],
    alignment: Alignment,
    licence: str,
    *,
    mean: tuple[float, ...] = IMAGENET_MEAN,
    std: tuple[float, ...] = IMAGENET_STD,
) -> ModelSpec:
    rated = any(output.meaning == "valence" for output in outputs)
    return ModelSpec(
        name=name,
        version="1.0.0",
        task="affect",
        inputs=(ImageInput(name="image", size=(side, side), color="rgb", mean=mean, std=std),),
        outputs=outputs,
        alignment=alignment,
        va_source="rated" if rated else "derived",
        licence=licence,
        training_data=("AffectNet",),
    )


def _hsemotion(name: str, network: str, side: int, *, va: bool = False) -> Architecture:
    outputs = _outputs(HSEMOTION, va=va)

    def build(keys: Container[str]) -> nn.Module:
        from . import hsemotion

        return hsemotion.build(network, 8 + 2 * va, sequential_head="classifier.0.weight" in keys)

    return Architecture(name, build, _spec(name, side, outputs, _STRETCHED_BOX, "apache-2.0"))


def _cage(name: str, classes: int, *, va: bool) -> Architecture:
    def build(keys: Container[str]) -> nn.Module:
        from . import cage

        return cage.build(classes + 2 * va, dropout_head=classes == 0)

    return Architecture(name, build, _spec(name, 224, _outputs(AFFECTNET[:classes], va=va), _SQUARE_BOX, "mit"))


def _emonet(name: str, labels: tuple[str, ...]) -> Architecture:
    outputs = (
        OutputSpec("expression", "logits", (0, len(labels)), labels),
        OutputSpec("valence", "valence", (0, 1)),
        OutputSpec("arousal", "arousal", (0, 1)),
    )

    def build(keys: Container[str]) -> nn.Module:
        from .emonet import EmoNet

        return EmoNet(len(labels))

    spec = _spec(name, 256, outputs, _STRETCHED_BOX, "cc-by-nc-nd-4.0", mean=(0.0,), std=(1.0,))
    return Architecture(name, build, spec)


def _dan(name: str, classes: int) -> Architecture:
    def build(keys: Container[str]) -> nn.Module:
        from .dan import DAN

        return DAN(classes)

    spec = _spec(name, 224, _outputs(AFFECTNET[:classes], va=False), _STRETCHED_BOX, "unknown")
    return Architecture(name, build, spec)


def _ddamfn(name: str, classes: int) -> Architecture:
    def build(keys: Container[str]) -> nn.Module:
        from .ddamfn import DDAMNet

        return DDAMNet(classes)

    spec = _spec(name, 112, _outputs(AFFECTNET[:classes], va=False), _DDAMFN_ALIGNED, "unknown")
    return Architecture(name, build, spec)


def _own(name: str) -> Architecture:
    """Networks of the bundled models, from a state_dict of `training.affect`.

    Size, normalisation and alignment are those of the bundled file. The logits are not calibrated: that needs
    development data and is done by `training.affect.export`. The last two columns of the network (unknown, not a
    face) are left out of the labels.
    """
    from edgeaffect.models.registry import find

    def build(keys: Container[str]) -> nn.Module:
        from .affect_net import build as build_affect_net

        return build_affect_net(name.removeprefix("edgeaffect-"))

    bundled = find(None, "affect").spec
    spec = replace(
        bundled,
        name=name,
        outputs=(OutputSpec("output", "logits", (0, len(EMOTIONS)), EMOTIONS),),
        calibration=None,
        recipe="",
    )
    return Architecture(name, build, spec)


# Name -> how to make the entry. The bundled models' facts are read from their files, so nothing runs at import.
ARCHITECTURES: dict[str, Callable[[], Architecture]] = {
    "hsemotion-b0": lambda: _hsemotion("hsemotion-b0", "tf_efficientnet_b0", 224),
    "hsemotion-b0-va": lambda: _hsemotion("hsemotion-b0-va", "tf_efficientnet_b0", 224, va=True),
    "hsemotion-b2": lambda: _hsemotion("hsemotion-b2", "tf_efficientnet_b2", 260),
    "cage-maxvit-7": lambda: _cage("cage-maxvit-7", 7, va=False),
    "cage-maxvit-8": lambda: _cage("cage-maxvit-8", 8, va=False),
    "cage-maxvit-7va": lambda: _cage("cage-maxvit-7va", 7, va=True),
    "cage-maxvit-8va": lambda: _cage("cage-maxvit-8va", 8, va=True),
    "cage-maxvit-va": lambda: _cage("cage-maxvit-va", 0, va=True),
    "emonet-5": lambda: _emonet("emonet-5", EMONET_5),
    "emonet-8": lambda: _emonet("emonet-8", AFFECTNET),
    "dan-7": lambda: _dan("dan-7", 7),
    "dan-8": lambda: _dan("dan-8", 8),
    "ddamfn-7": lambda: _ddamfn("ddamfn-7", 7),
    "ddamfn-8": lambda: _ddamfn("ddamfn-8", 8),
    "edgeaffect-nano": lambda: _own("edgeaffect-nano"),
    "edgeaffect-small": lambda: _own("edgeaffect-small"),
    "edgeaffect-base": lambda: _own("edgeaffect-base"),
}


def get(name: str, labels: tuple[str, ...] = ()) -> Architecture:
    """The architecture of that name.

    Args:
        name: one of `ARCHITECTURES`, or `timm:NAME` (needs timm).
        labels: class order of the checkpoint. Required for `timm:NAME`; elsewhere it replaces the published
            order and must have as many entries.

    Raises:
        ValueError: unknown name, or a wrong number of labels; the message lists what is allowed.
    """
    if name.startswith(TIMM_PREFIX):
        from .timm_model import architecture

        return architecture(name, labels)
    if name not in ARCHITECTURES:
        raise ValueError(f"no architecture {name!r}: choose {', '.join(ARCHITECTURES)} or {TIMM_PREFIX}NAME")
    found = ARCHITECTURES[name]()
    return found if not labels else replace(found, spec=_relabelled(found.spec, labels))


def _relabelled(spec: ModelSpec, labels: tuple[str, ...]) -> ModelSpec:
    outputs = []
    for output in spec.outputs:
        if output.labels and output.meaning in ("logits", "probabilities"):
            if len(labels) != len(output.labels):
                raise ValueError(f"{spec.name} has {len(output.labels)} classes; got {len(labels)} labels: {labels}")
            output = replace(output, labels=labels)
        outputs.append(output)
    return replace(spec, outputs=tuple(outputs))
