"""The only defaults of the exporters; imports nothing, so that the command's help does not load PyTorch."""

TARGETS = ("onnx", "tensorrt")
PRECISIONS = ("fp32", "fp16", "int8")

MODEL_FILE, ENGINE_FILE, REPORT_FILE = "model.onnx", "model.engine", "report.json"

# Largest loss of label agreement at a lower precision, in points (per cent of the faces).
MAX_DROP = 1.0
