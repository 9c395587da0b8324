"""TensorRT engines: build, file, cache, self-test."""
