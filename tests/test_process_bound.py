"""What holds a loaded model says so when it is pickled or copied, and what to do instead."""

import copy
import pickle

import pytest

from edgeaffect import FaceAffect, FaceDetector, Pipeline
from edgeaffect.cuda import DeviceDetector, DeviceFaceModel, GpuContext
from edgeaffect.face.cues import FaceCues
from edgeaffect.runtime.tensorrt.session import TensorRTSession


@pytest.mark.parametrize("make", [Pipeline, FaceDetector, FaceAffect, FaceCues, lambda: FaceDetector().session])
def test_models_are_made_in_each_process(make):
    holder = make()
    for carry in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=rf"^{type(holder).__name__} holds .*: make one in each process$"):
            carry(holder)
    with pytest.raises(TypeError, match="make one in each process"):
        pickle.dumps({"inside": [holder]})


@pytest.mark.parametrize("kind", [DeviceDetector, DeviceFaceModel, GpuContext, TensorRTSession])
def test_so_are_those_on_a_gpu(kind):
    with pytest.raises(TypeError, match=f"{kind.__name__} holds .*make one in each process"):
        pickle.dumps(kind.__new__(kind))  # without a GPU none can be opened
