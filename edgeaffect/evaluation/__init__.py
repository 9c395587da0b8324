"""Metrics, data sets and the evaluations that join them."""
