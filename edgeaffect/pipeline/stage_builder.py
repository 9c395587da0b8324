"""`StageBuilder`: the stages of a `Pipeline` on the CPU where the user gave none, out of the set of models he chose."""

from __future__ import annotations

import dataclasses
from typing import Any

from .._checks import show
from ..errors import DeviceError, LicenceError
from ..face.affect import FaceAffect
from ..face.cues import FaceCues
from ..face.detector import FaceDetector
from ..face.face_mesh import FaceMesh, SharedMesh
from ..face.first_look import FirstLook, refuse_gpu
from ..face.mesh_affect import MeshAffect
from ..face.mesh_cues import MeshCues
from ..models import default_name
from ..options import PipelineOptions
from ..runtime import Placement
from ..voice.models import VoiceModels
from .stages import BatchStage


class StageBuilder:
    """Builds stages as options ask; a model that is named there goes before the set.

    Args:
        options: of the pipeline.
        placement: where models run.

    Raises:
        DeviceError: the permissive set, or a first look, was asked for on a GPU.
    """

    def __init__(self, options: PipelineOptions, placement: Placement) -> None:
        self._options = options
        self._is_permissive = options.models == "permissive"
        self._place: dict[str, Any] = dataclasses.asdict(placement)
        self._mesh: SharedMesh | None = None
        if self._is_permissive and placement.is_gpu:
            raise DeviceError(
                f"models='permissive' runs on the CPU only; got device={options.device!r}, runtime="
                f"{options.runtime!r}: take device='cpu', or models='default' if research data is acceptable to you"
            )
        if options.affect.first is not None:
            refuse_gpu(placement)

    def detector(self) -> BatchStage:
        """Finds faces."""
        model = self._options.detect.model
        if model is None and self._is_permissive:
            model = default_name("face-detector", models="permissive")
        return FaceDetector(
            model, options=self._options.detect, skip_unchanged=self._options.skip_unchanged, **self._place
        )

    def affect(self) -> BatchStage:
        """Reads affect.

        Raises:
            ValueError: a first look before the mesh of the permissive set.
        """
        options = self._options.affect
        if self._is_permissive and options.model is None:
            if options.first is not None:
                raise ValueError(
                    f"affect.first must be None with models='permissive', whose affect is read from a mesh and not "
                    f"from crops; got {show(options.first)}: leave it out, or name a model of your own as affect="
                )
            return MeshAffect(self._shared_mesh(), options=options)
        stage = FaceAffect if options.first is None else FirstLook
        return stage(options=options, **self._place)

    def cues(self) -> BatchStage:
        """Reads cues."""
        if self._is_permissive and self._options.cues.model is None:
            return MeshCues(self._shared_mesh(), options=self._options.cues)
        return FaceCues(options=self._options.cues, **self._place)

    def voice(self) -> VoiceModels:
        """Hears. Always on the CPU: a window every half second is not worth the way to a GPU.

        Raises:
            LicenceError: the permissive set was asked for, and no model of the user's own.
        """
        options = self._options.voice
        if self._is_permissive and (options.model is None or options.activity is None):
            raise LicenceError(
                "models='permissive' has no voice: every corpus of emotional speech at hand is for research only. "
                "Leave out voice=True, name voice_model and voice_activity of your own, or take models='default' if "
                "research data is acceptable to you"
            )
        return VoiceModels(options=options, device="cpu", threads=self._options.threads)

    def _shared_mesh(self) -> SharedMesh:
        """The mesh that affect and cues are read from, opened once."""
        if self._mesh is None:
            self._mesh = SharedMesh(FaceMesh(**self._place))
        return self._mesh
