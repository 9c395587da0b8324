"""Lines that were written one by one, and opened test sets: what they mean, and what is said of a wrong heading."""

from __future__ import annotations

from random import Random

import pytest

pytest.importorskip("training.explain.written", reason="training/ is only in the source tree")

from edgeaffect.explain.meaning import SLOTS_OF
from training.explain.written import apart, opened, varied, written


def lines(tmp_path, text):
    (tmp_path / "a.txt").write_text(text)
    return written(tmp_path)


def test_headings_say_what_lines_mean(tmp_path):
    found = lines(
        tmp_path,
        "# is_cue mouth_open no\nLips  shut?\n\n# is_cue glasses yes\nSpecs?\n# refuse age\nHow old?\n# explain\nWhy?\n"
        "# says smile yes; eyes_closed no\nShe beams, eyes open.\n# says nothing\nHe is Swiss.\n",
    )
    meant = [(one.text, one.intent, one.slot, dict(one.claims), one.is_whole) for one in found]
    assert meant == [
        ("Lips shut?", "is_cue", "mouth_open", {"mouth_open": False}, False),
        ("Specs?", "is_fact", "glasses", {"glasses": True}, False),
        ("How old?", "refuse", "age", {}, False),
        ("Why?", "explain", "none", {}, False),
        ("She beams, eyes open.", "statement", "none", {"smile": True, "eyes_closed": False}, True),
        ("He is Swiss.", "refuse", "none", {}, False),
    ]


@pytest.mark.parametrize(
    "heading", ["is_cue smell yes", "why_not calm", "says smile", "says nobody yes", "is_cue smile ja"]
)
def test_a_wrong_heading_is_named_with_its_line(tmp_path, heading):
    with pytest.raises(ValueError, match=r"a\.txt:3: no such heading"):
        lines(tmp_path, f"# explain\nWhy?\n# {heading}\nWhat?\n")
    with pytest.raises(ValueError, match=r"a\.txt:1: a line before the first heading"):
        lines(tmp_path, "Why?\n")


def test_every_meaning_was_written():
    found = written()
    asked = {(one.intent, one.slot) for one in found}
    wanted = {(intent, slot) for intent, slots in SLOTS_OF.items() for slot in slots} - {("refuse", "history")}
    assert wanted <= asked
    for intent in ("is_cue", "is_fact", "is_emotion", "statement"):
        claims = {(name, holds) for one in found if one.intent == intent for name, holds in one.claims.items()}
        slots = SLOTS_OF.get(intent) or [slot for names in SLOTS_OF.values() for slot in names if slot in dict(claims)]
        assert {(slot, holds) for slot in slots for holds in (True, False)} <= claims, intent


def test_a_line_that_judges_is_not_taught(tmp_path):
    found = lines(tmp_path, "# explain\nWhy so?\nWhat for?\n")
    assert [one.text for one in apart(found, [found[0].with_text("why so ?")])] == ["What for?"]
    judged = opened(["fifth", "sixth", "seventh"])
    assert len(judged) > 2000 and len(apart(written(), judged)) > 0.98 * len(written())


def test_variants_keep_their_meaning():
    rng = Random(0)
    for one in Random(1).sample(written(), 60):
        other = varied(one, rng)
        assert other.text.strip() and other.with_text(one.text) == one
