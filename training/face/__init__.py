"""Recipe of the bundled face detector: teacher labels, training, export, evaluation."""
