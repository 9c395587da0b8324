"""Explanations: sentences about a face, each clause of which is backed by a measured cue."""
