# ruff: noqa: E501  (tables)
"""Statements in many people's words, true and false, with every kind of negation, as tables (training side only).

`{s}` is the subject and `{c}` what it is; `{v}`, `{v3}` the verb plain and agreeing; `{np}`, `{n}`, `{any}` what can be seen
with its article, without, and behind "any". `{adv}` may be left out.
"""

from __future__ import annotations

ADVERBS = (
    "", "", "", "clearly", "definitely", "really", "slightly", "very", "quite", "visibly", "obviously", "a bit", "somewhat",
    "rather", "fully", "certainly", "truly", "just", "noticeably", "subtly", "a little", "so", "strongly", "indeed",
)  # fmt: skip

BE_POS: tuple[str, ...] = (
    "{s} {be} {adv} {c}", "{s} {be} {c}", "{s} {be} {c} .", "{s}{'be} {c}", "{s} {seem} to be {c}", "{s} {appear} to be {c}",
    "{s} {appear} {adv} {c}", "it looks like {s} {be} {c}", "you can see that {s} {be} {c}", "with {s} {c}", "{s} {c}",
    "{s} {be} {adv} {c} now", "I see that {s} {be} {adv} {c}", "here {s} {be} {c}", "{s} {be} {c} in this picture",
    "as you see {s} {be} {c}", "{s} {be} {c} at the moment", "{s} {look} {c}", "{s} {remain} {c}", "{s} {have} been {c} all along",
    "look , {s} {be} {c}", "{s} , {c} , can be seen", "{s} {be} plainly {c}", "{s} {be} still {c}", "{s} {be} shown {c}",
)  # fmt: skip

BE_NEG: tuple[str, ...] = (
    "{s} {be} not {c}", "{s} {isn't} {c}", "{s}{'be} not {c}", "{s} {be} certainly not {c}", "{s} {be} hardly {c}", "{s} {be} barely {c}",
    "{s} {be} by no means {c}", "{s} {be} not really {c}", "{s} {be} not {c} at all", "{s} {be} far from {c}", "{s} {be} anything but {c}",
    "{s} {be} never {c}", "{s} {don't} seem to be {c}", "{s} {don't} appear {c}", "{s} {seem} not to be {c}", "{s} {be} no longer {c}",
    "{s} {be} not even slightly {c}", "at no point {be} {s} {c}", "{s} {be} scarcely {c}", "{s} {be} not in the least {c}",
    "{s} {isn't} {c} anymore", "{s} {be} definitely not {c}", "{s} {be} clearly not {c}", "{s} {don't} look {c}", "{s} {do} not look {c}",
    "{s} not {c}", "{s} ain't {c}", "{s} {be} not at all {c}", "nothing about {s} is {c}", "nobody sees {s} {c}", "in no way {be} {s} {c}", "{s} {isn't} really {c}",
    "{s} {be} nowhere near {c}", "{s} {be} not currently {c}", "without {s} being {c}", "{s} {be} not visibly {c}", "{s} {have} not been {c}",
)  # fmt: skip

DO_POS: tuple[str, ...] = (
    "{s} {v3}", "{s} {adv} {v3}", "{s} {v3} .", "{s} {do} {v}", "{s} {seem} to {v}", "{s} {appear} to {v}", "you can see {s} {v}",
    "I see {s} {v}", "it looks like {s} {v3}", "{s} {v3} right now", "here {s} {v3}", "one sees that {s} {v3}", "{s} still {v3}",
)  # fmt: skip

DO_NEG: tuple[str, ...] = (
    "{s} {do} not {v}", "{s} {don't} {v}", "{s} hardly {v3}", "{s} barely {v3}", "{s} {fail} to {v}", "{s} {refuse} to {v}", "{s} never {v3}",
    "{s} {don't} seem to {v}", "{s} {do} not appear to {v}", "{s} {do} not {v} at all", "{s} {don't} really {v}", "{s} no longer {v3}",
    "at no time {do} {s} {v}", "{s} scarcely {v3}", "{s} {don't} {v} anymore", "{s} {stop} short and {don't} {v}", "in no way {do} {s} {v}",
    "{s} certainly {do} not {v}", "{s} {don't} even {v}",
)  # fmt: skip

