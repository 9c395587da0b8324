"""PyTorch checkpoint -> verified ONNX file -> TensorRT engine."""
