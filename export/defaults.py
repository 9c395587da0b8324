"""The only defaults of the exporters; imports nothing, so that the command's help does not load PyTorch."""

TARGETS = ("onnx", "tensorrt")
PRECISIONS = ("fp32", "fp16", "int8")

MODEL_FILE, ENGINE_FILE, REPORT_FILE = "model.onnx", "model.engine", "report.json"

# Largest loss at a lower precision, in points: `Deviation.drop` of `precision.gate`.
MAX_DROP = 1.0
