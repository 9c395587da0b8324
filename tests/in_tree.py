"""A mark for what continuous integration proves once, in the tree, and does not repeat with the installed wheel.

It is for slow tests of Python code alone: `.ci/run` compares every file of the wheel with the tree's, so the same code
cannot fail there in another way. What touches the native module, the installation, or files that the comparison does
not cover is repeated.
"""

from __future__ import annotations

import os

import pytest

in_tree = pytest.mark.skipif(
    os.environ.get("EDGEAFFECT_EXPECT_INSTALLED") == "1",
    reason="slow, and proved in the tree: the installed wheel holds the same files",
)
