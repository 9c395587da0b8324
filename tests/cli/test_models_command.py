"""`edgeaffect models`, run as users run it."""

from __future__ import annotations

import json
import shutil

import pytest
from command_parts import complaint

from edgeaffect.cli import main
from edgeaffect.models.registry import FILES


def test_models_list_and_show(capsys):
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert "LICENSE-WEIGHTS" in out.splitlines()[0] and "affect-base" in out
    assert main(["models", "list", "--json"]) == 0
    assert {"path", "bytes", "sha256", "permissive", "spec"} == set(json.loads(capsys.readouterr().out)[0])
    assert main(["models", "show", "affect-base"]) == 0
    assert json.loads(capsys.readouterr().out)["spec"]["task"] == "affect"


def test_models_list_of_a_licence(capsys):
    assert main(["models", "list", "--licence", "permissive"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 4 and lines[0].startswith("name")  # no word about research data
    assert all("Apache-2.0" in line and line.endswith(" permissive") for line in lines[1:])
    assert main(["models", "list", "--licence", "permissive", "--json"]) == 0
    assert all(model["permissive"] for model in json.loads(capsys.readouterr().out))


def test_models_show_unknown(capfd):
    assert "no model 'nobody': at hand are affect-base" in complaint(capfd, "models", "show", "nobody")


@pytest.mark.skipif(not (FILES / "SHA256SUMS").exists(), reason="no digests in this tree")
def test_models_verify(capsys):
    assert main(["models", "verify"]) == 0
    assert "good" in capsys.readouterr().out


def test_models_annotate_checks_and_writes(tmp_path, capfd):
    source = FILES / "affect-base.onnx"
    copy = tmp_path / "mine.onnx"
    shutil.copy(source, copy)
    assert main(["models", "annotate", str(copy), "--like", "affect-base", "--set", "name=mine",
                 "--set", "licence=mit"]) == 0  # fmt: skip
    capfd.readouterr()
    assert main(["models", "show", str(copy)]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert (facts["spec"]["name"], facts["permissive"]) == ("mine", True)
    assert main(["models", "verify", str(copy)]) == 0
    assert "its digest is not known" in capfd.readouterr().out
    before = copy.read_bytes()
    wrong = ("models", "annotate", str(copy), "--like", "affect-base", "--set")
    assert "nothing was written" in complaint(capfd, *wrong, "inputs.0.name=picture")
    assert "nothing was written" in complaint(capfd, *wrong, "inputs.0.size=[64,64]")
    assert "no 'outputs.9.name'" in complaint(capfd, *wrong, "outputs.9.name=x")
    assert copy.read_bytes() == before
    assert main([*wrong, "name=beside", "--sidecar"]) == 0
    assert json.loads((tmp_path / "mine.edgeaffect.json").read_text())["name"] == "beside"
    (tmp_path / "bad.onnx").write_bytes(b"\x08\x07not a model")
    capfd.readouterr()
    assert main(["models", "annotate", str(tmp_path / "bad.onnx"), "--like", "affect-base"]) == 2
