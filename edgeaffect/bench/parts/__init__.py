"""What a benchmark run measures, one part per file."""
