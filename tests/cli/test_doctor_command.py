"""`edgeaffect doctor`, run as users run it."""

from __future__ import annotations

import json

import cv2

from edgeaffect.cli import main


def test_doctor(capsys):
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "-> cpu with onnxruntime" in text and "cuda with tensorrt" in text
    assert main(["doctor", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["runtimes"][0]["works"] and facts["opencv"]["version"] == cv2.__version__
    assert all(row["works"] or row["why"] for row in facts["runtimes"])
