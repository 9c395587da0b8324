"""`Explains`: the methods of a `Pipeline` that speak about its faces; what computes is loaded only when asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from ..options import PipelineOptions
from ..results import Face
from .camera_state import CameraState

if TYPE_CHECKING:
    from ..explain.result import Explanation, Judgement
    from ..explain.talker import Talk
    from .explaining import Explaining, Snapshot

NEEDS_CUES = "explaining needs cues: make the pipeline with cues=True, explain=True"
_NOBODY_TALKS = nullcontext()


class Explains:
    """Base of `Pipeline`."""

    _explaining: Explaining | None = None
    options: PipelineOptions

    def _camera(self, camera: int | None) -> CameraState | None:
        raise NotImplementedError

    def _check_open(self) -> None:
        raise NotImplementedError

    @staticmethod
    def _open_explaining(given: Any, options: PipelineOptions, *, has_cues: bool) -> Explaining | None:
        """What a pipeline's `explain` argument asks for; None where nothing is.

        Raises:
            ValueError: it reads no cues.
        """
        if not options.explain.enabled:
            return None
        if not has_cues:
            raise ValueError(NEEDS_CUES)
        from .explaining import open_explaining

        # The permissive set has no bundled explainer: a bundle must be named, as any model of one's own.
        is_bundled = not isinstance(given, (str, os.PathLike)) and given in (True, None)
        is_permissive = options.models == "permissive" and is_bundled and options.explain.model is None
        licence = "permissive" if is_permissive else options.require_licence
        return open_explaining(given, options.explain, licence)

    def _frame_at_work(self) -> AbstractContextManager[None]:
        """Inside, a frame is at work, for which whoever talks waits."""
        return _NOBODY_TALKS if self._explaining is None else self._explaining.frame_at_work

    @property
    def explains(self) -> bool:
        """Whether it answers questions about faces."""
        return self._explaining is not None

    def explain(
        self, face: Face | int | Snapshot, *, on_text: Callable[[str], object] | None = None, camera: int | None = None
    ) -> Explanation:
        """Why a face got its label, as it was at its last analysis; see docs/explain.md.

        It is answered in a thread of its own, from a kept crop: no frame waits for it. May be called from any thread,
        also while another one processes frames.

        Args:
            face: a face of a result, its track id, or a `snapshot`.
            on_text: called in that thread with each clause as soon as it is proved; returning False ends the text.
            camera: as for `kept_crop`.

        Raises:
            Error: the face is not known (any more).
            RuntimeError: the pipeline was not made with `explain=True`, or is closed.
        """
        explaining = self._explaining_or_raise()
        return explaining.result(explaining.explain(self.snapshot(face, camera), None, on_text))

    def ask(
        self,
        face: Face | int | Snapshot,
        question: str,
        *,
        on_text: Callable[[str], object] | None = None,
        camera: int | None = None,
    ) -> Explanation:
        """The answer to a question about a face, in any words; also "what changed". Otherwise as `explain`."""
        explaining = self._explaining_or_raise()
        if question is None:
            raise TypeError("question must be a text; without one use explain(face)")
        return explaining.result(explaining.explain(self.snapshot(face, camera), question, on_text))

    def talk(
        self,
        face: Face | int | Snapshot,
        question: str | None = None,
        *,
        on_text: Callable[[str], object] | None = None,
        camera: int | None = None,
    ) -> Talk[Explanation]:
        """`explain`, or with a question `ask`, without waiting.

        Iterating over the answer gives its clauses while they come; `result()` waits for the whole, `stop()` ends it. A
        thread has one request waiting: a newer one takes its place.
        """
        return self._explaining_or_raise().explain(self.snapshot(face, camera), question, on_text)

    def judge(self, face: Face | int | Snapshot, statement: str, *, camera: int | None = None) -> Judgement:
        """How far a statement about a face holds. Otherwise as `explain`."""
        return self._explaining_or_raise().judge(self.snapshot(face, camera), statement)

    def check(self, text: str, face: Face | int | Snapshot, *, camera: int | None = None) -> Explanation:
        """Somebody else's text about a face, without what the face does not bear out. Otherwise as `explain`."""
        return self._explaining_or_raise().check(self.snapshot(face, camera), text)

    def _explaining_or_raise(self) -> Explaining:
        if self._explaining is None:
            raise RuntimeError("this pipeline does not explain: make it with cues=True, explain=True")
        self._check_open()
        return self._explaining

    def snapshot(self, face: Face | int | Snapshot, camera: int | None = None) -> Snapshot:
        """A face as it was at its last analysis, to ask about later, when it may have left.

        Args:
            face: a face of a result, its track id, or a snapshot, which is given back.
            camera: as for `kept_crop`.

        Raises:
            Error: the face is not known (any more).
            RuntimeError: the pipeline was not made with `explain=True`, or is closed.
        """
        self._explaining_or_raise()
        from .explaining import take

        return take(self._camera(camera), face, self.options.cues.fov)
