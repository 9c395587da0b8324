"""Pipelines that turn a film into a table; each runs in a process of its own (`benchmarks/recording_worker.py`)."""
