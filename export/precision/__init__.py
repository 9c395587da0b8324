"""Lower precision, written into the ONNX graph: fp16 by casts, int8 by Q/DQ nodes."""

from ..defaults import MAX_DROP
from .convert import BACKENDS, PrecisionError, PrecisionResult, convert
from .crops import Crops, load_crops

__all__ = ["BACKENDS", "MAX_DROP", "Crops", "PrecisionError", "PrecisionResult", "convert", "load_crops"]
