"""Model files of others that `edgeaffect models pull` knows by name: where they lie and on what terms.

Addresses and licences are those of the projects' own repositories. A digest stands here only where the project
publishes one (OpenCV Zoo: its Git LFS pointers); for the others the first pull records it in the cache folder, and
every later one must match.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RemoteFile:
    """One file of another project."""

    name: str
    file: str
    """What it is called on disk."""
    url: str | None = field(repr=False)
    """May hold a token. None where its authors publish none."""
    sha256: str | None
    """None where its authors publish none: unknown until the first pull records it."""
    licence: str
    terms: str
    """What the user agrees to, in a few words."""
    next_step: str
    """What to do with the file."""


_EMOTIEFF = "https://github.com/sb-ai-lab/EmotiEffLib/raw/main/models/affectnet_emotions/"
_YUNET = "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/"

_HSEMOTION_TERMS = (
    "HSEmotion / EmotiEffLib (github.com/sb-ai-lab/EmotiEffLib): its repository is under Apache-2.0. The weights were "
    "pre-trained on VGGFace2 and tuned on AffectNet, whose terms allow non-commercial research only; whether weights "
    "inherit them is for your own lawyer to say. The file is a pickled PyTorch module: it is read by a restricted "
    "unpickler, and only with --trust-pickle."
)
_CAGE_TERMS = (
    "CAGE (github.com/wagner-niklas/CAGE_expression_inference): code under MIT; trained on AffectNet, whose terms "
    "allow non-commercial research only."
)
_CAGE_NEXT = (
    "its authors publish no weights (their issues 1 and 5): train them with models/AffectNet*_Maxvit_*/train.py of "
    "their repository or ask them, then: edgeaffect export model.pt --arch {arch}"
)
_YUNET_TERMS = "YuNet (github.com/opencv/opencv_zoo, Shiqi Yu and others): MIT."
_YUNET_NEXT = "a detector to compare with: python -m edgeaffect.bench"


def _hsemotion(name: str, file: str, arch: str) -> RemoteFile:
    step = f"edgeaffect export FILE --arch {arch} --trust-pickle -o DIR"
    return RemoteFile(name, file, _EMOTIEFF + file, None, "apache-2.0 (data: research only)", _HSEMOTION_TERMS, step)


def _cage(arch: str) -> RemoteFile:
    step = _CAGE_NEXT.format(arch=arch)
    return RemoteFile(arch, f"{arch}.pt", None, None, "mit (data: research only)", _CAGE_TERMS, step)


REMOTES: tuple[RemoteFile, ...] = (
    _hsemotion("hsemotion-b0", "enet_b0_8_best_vgaf.pt", "hsemotion-b0"),
    _hsemotion("hsemotion-b0-afew", "enet_b0_8_best_afew.pt", "hsemotion-b0"),
    _hsemotion("hsemotion-b0-va", "enet_b0_8_va_mtl.pt", "hsemotion-b0-va"),
    _hsemotion("hsemotion-b2", "enet_b2_8.pt", "hsemotion-b2"),
    *(_cage(f"cage-maxvit-{kind}") for kind in ("7", "8", "7va", "8va", "va")),
    RemoteFile(
        "yunet", "face_detection_yunet_2023mar.onnx", f"{_YUNET}face_detection_yunet_2023mar.onnx",
        "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4", "mit", _YUNET_TERMS, _YUNET_NEXT,
    ),
    RemoteFile(
        "yunet-int8", "face_detection_yunet_2023mar_int8.onnx", f"{_YUNET}face_detection_yunet_2023mar_int8.onnx",
        "d0405ddda91a261af340e087219dfbac26cea1575aab2ccb7f2ed41e20708a82", "mit", _YUNET_TERMS, _YUNET_NEXT,
    ),
)  # fmt: skip