NP_POS: tuple[str, ...] = (
    "S {have} {np}", "there {is} {np}", "there {is} {np} on B face", "{np} can be seen", "{np} {is} visible", "I see {np}", "you can see {np}",
    "B face shows {np}", "with {np}", "S {show} {np}", "{np}", "{np} {is} present", "the picture shows {np}", "one sees {np}",
    "{np} {is} evident", "{np} {is} noticeable", "I notice {np}", "S {be} seen with {np}", "{np} {is} detected", "we can observe {np}",
    "S {have} got {np}", "there's {np}", "B face has {np}", "the presence of {np}", "{np} appear on B face", "look at {np}",
    "S {present} {np}", "marked by {np}", "{np} {is} active", "{np} {is} clearly active", "characterised by {np}", "S {display} {np}", "{np} , clearly", "notice {np}",
)  # fmt: skip

NP_NEG: tuple[str, ...] = (
    "no {n}", "there {is} no {n}", "there {isn't} {any}", "S {have} no {n}", "no {n} can be seen", "no {n} {is} visible", "without {np}",
    "without any {n}", "S {lack} {np}", "not a trace of {np}", "{np} {is} missing", "{np} {is} absent", "I don't see {any}", "I see no {n}",
    "I can't see {any}", "S {don't} have {np}", "S {don't} show {any}", "nothing like {np} is visible", "free of {n}", "devoid of {n}",
    "a lack of {n}", "the absence of {n}", "there are no signs of {np}", "no evidence of {np}", "zero {n}", "hardly any {n}",
    "{np} cannot be seen", "{np} {is} nowhere to be seen", "there {is} not {any}", "B face shows no {n}", "you won't find {any}",
    "S {have} not got {any}", "S {do} not have {np}", "nobody sees {np} here", "not {any}", "never {any}", "B face {do1} not show {np}",
    "S {be} without {np}", "{any} {is} hard to find", "no sign of {np}", "there was never {np}", "B face lacks {np}", "not even {np}",
)  # fmt: skip

KEEP: tuple[str, ...] = (
    "I think {x}", "I think that {x}", "it seems that {x}", "clearly , {x}", "apparently , {x}", "as far as I can see , {x}", "it is true that {x}",
    "it is obvious that {x}", "it is a fact that {x}", "one can see that {x}", "I believe {x}", "I am sure that {x}", "in the picture , {x}",
    "in this image , {x}", "at the moment , {x}", "yes , {x}", "notice that {x}", "{x} , I think", "{x} , for sure", "{x} in this photo",
    "{x} right now", "no doubt , {x}", "I don't doubt that {x}", "nobody denies that {x}", "there is no question that {x}",
    "it cannot be denied that {x}", "no one can miss that {x}", "it is not false that {x}", "without doubt , {x}", "there is no doubt that {x}",
    "honestly , {x}", "overall , {x}", "additionally , {x}", "moreover , {x}", "also , {x}", "furthermore , {x}", "here , {x}", "{x} too", "{x} as well",
    "it appears that {x}", "we observe that {x}", "the image shows that {x}", "key observation : {x}", "- {x}", "{x} , as you can see", "so {x}",
    "well , {x}", "I would say {x}", "you can't deny that {x}", "indeed , {x}", "let me tell you , {x}", "for once , {x}", "surprisingly , {x}", "today {x}",
    "I swear {x}", "undoubtedly {x}", "it's not wrong to say that {x}", "I can't deny that {x}", "and {x}", "but {x}", "while {x}", "everyone can see that {x}",
)  # fmt: skip

FLIP: tuple[str, ...] = (
    "it is not true that {x}", "it is false that {x}", "I don't think {x}", "I don't think that {x}", "I do not believe that {x}", "I doubt that {x}",
    "it is not the case that {x}", "it is wrong to say that {x}", "nobody can claim that {x}", "it is a mistake to say that {x}", "it isn't so that {x}",
    "it can't be said that {x}", "it would be wrong to say that {x}", "I disagree that {x}", "no way {x}", "{x} ? no", "{x} ? not at all",
    "it is untrue that {x}", "it is hardly true that {x}", "I see no sign that {x}", "there is no evidence that {x}", "it does not look as if {x}",
    "it doesn't seem that {x}", "it does not look like {x}", "I wouldn't say that {x}", "no one would say {x}", "it is impossible that {x}", "I deny that {x}",
    "it's a lie that {x}", "don't tell me that {x}", "it's not that {x}", "you can't say that {x}", "it is incorrect that {x}", "I can't see that {x}",
    "nothing suggests that {x}", "it is far from true that {x}", "it's nonsense that {x}", "who says that {x} is wrong",
)  # fmt: skip

