"""`Translator`: everything that one `Result` says to ROS 2, as messages with their topics."""

from __future__ import annotations

from dataclasses import dataclass

from ...image import Frame
from ...results import Face, Result, Voice
from . import faces
from .detections import detections
from .frames import transforms
from .message import Header, Message, Outgoing

FACES = "/humans/faces"
VOICES = "/humans/voices"
VOICE = "v1"
"""Identifier of the voice: one microphone is one voice."""
_FACE_ID, _VOICE_ID = 2, 4  # hri_msgs/IdsMatch


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What is said, beside who is tracked."""

    roi: bool = True
    cropped: bool = False
    """REP-155 asks for it; it costs a copy of the frame per face."""
    landmarks: bool = True
    """With cues."""
    facs: bool = True
    """With cues."""
    expression: bool = True
    frames: bool = True
    """tf frames of face and gaze, with cues."""
    detections: bool = True
    detections_topic: str = "/edgeaffect/detections"
    fov: float | None = None
    """The camera's horizontal field of view in degrees, as for `cues.fov`; None: 53."""


class Translator:
    """Turns the results of one camera into messages, in their order.

    Args:
        publication: what is said.
    """

    def __init__(self, publication: Publication | None = None) -> None:
        self.publication = publication or Publication()
        self._heard: tuple[float, float] | None = None
        self._was_heard = False

    def messages(
        self, result: Result, header: Header, pixels: Frame | None = None, color: str = "bgr"
    ) -> list[Outgoing]:
        """Messages for the faces and the voice of one result.

        Args:
            result: of one frame.
            header: when and where the frame was taken.
            pixels: the frame, for `cropped`; None leaves it out.
            color: layout of the frame.
        """
        named = {faces.face_name(face, place): face for place, face in enumerate(result.faces)}
        out = [Outgoing(f"{FACES}/tracked", _ids(list(named), header))]
        placed: list[Message] = []
        for name, face in named.items():
            out += self._face(face, f"{FACES}/{name}", result.size, header)
            if self.publication.cropped and pixels is not None:
                out.append(Outgoing(f"{FACES}/{name}/cropped", faces.cropped(pixels, color, face, header)))
            if self.publication.frames:
                placed += transforms(face, name, result.size, self.publication.fov, header)
        if placed:
            out.append(Outgoing("/tf", Message("tf2_msgs/msg/TFMessage", {"transforms": placed})))
        if self.publication.detections:
            out.append(Outgoing(self.publication.detections_topic, detections(result, header)))
        return out + self._voice(result.voice, header) + self._match(named, result, header)

    def _face(self, face: Face, topic: str, size: tuple[int, int], header: Header) -> list[Outgoing]:
        say, out = self.publication, []
        if say.roi:
            out.append(Outgoing(f"{topic}/roi", faces.roi(face, size, header)))
        if face.cues is not None and say.landmarks:
            out.append(Outgoing(f"{topic}/landmarks", faces.landmarks(face.cues, face.score, size, header)))
        if face.cues is not None and say.facs:
            out.append(Outgoing(f"{topic}/facs", faces.action_units(face.cues, face.score, header)))
        if face.affect is not None and say.expression:
            out.append(Outgoing(f"{topic}/expression", faces.expression(face.affect, header)))
        return out

    def _voice(self, voice: Voice | None, header: Header) -> list[Outgoing]:
        """What was heard since the result before; `expression` is ours, REP-155 has none of a voice."""
        if voice is None:
            if not self._was_heard:
                return []
            self._was_heard, self._heard = False, None
            return [Outgoing(f"{VOICES}/tracked", _ids([], header))]
        if voice.window == self._heard:
            return []
        self._heard, self._was_heard = voice.window, True
        out = [
            Outgoing(f"{VOICES}/tracked", _ids([VOICE], header)),
            Outgoing(f"{VOICES}/{VOICE}/is_speaking", Message("std_msgs/msg/Bool", {"data": bool(voice.is_speech)})),
        ]
        if voice.affect is not None:
            out.append(Outgoing(f"{VOICES}/{VOICE}/expression", faces.expression(voice.affect, header)))
        return out

    def _match(self, named: dict[str, Face], result: Result, header: Header) -> list[Outgoing]:
        """Whose voice it is, where that is known."""
        for name, face in named.items():
            if result.speaker is None or face.track_id != result.speaker or face.cues is None:
                continue
            confidence = float(face.cues.extra.get("speaker", 0.0))
            fields = {
                "id1": name, "id1_type": _FACE_ID, "id2": VOICE, "id2_type": _VOICE_ID, "confidence": confidence,
            }  # fmt: skip
            return [Outgoing("/humans/candidate_matches", Message("hri_msgs/msg/IdsMatch", fields))]
        return []

    def farewell(self, header: Header) -> list[Outgoing]:
        """That nobody is tracked any more, for those who listen on when we stop."""
        out = [Outgoing(f"{FACES}/tracked", _ids([], header))]
        if self._was_heard:
            out.append(Outgoing(f"{VOICES}/tracked", _ids([], header)))
        self._heard, self._was_heard = None, False
        return out


def _ids(names: list[str], header: Header) -> Message:
    return Message("hri_msgs/msg/IdsList", {"header": header.message, "ids": names})
