# ruff: noqa: E501  (tables)
"""Draws statements about a face, with what they claim, from the tables of wordings (training side only)."""

from __future__ import annotations

import re
from random import Random

from edgeaffect.explain.cues import CUE_TABLE

from . import wordings_aspects as aspects
from . import wordings_more as more
from . import wordings_statements as said
from .wordings_colloquial_several import SEVERAL_MORE
from .wordings_draw import (
    FELT,
    SEEN,
    STATEMENT,
    Draw,
    Wording,
    any_aspect,
    emotion_words,
    fill,
    frame,
    gerund,
    items,
    seen,
    simple_statement,
)
from .wordings_frames import FLIPS, STATED_CLOSERS, STATED_OPENERS

# (words, whether the first thing to be seen is said to be there, how many there are); the emotion is said to be there.
SCENES: tuple[tuple[str, bool, int], ...] = (
    ("a {adj} (person|face|guy|woman|man|child) with {np}", True, 1), ("a {adj} (person|face|guy|woman|man) without {np}", False, 1),
    ("a {adj} (person|face|guy|lady) with {np} and {np2}", True, 2), ("{adj} , with {np}", True, 1), ("{adj} , with {np} and {np2}", True, 2),
    ("{adj} , without {np}", False, 1), ("{adj} , {np}", True, 1), ("{np} , {adj}", True, 1), ("{adj} , no {n}", False, 1), ("S look(s) {adj} , with {np}", True, 1),
    ("S {be} {adj} and has {np}", True, 1), ("S {be} {adj} , and there {is} {np}", True, 1), ("S {be} {adj} and it shows in {np}", True, 1), ("with {np} and {np2} , S look(s) {adj}", True, 2),
    ("{adj} (guy|dude|lady|fella|man|woman|person) with {np}", True, 1), ("the {adj} (guy|lady|one|face) with {np}", True, 1), ("{noun} and {np}", True, 1), ("{np} and {noun}", True, 1),
    ("{noun} , with {np}", True, 1), ("{noun} but no {n}", False, 1), ("no {n} , but {noun}", False, 1), ("S {show} {noun} and {np}", True, 1), ("S {show} {noun} without {np}", False, 1), ("{np} , {np2} , {adj}", True, 2),
    ("{adj} : {np} , {np2}", True, 2), ("{adj} , {np} and {np2} too", True, 2), ("without {np} , yet {adj}", False, 1), ("despite {np} S look(s) {adj}", True, 1), ("S {be} so {adj} that you see {np}", True, 1),
)  # fmt: skip


def statement(rng: Random) -> Wording:
    """A statement about the face: one claim or several, negated or not, in or out of a frame."""
    draw = Draw(rng)
    roll = rng.random()
    if roll < 0.46:
        aspect, holds = any_aspect(rng), rng.random() < 0.5
        claims = {aspect: holds}
        text = simple_statement(draw, aspect, holds) if rng.random() < 0.85 else brief(draw, aspect, holds)
    else:
        kinds = (_joined, _brief_list, _compared, _seen_twice, _scene, _read_into, _several)
        text, claims = rng.choices(kinds, (14, 9, 6, 7, 6, 5, 7))[0](draw)
    text, claims = _wrapped(draw, text, claims)
    return Wording(" ".join(text.split()), STATEMENT, "none", claims)


def _several(draw: Draw) -> tuple[str, dict[str, bool]]:
    line, claims = draw.rng.choice((*aspects.SEVERAL, *SEVERAL_MORE))
    return draw.agree(draw.choose(line)), dict(claims)


def _wrapped(draw: Draw, text: str, claims: dict[str, bool]) -> tuple[str, dict[str, bool]]:
    """The statement in a frame; one frame in eight says the opposite."""
    roll, rng = draw.rng.random(), draw.rng
    if roll < 0.13:
        text = draw.rng.choice(said.KEEP).replace("{x}", text)
    elif roll < 0.34:
        if rng.random() < 0.75:
            text = f"{frame(draw, STATED_OPENERS)} {text}"
        if rng.random() < 0.4 and text[-1].isalnum():
            text += " " + frame(draw, STATED_CLOSERS)
    elif roll < 0.47 and len(claims) == 1:
        text = draw.rng.choice((*said.FLIP, *FLIPS)).replace("{x}", text)
        claims = {name: not holds for name, holds in claims.items()}
        if rng.random() < 0.08 and all(claims.values()):
            text += rng.choice(
                (" , he is", " , she is", " ; they are", " - he does", " , she really is", " ; it is", " , it does")
            )
    if rng.random() < 0.45 and text[-1].isalnum():
        text += rng.choice((".", ".", "!", " .", "...", "!!"))
    return text, claims


def _two(rng: Random, names: tuple[str, ...]) -> tuple[str, str]:
    """Two things that may be claimed in one sentence."""
    while True:
        first, second = rng.sample(names, 2)
        excluded = CUE_TABLE[first].excludes if first in CUE_TABLE else ()
        if second not in excluded and not {first, second} & {"no_face"}:
            return first, second


