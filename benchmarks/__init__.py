"""Measurements against other projects; `python -m benchmarks.run_all` writes RESULTS.md and RESULTS.json."""