# Emotions: adjectives.
LOOK_POS: tuple[str, ...] = (
    "S {be} {adv} {adj}", "S {look} {adv} {adj}", "S {seem} {adv} {adj}", "S {appear} {adv} {adj}", "S {feel} {adj}", "S{'be} {adj}", "B face looks {adj}",
    "B expression is {adj}", "B face is {adv} {adj}", "S {seem} to be {adj}", "S {look} like somebody who is {adj}", "a {adj} person", "a {adj} face",
    "a {adj} expression", "S {have} a {adj} look", "I find S {adj}", "S {come} across as {adj}", "you can tell S {be} {adj}", "S couldn't be more {adj}",
    "S {look} {adj} to me", "B mood is {adj}", "S {be} {adj} and it shows", "{adj}", "S {be} clearly feeling {adj}", "S {strike} me as {adj}", "S {be} obviously {adj}",
    "S {look} as if S {be} {adj}", "S {be} getting {adj}", "this person feels {adj}", "B* eyes look {adj}", "S {give} a {adj} impression", "S {sound} {adj}",
)  # fmt: skip

LOOK_NEG: tuple[str, ...] = (
    "S {be} not {adj}", "S {isn't} {adj}", "S {don't} look {adj}", "S {do} not seem {adj}", "S {don't} appear {adj}", "S {be} hardly {adj}", "S {be} anything but {adj}",
    "S {be} far from {adj}", "S {look} far from {adj}", "S {look} anything but {adj}", "B face does not look {adj}", "S {be} not {adj} at all", "S {be} by no means {adj}",
    "S{'be} not {adj}", "S {be} never {adj}", "S {be} not particularly {adj}", "S {don't} feel {adj}", "S {don't} strike me as {adj}", "S {be} no longer {adj}",
    "nobody would call S {adj}", "not {adj}", "S {look} not {adj}", "S {be} barely {adj}", "there is nothing {adj} about S", "there's nothing {adj} about S", "nothing about S is {adj}", "S {look} not at all {adj}", "S {be} neither {adj} nor close to it",
    "S could not be less {adj}", "S {be} less than {adj}", "B expression is not {adj}", "S {be} scarcely {adj}", "S {seem} not {adj}", "S ain't {adj}", "S {don't} come across as {adj}",
    "S {be} not really {adj}", "S {be} the opposite of {adj}", "B face isn't {adj}", "not in the least {adj}", "this is not a {adj} face",
)  # fmt: skip

SHOW_POS: tuple[str, ...] = (
    "S {show} {noun}", "B face shows {noun}", "the emotion is {noun}", "this is {noun}", "B face expresses {noun}", "S {express} {noun}", "an expression of {noun}", "a look of {noun}",
    "S {feel} {noun}", "{noun} is visible", "I see {noun} in B face", "the face conveys {noun}", "{noun}", "signs of {noun}", "there is {noun} in B eyes", "B expression suggests {noun}",
    "the dominant emotion is {noun}", "S {radiate} {noun}", "B face is full of {noun}", "it is {noun} that we see", "B expression reflects {noun}", "which suggests {noun}", "suggesting {noun}",
    "indicating {noun}", "conveying a sense of {noun}", "consistent with {noun}", "a typical sign of {noun}", "it points to {noun}", "the overall impression is one of {noun}", "filled with {noun}",
    "the label is {noun}", "emotion : {noun}", "this can be interpreted as {noun}", "a hint of {noun}", "S {display} {noun}", "S {experience} {noun}", "evoking {noun}", "S {be} overcome with {noun}", "the primary emotion here is {noun}",
)  # fmt: skip

SHOW_NEG: tuple[str, ...] = (
    "S {show} no {n}", "B face shows no {n}", "the emotion is not {noun}", "this is not {noun}", "B face doesn't express {noun}", "S {don't} express {noun}", "no sign of {noun}", "there is no {n}",
    "without {noun}", "S {feel} no {n}", "no {n} is visible", "I see no {n} in B face", "the face does not convey {noun}", "not a trace of {noun}", "there is no {n} in B eyes", "{noun} is absent",
    "this isn't {noun}", "S {lack} any {n}", "devoid of {noun}", "free of {noun}", "B expression rules out {noun}", "it is anything but {noun}", "{noun} can be ruled out", "not {noun}", "hardly any {n}",
    "there is no trace of {noun} in B face", "nothing in B face suggests {noun}", "the dominant emotion is not {noun}", "S {be} free from {noun}", "a lack of {noun}", "there are no indications of {noun}", "I can't find {noun} in this face",
)  # fmt: skip