def _joined(draw: Draw) -> tuple[str, dict[str, bool]]:
    rng = draw.rng
    first, second = _two(rng, SEEN) if rng.random() < 0.6 else (rng.choice(SEEN[:-1]), rng.choice(FELT))
    claims = {first: rng.random() < 0.6, second: rng.random() < 0.6}
    x, y = (simple_statement(draw, name, holds) for name, holds in claims.items())
    return draw.rng.choice((*said.JOINED, *more.JOINED)).replace("{x}", x.rstrip(" .")).replace("{y}", y), claims


def _compared(draw: Draw) -> tuple[str, dict[str, bool]]:
    first, second = draw.rng.sample(FELT, 2)
    line, one, two = draw.rng.choice((*said.COMPARED, *more.COMPARED))
    values = {**emotion_words(draw, first), **emotion_words(draw, second, "2")}
    return draw.agree(fill(draw.choose(line), values)), {first: one, second: two}


def _seen_twice(draw: Draw) -> tuple[str, dict[str, bool]]:
    first, second = _two(draw.rng, SEEN)
    line, one, two = draw.rng.choice((*said.SEEN_TWICE, *more.SEEN_TWICE))
    a, b = draw.rng.choice(items(first, "np"))[1], draw.rng.choice(items(second, "np"))[1]
    one_values, two_values = seen(a), seen(b)
    values = {**one_values, **{key + "2": value for key, value in two_values.items()}}
    return draw.agree(fill(draw.choose(line), values)), {first: one, second: two}


def _read_into(draw: Draw) -> tuple[str, dict[str, bool]]:
    cue, emotion = draw.rng.choice(SEEN[:-1]), draw.rng.choice(FELT)
    line, holds = draw.rng.choice(said.READ_INTO)
    np = draw.rng.choice(items(cue, "np"))[1]
    text = fill(line, {**seen(np), **{k: v for k, v in emotion_words(draw, emotion).items() if k != "n"}})
    return draw.agree(re.sub(r"(\w)\(s\)", r"\1§", text)), {cue: holds, emotion: True}


def _scene(draw: Draw) -> tuple[str, dict[str, bool]]:
    """Somebody of some emotion, with or without something to be seen."""
    rng = draw.rng
    emotion, (first, second) = rng.choice(FELT), _two(rng, SEEN)
    line, holds, count = rng.choice(SCENES)
    a, b = rng.choice(items(first, "np"))[1], rng.choice(items(second, "np"))[1]
    values = {**seen(a), **emotion_words(draw, emotion), "n": seen(a)["n"], "np2": b}
    claims = {emotion: True, first: holds, **({second: True} if count == 2 else {})}
    return draw.agree(fill(draw.choose(line), values)), claims


def brief(draw: Draw, aspect: str, holds: bool) -> str:
    """As people note things: "mouth open", "not smiling", "no glasses", "sad"."""
    rng = draw.rng
    if aspect in FELT:
        words = emotion_words(draw, aspect)
        return (
            rng.choice((f"{words['adj']}", f"{words['noun']}"))
            if holds
            else (rng.choice((f"not {words['adj']}", f"no {words['n']}")))
        )
    kinds = [key for key in ("be", "be", "do", "np", "-be", "-np") if items(aspect, key)]
    key = rng.choice(kinds)
    subject, what = rng.choice(items(aspect, key))
    positive, kind = holds != key.startswith("-"), key.removeprefix("-")
    if kind == "np":
        words = seen(what)
        return (
            words["np"]
            if positive
            else rng.choice((f"no {words['n']}", f"without {words['np']}", f"not {words['any']}"))
        )
    if kind == "do":
        verb, _, rest = what.partition(" ")
        what = f"{gerund(verb)} {rest}"
    bare = " ".join(word for word in subject.replace("*", "").split() if word not in ("S", "B", "the", "a"))
    text = f"{bare} {'' if positive else 'not '}{what}" if bare else f"{'' if positive else 'not '}{what}"
    return draw.agree(" ".join(text.split()))


def _brief_list(draw: Draw) -> tuple[str, dict[str, bool]]:
    """Two or three short notes."""
    rng = draw.rng
    names = list(_two(rng, SEEN))
    if rng.random() < 0.4:
        names[rng.randrange(2)] = rng.choice(FELT)
    if rng.random() < 0.25:
        names.append(rng.choice([name for name in FELT if name not in names]))
    claims = {name: rng.random() < 0.65 for name in names}
    notes = [brief(draw, name, holds) for name, holds in claims.items()]
    if rng.random() < 0.5:
        rng.shuffle(notes)
    joint = rng.choice(
        (" , ", " , ", " , ", " ; ", " and ", " + ", " but ", " . ", " & ", " , and ", " - ", " / ", " while ")
    )
    return joint.join(notes), claims
