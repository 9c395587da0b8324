"""`Explainer`: says why a face got its label, answers questions about it, judges statements and checks texts."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from .._checks import show
from .._process_bound import ProcessBound
from .._thread_guard import ThreadGuard
from ..cues import Cues
from ..errors import SpecError
from ..image import Frame, Image
from ..models.bundle import ModelBundle
from ..models.registry import find_bundle
from ..options import ExplainOptions
from ..results import Face
from ..runtime import Placement, open_session
from .answerer import Answerer, widths
from .answers import fixed
from .aspects import UNKNOWN
from .check import checked, verdict_of
from .clauses import MAX_CHARACTERS as MAX_TEXT
from .decoder import Decoder
from .evidence import Evidence
from .evidence_rules import EvidenceRules
from .frame_at_work import FrameAtWork
from .judge import judged
from .meaning import Request
from .observer import Observer
from .reader import Reader
from .result import NOT_CHECKABLE, Explanation, Judgement, Part
from .sight import Sight
from .speak import means_its_plan
from .spelling import visible
from .static_cache import decoder_for, most_tokens
from .stream import Stream, Talking
from .talker import OnText
from .view import View
from .viewpoint import from_camera
from .vision import Vision
from .vocabulary import BOS, Vocabulary

DEFAULT_BUNDLE = "explainer"
TASK = "explain"

_PREFIX = 8


class Explainer(ProcessBound):
    """Explains faces, in sentences of which every clause is backed by a measured cue. Belongs to one thread.

        with Explainer() as explainer:
            print(explainer.explain(frame, face).text)
            print(explainer.ask(frame, face, "Is she smiling?").text)

    Frames are BGR unless `color` says otherwise. Faces are those of a `Result`; of one without cues or affect these
    are read here. The label is always that of the affect stage.

    Args:
        model: name or path of a bundle of task `explain`; None is `options.model`, then the bundled one.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.
        options: how to speak.

    Raises:
        ModelNotFoundError, BundleError, SpecError: the bundle is not there, or is none that this version speaks with.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
        options: ExplainOptions | None = None,
    ) -> None:
        if options is not None and not isinstance(options, ExplainOptions):
            raise TypeError(f"options must be ExplainOptions or None; got {show(options)}")
        self.options = options or ExplainOptions()
        place: dict[str, Any] = {"device": device, "runtime": runtime, "threads": threads}
        placement = Placement(**place)
        self.bundle: ModelBundle = find_bundle(model or self.options.model or DEFAULT_BUNDLE, TASK)
        self._busy = ThreadGuard("Explainer")
        self.frame_at_work = FrameAtWork()
        """Whoever runs frames beside this explainer enters it for each: no step of an answer begins meanwhile."""
        self._turn = 0  # number of texts that were begun
        self._closed = False
        with contextlib.ExitStack() as opened:
            self.vocabulary = Vocabulary.from_json(self.bundle.read("vocabulary"))
            self.rules = EvidenceRules.from_json(self.bundle.read("evidence"))
            self.vision = Vision(self.bundle.model("encoder"), placement)
            opened.callback(self.vision.close)
            self.observer = Observer(self.vision, self.rules, place, self.frame_at_work)
            opened.callback(self.observer.close)
            session = open_session(decoder_for(self.bundle, placement), placement)
            opened.callback(session.close)
            longest = self.options.longest
            self.decoder = Decoder(
                session,
                longest=min(longest, most_tokens(self.bundle) or longest),
                prefix=_PREFIX,
                width=max(widths(self.options.beam)),
                before_run=self.frame_at_work.let_pass,
            )
            if self.decoder.vocabulary != self.vocabulary.speakable_end:
                raise SpecError(
                    f"{self.bundle.path}: the decoder speaks {self.decoder.vocabulary} tokens, the vocabulary "
                    f"{self.vocabulary.speakable_end}: fetch the bundle again"
                )
            reader = open_session(self.bundle.model("reader"), Placement("cpu", "onnxruntime"))
            opened.callback(reader.close)
            self.reader = Reader(reader, self.vocabulary)
            self._answerer = Answerer(self.observer, self.decoder, self.vocabulary, self.rules, self.options)
            self._warm_up()
            self._opened = opened.pop_all()

    def _warm_up(self) -> None:
        """Run the decoder and the grammar once: the first sentence is to be no slower than the others."""
        cache, _ = self.decoder.prefill([BOS])
        self.decoder.step(cache, BOS)
        self.decoder.release(cache)
        means_its_plan(("<answer:yes>", "yes", "."), is_whole=True)

    # ---- questions ----

    def explain(
        self,
        frame: Frame | Image,
        face: Face,
        *,
        color: str = "bgr",
        before: Sequence[Cues] = (),
        view: View | None = None,
        on_text: OnText | None = None,
    ) -> Explanation:
        """Why the face got its label.

        Args:
            frame: an `Image`, or pixels as `Image.of` takes them, that holds the face.
            face: of a result; box and landmarks are pixels of this frame.
            color: format of the pixels.
            before: cues of the same face one to five seconds ago, the newest last.
            view: the frame that the face's cues were measured in; None is this one.
            on_text: called with each clause as soon as it is proved; returning False ends the text there.

        Raises:
            TypeError, ValueError: the frame is not what `color` says, or the face has no place or size.
            RuntimeError: it is closed, or at work in another thread.
        """
        return self.answer(None, Sight(frame, face, color, before, view), say=_pieces(on_text))

    def ask(
        self,
        frame: Frame | Image,
        face: Face,
        question: str,
        *,
        color: str = "bgr",
        before: Sequence[Cues] = (),
        view: View | None = None,
        on_text: OnText | None = None,
    ) -> Explanation:
        """The answer to a question in any words; what a face cannot tell is refused.

        Args:
            frame: see `explain`.
            face: see `explain`.
            question: English, up to `reader.MAX_CHARACTERS` characters.
            color: see `explain`.
            before: see `explain`; without it "what changed" is refused.
            view: see `explain`.
            on_text: see `explain`.

        Raises:
            TypeError, ValueError: the question is no text or empty; else as for `explain`.
        """
        if question is None:
            raise TypeError("question must be a text; without one use explain(frame, face)")
        return self.answer(question, Sight(frame, face, color, before, view), say=_pieces(on_text))

    def stream(
        self,
        frame: Frame | Image,
        face: Face,
        question: str | None = None,
        *,
        color: str = "bgr",
        before: Sequence[Cues] = (),
        view: View | None = None,
    ) -> Stream:
        """`explain`, or with a question `ask`, clause by clause: an iterator whose `result` is there at its end.

        Only one text can be on its way: a newer call ends this one with an error. Arguments as for `ask`.
        """
        with self._busy:
            talking, turn = self._begin(question, Sight(frame, face, color, before, view)), self._turn
        return Stream(talking, lambda text: self._proceed(text, turn))

    def refusal(self, question: str) -> str | None:
        """Why a question cannot be answered from a face, in one sentence; None where it can be."""
        with self._busy:
            self._begin_answer()
            request = self._read_question(question)
        return fixed(request, None) if request.intent in ("refuse", "unclear") else None

    def judge(
        self,
        frame: Frame | Image,
        face: Face,
        statement: str,
        *,
        color: str = "bgr",
        before: Sequence[Cues] = (),
        view: View | None = None,
    ) -> Judgement:
        """How far a statement about the face holds; arguments and errors as for `ask`."""
        with self._busy:
            self._begin_answer()
            self.frame_at_work.let_pass()
            reading = self.reader.read(_as_read(statement))
            if not reading.is_checkable:
                why = fixed(Request("refuse", reading.reason), None)
                return Judgement(statement, UNKNOWN, why, (Part(statement, NOT_CHECKABLE),))
            evidence, _ = self.observer.observe(Sight(frame, face, color, before, view))
            part = verdict_of(statement, reading, evidence.known)
            return Judgement(statement, judged(reading, evidence, self.rules.judge_rule), None, (part,))

    def check(
        self,
        text: str,
        frame: Frame | Image,
        face: Face,
        *,
        color: str = "bgr",
        before: Sequence[Cues] = (),
        view: View | None = None,
    ) -> Explanation:
        """Somebody else's text about the face, without the clauses that the face does not bear out.

        Args:
            text: English, up to `MAX_TEXT` characters.
            frame: see `explain`.
            face: see `explain`.
            color: see `explain`.
            before: see `explain`.
            view: see `explain`.

        Returns:
            `text` of the supported clauses, `parts` with the verdict of every clause, `kept`: the share of supported
            ones, `cues_used`: the cues these speak of.

        Raises:
            TypeError, ValueError: the text is none, empty or too long; else as for `explain`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a text; got {show(text)}")
        if not text.strip() or len(text) > MAX_TEXT:
            raise ValueError(f"a text to check has 1 to {MAX_TEXT} characters; got {len(text)}")
        text = visible(text)
        with self._busy:
            self._begin_answer()
            evidence, _ = self.observer.observe(Sight(frame, face, color, before, view))
            self.frame_at_work.let_pass()
            return checked(text, self.reader, evidence)

    def answer(self, question: str | Request | None, sight: Sight, *, say: OnText | None = None) -> Explanation:
        """`explain` for None, else `ask`; for those who look after a thread.

        Args:
            question: see above; a `Request` is understood already.
            sight: the face.
            say: called after every token with what can be said since the last call, often nothing; returning False ends
                the text.
        """
        with self._busy:
            talking = self._begin(question, sight)
            wish: object = None
            with contextlib.closing(talking):
                while True:
                    try:
                        piece = talking.send(wish)
                    except StopIteration as end:
                        answer: Explanation = end.value
                        return answer
                    wish = None if say is None else say(piece)  # outside: its own StopIteration ends no text

    def evidence(self, sight: Sight) -> Evidence:
        """What is known of a face: probabilities and states of cues and facts, reasons, changes."""
        with self._busy:
            self._begin_answer()
            return self.observer.observe(sight)[0]

    # ---- one answer ----

    def _begin(self, question: str | Request | None, sight: Sight) -> Talking:
        self._begin_answer()
        self._turn += 1
        request = Request("explain") if question is None else question
        if not isinstance(request, Request):
            request = self._read_question(request)
        return self._answerer.answer(request, sight)

    def _proceed(self, talking: Talking, turn: int) -> str:
        """The next piece of a text on its way, for its `Stream`.

        Raises:
            StopIteration: it has ended; the exception holds the result.
            RuntimeError: another text was begun since.
        """
        with self._busy:
            self._check_open()
            if turn != self._turn:
                raise RuntimeError("this Explainer was asked for another text: take a text to its end first")
            return next(talking)

    def _read_question(self, question: str) -> Request:
        self.frame_at_work.let_pass()
        return self.reader.read_questions([_as_read(question)])[0].request()

    def _begin_answer(self) -> None:
        self._check_open()
        self.frame_at_work.begin_answer()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this Explainer is closed: make a new one")

    # ---- life ----

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return {
            "bundle": str(self.bundle.path),
            "model": f"{self.bundle.name} {self.bundle.manifest.version}",
            "encoder": self.vision.session.describe(),
            "decoder": self.decoder.session.describe(),
            "options": dataclasses.asdict(self.options),
        }

    def close(self) -> None:
        """Release the models; safe to call twice.

        Raises:
            RuntimeError: it is at work in another thread.
        """
        with self._busy:
            self._closed = True
            self._opened.close()

    def __enter__(self) -> Explainer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _pieces(on_text: OnText | None) -> OnText | None:
    """A function for `answer` that takes only what is something."""
    if on_text is None:
        return None
    if not callable(on_text):
        raise TypeError(f"on_text must be a function of a text; got {show(on_text)}")
    return lambda piece: on_text(piece) if piece else None


def _as_read(text: str) -> str:
    return from_camera(text) if isinstance(text, str) else text
