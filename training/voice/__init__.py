"""Recipe of the voice models."""
