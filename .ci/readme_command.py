"""Prints the one-line command of README that contains a word: `readme_command.py README.md pytest`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

path, word = sys.argv[1:]
commands = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", Path(path).read_text(encoding="utf-8"), re.M | re.S)
    for line in block.splitlines()
    if word in line
]
if not commands:
    sys.exit(f"{path}: no fenced sh command contains {word!r}")
print(commands[0])