COMPARED: tuple[tuple[str, bool, bool], ...] = (
    ("S {be} more {adj} than {adj2}", True, False), ("S {look} {adj} rather than {adj2}", True, False), ("S {be} {adj} , not {adj2}", True, False), ("S {be} not {adj2} but {adj}", True, False),
    ("S {look} less {adj2} than {adj}", True, False), ("S {look} {adj} instead of {adj2}", True, False), ("S {be} neither {adj} nor {adj2}", False, False), ("S {be} both {adj} and {adj2}", True, True),
    ("S {look} {adj} and {adj2}", True, True), ("S {don't} look {adj} , S {look} {adj2}", False, True), ("S {be} {adj} yet {adj2}", True, True), ("S {look} {adj} without being {adj2}", True, False),
    ("not {adj2} , but {adj}", True, False), ("S {be} not so much {adj2} as {adj}", True, False), ("S {isn't} {adj} or {adj2}", False, False), ("{adj} , certainly not {adj2}", True, False),
    ("S {be} {adj2} no longer , now S {be} {adj}", True, False), ("a mixture of {noun} and {noun2}", True, True), ("{noun} rather than {noun2}", True, False), ("more {noun} than {noun2}", True, False),
    ("there is {noun} but no {n2}", True, False), ("{noun} mixed with {noun2}", True, True), ("no {n} and no {n2}", False, False),
)  # fmt: skip
"""Two emotions: (words, whether the first holds, whether the second holds)."""

# Two statements about different things.
JOINED: tuple[str, ...] = (
    "{x} and {y}", "{x} , and {y}", "{x} but {y}", "{x} , but {y}", "{x} while {y}", "{x} , {y}", "{x} ; {y}", "{x} even though {y}", "not only {x} , but also {y}", "{x} , although {y}",
    "{x} , yet {y}", "{x} whereas {y}", "{x} . {y}", "{x} , and at the same time {y}", "both : {x} and {y}", "{x} with {y}", "{x} as {y}",
)  # fmt: skip

SEEN_TWICE: tuple[tuple[str, bool, bool], ...] = (
    ("{np} and {np2}", True, True), ("with {np} and {np2}", True, True), ("S {have} {np} and {np2}", True, True), ("{np} but no {n2}", True, False), ("no {n} and no {n2}", False, False),
    ("neither {np} nor {np2} can be seen", False, False), ("S {have} neither {np} nor {np2}", False, False), ("with {np} but without {np2}", True, False), ("{np} without {np2}", True, False),
    ("{np} instead of {np2}", True, False), ("the {n} and the {n2}", True, True), ("{np} , combined with {np2}", True, True), ("there {is} {np} , but not {np2}", True, False),
    ("no {n} but {np2}", False, True), ("{np} along with {np2}", True, True), ("{np} together with {np2}", True, True), ("without {np} or {np2}", False, False), ("S {show} {np} , {np2}", True, True),
    ("{np} rather than {np2}", True, False), ("{np} as well as {np2}", True, True),
)  # fmt: skip

# A cue and the emotion that somebody reads in it, as other models write: (words, whether the cue is said to be there).
READ_INTO: tuple[tuple[str, bool], ...] = (
    ("{np} suggest {noun}", True), ("the {n} suggest(s) {noun}", True), ("the {n} indicate(s) {noun}", True), ("the presence of {np} indicates {noun}", True), ("S {appear} {adj} , as evidenced by {np}", True),
    ("with {np} , S {appear} {adj}", True), ("the absence of {n} suggests {noun}", False), ("{np} , which is typical of {noun}", True), ("{np} , a classic sign of {noun}", True), ("{np} conveys {noun}", True),
    ("B {n} , conveying a sense of {noun}", True), ("S {look} {adj} because of {np}", True), ("S {look} {adj} without {np}", False), ("S {look} {adj} because there {is} {np}", True), ("given {np} , the emotion is {noun}", True),
    ("{np} point to {noun}", True), ("{np} and a look of {noun}", True), ("the expression is one of {noun} , with {np}", True), ("{np} reflecting {noun}", True), ("S {seem} {adj} : {np}", True), ("{np} , therefore {noun}", True),
    ("the {n} can be interpreted as a sign of {noun}", True), ("no {n} , so S {look} {adj}", False), ("the lack of {n} points to {noun}", False), ("{np} combined with the overall look suggests {noun}", True), ("{np} gives an impression of {noun}", True),
)  # fmt: skip
