"""Faces: found, aligned, read, followed and smoothed."""
