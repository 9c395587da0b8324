"""`Explaining`: what a `Pipeline` says about its faces: from kept crops, in a thread of its own."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._checks import is_whole, show
from ..cues import Cues
from ..errors import Error, LicenceError
from ..explain.explainer import Explainer
from ..explain.result import Explanation, Judgement
from ..explain.sight import Sight
from ..explain.talker import WAITS_FOR_ITSELF, OnText, Talk, Talker
from ..explain.view import View
from ..options import ExplainOptions
from ..results import Face
from .face_history import FaceHistory
from .kept_crops import KeptCrop, KeptCrops

T = TypeVar("T")

# A crop and its face are taken over one after the other by the thread of the pipeline; a reader in between tries again.
_TRIES, _PAUSE = 1000, 5e-4


class Camera(Protocol):
    """What is kept of one camera (`CameraState`)."""

    crops: KeptCrops | None
    history: FaceHistory | None


@dataclasses.dataclass(frozen=True, eq=False)
class Snapshot:
    """A face at its last analysis, in the pixels of its own small picture."""

    crop: KeptCrop = dataclasses.field(repr=False)
    face: Face
    before: tuple[Cues, ...]
    """Its cues one to five seconds earlier."""
    view: View
    """The frame that all these cues were measured in."""


class Explaining:
    """Answers about kept faces; its methods may be called from any thread.

    Args:
        explainer: used by the thread of this object alone from now on.
        owned: whether closing this closes it.
    """

    def __init__(self, explainer: Explainer, *, owned: bool) -> None:
        self.explainer, self._owned = explainer, owned
        self._talker = Talker()
        self.frame_at_work = explainer.frame_at_work
        """Entered for each frame: the thread that talks begins no step of an answer meanwhile."""

    def explain(self, snapshot: Snapshot, question: str | None, on_text: OnText | None) -> Talk[Explanation]:
        """Why the face got its label, or the answer to a question."""

        def work(say: OnText) -> Explanation:
            sight = Sight(snapshot.crop.pixels, snapshot.face, before=snapshot.before, view=snapshot.view)
            return self.explainer.answer(question, sight, say=say)

        return self._talker.ask(work, on_text)

    def judge(self, snapshot: Snapshot, statement: str) -> Judgement:
        """How far a statement holds."""
        return self._wait(
            lambda _: self.explainer.judge(
                snapshot.crop.pixels, snapshot.face, statement, before=snapshot.before, view=snapshot.view
            )
        )

    def check(self, snapshot: Snapshot, text: str) -> Explanation:
        """A text without what the face does not bear out."""
        return self._wait(
            lambda _: self.explainer.check(
                text, snapshot.crop.pixels, snapshot.face, before=snapshot.before, view=snapshot.view
            )
        )

    def result(self, talk: Talk[T]) -> T:
        """The answer of a talk, waiting for it."""
        if self._talker.in_own_thread:
            talk.stop()
            raise RuntimeError(WAITS_FOR_ITSELF)
        return talk.result()

    def check_close(self) -> None:
        """Whether this thread may close it.

        Raises:
            RuntimeError: called from `on_text`, in the very thread that is to end.
        """
        if self._talker.in_own_thread:
            raise RuntimeError("a pipeline cannot be closed from on_text: return False there, and close it afterwards")

    def close(self) -> None:
        """End the thread; raises as `check_close`."""
        self.check_close()
        self._talker.close()
        if self._owned:
            self.explainer.close()

    def _wait(self, work: Callable[[OnText], T]) -> T:
        return self.result(self._talker.ask(work))


def take(camera: Camera | None, face: Face | int | Snapshot, fov: float | None = None) -> Snapshot:
    """The face at its last analysis; any thread may take it.

    Args:
        camera: that it was seen by; None where no frame came yet.
        face: of a result, its track id, or a snapshot, which is given back.
        fov: horizontal field of view of the camera in degrees, as `CuesOptions.fov`.

    Raises:
        TypeError: neither of these.
        Error: the face is not known (any more), or a still picture's.
    """
    if isinstance(face, Snapshot):
        return face
    if isinstance(face, Face):
        track_id = face.track_id
        if track_id is None:
            raise Error(
                "a face of a still picture has no id, and no crop is kept of it: use Explainer.explain(frame, face)"
            )
    elif is_whole(face):
        track_id = int(face)
    else:
        raise TypeError(f"face must be a face of a result or its track id; got {show(face)}")
    if camera is None or camera.crops is None or camera.history is None:
        raise Error(f"no face {track_id} is known: there was no frame yet")
    for _ in range(_TRIES):
        seen, crop = camera.history.latest(track_id), camera.crops.get(track_id)
        if seen is None and crop is None:
            raise Error(f"no face {track_id} is known: it left more than track.max_age ago, or was never analysed")
        if seen is not None and crop is not None and seen.timestamp == crop.timestamp:
            before = camera.history.before(track_id, seen.timestamp)
            return Snapshot(crop, in_crop(seen.face, crop.matrix), before, View(seen.size, fov, camera.history.roll))
        time.sleep(_PAUSE)
    raise Error(f"face {track_id} cannot be looked at: the pipeline never pauses between two analyses")


def in_crop(face: Face, matrix: NDArray[np.float32]) -> Face:
    """A face with box and landmarks in pixels of its crop; `matrix` [2, 3] maps these to pixels of the frame."""
    # A similarity by quarter turns: its inverse is its transpose over the square of its scale.
    linear, shift = matrix[:, :2], matrix[:, 2]
    inverse = linear / np.float32((linear[0] ** 2).sum())
    box = (face.box.reshape(2, 2) - shift) @ inverse
    box = np.concatenate([box.min(0), box.max(0)])
    return dataclasses.replace(
        face, box=box.astype(np.float32), landmarks=((face.landmarks - shift) @ inverse).astype(np.float32)
    )


def open_explaining(given: Any, options: ExplainOptions, licence: str | None = None) -> Explaining:
    """What a pipeline's `explain` argument asks for.

    Args:
        given: the argument.
        options: how to speak.
        licence: that its bundle must be under, as `PipelineOptions.require_licence`.

    Raises:
        TypeError: the argument is no explainer.
        LicenceError: the bundle is under another licence.
    """
    if isinstance(given, Explainer):
        _check_licence(given, licence)
        return Explaining(given, owned=False)
    if not (given is None or given is True or isinstance(given, (str, os.PathLike))):
        raise TypeError(f"explain must be True, a bundle's name or path, or an Explainer; got {show(given)}")
    # A sentence takes milliseconds of a CPU; on the GPU of the frames it would stand in their way.
    explainer = Explainer(threads=1, device="cpu", options=options)
    try:
        _check_licence(explainer, licence)
    except LicenceError:
        explainer.close()
        raise
    return Explaining(explainer, owned=True)


def _check_licence(explainer: Explainer, licence: str | None) -> None:
    if licence == "permissive" and not explainer.bundle.is_permissive:
        bundle = f"{explainer.bundle.name} ({explainer.bundle.manifest.licence})"
        raise LicenceError(
            f"not under a permissive licence: {bundle}. Name a bundle of your own, leave out explain=True, or drop "
            "require_licence if research data is acceptable to you"
        )
