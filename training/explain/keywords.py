# ruff: noqa: E501  (tables)
"""A parser of keywords, the baseline that the reader is measured against: regular expressions, and negations counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import FACTS, MOODS
from edgeaffect.explain.meaning import SLOTS_OF, Request

# Aspect -> (words that say it is there, words that say it is not).
_ASPECTS: dict[str, tuple[str, str]] = {
    "smile": (r"smil\w*|grin\w*|beam\w*|corners? \w* ?(raised|up)|upturned|curve\w* up", r"straight[- ]faced|unsmiling"),
    "mouth_open": (r"(mouth|lips|jaw)\b.*\b(open\w*|agape|gaping|apart|parted|dropped)|open[- ]mouth\w*|parted lips|open mouth|gape\w*", r"(mouth|lips|jaw)\b.*\b(closed?|shut|sealed|together|pressed|clenched)|(closed|shut|pressed) (mouth|lips)"),
    "inner_brows_raised": (r"inner (eye)?brows?\b|inner (corners|ends|parts) of", ""),
    "outer_brows_raised": (r"outer (eye)?brows?\b|outer (corners|ends|parts) of|arch\w* .*brow|brow\w* .*arch\w*", ""),
    "brows_raised": (r"(rais\w*|lift\w*|up|high) .*(eye)?brows?|(eye)?brows? .*(rais\w*|lift\w*|\bup\b|\bhigh\b|elevated)", ""),
    "brows_lowered": (r"frown\w*|scowl\w*|furrow\w*|knit\w*|brows? .*(lowered|down|together)|lowered (eye)?brows", ""),
    "corners_down": (r"corners? .*(down|droop\w*|lowered)|downturned|pout\w*|mouth .*droop\w*", ""),
    "eyes_wide": (r"wide[- ]?(open )?eye\w*|eyes? .*\bwide\b|widen\w*|bulging", r"squint\w*|narrow\w*"),
    "eyes_closed": (r"eye(s|lids)? .*(closed?|shut)|closed eyes|shut eyes|asleep|sleeping", r"eyes? .*\bopen\b|open eyes|awake"),
    "looking_at_camera": (r"(look|star|gaz)\w* .*(camera|lens|at (me|us|you)|ahead|viewer)|eye contact|in(to)? the eye", r"look\w* (away|elsewhere)|avert\w*|avoid\w*"),
    "looking_left": (r"(look|glanc|gaz|eyes?)\w* .*\bleft", ""),
    "looking_right": (r"(look|glanc|gaz|eyes?)\w* .*\bright", ""),
    "looking_sideways": (r"sideways|(look|glanc|gaz)\w* .*\bside", ""),
    "looking_up": (r"(look|glanc|gaz|eyes?)\w* .*(\bup\b|upwards?|ceiling|sky)", ""),
    "looking_down": (r"(look|glanc|gaz|eyes?)\w* .*(\bdown\b|downwards?|floor|ground)|downcast", ""),
    "head_left": (r"(head|face|turned|facing) .*\bleft", ""),
    "head_right": (r"(head|face|turned|facing) .*\bright", ""),
    "head_turned": (r"(head|face) .*(turned|rotated|aside|away)|turn\w* (the|his|her|their) head", r"facing (forward|us|the camera)|frontal"),
    "head_up": (r"(head|chin) .*(up|raised|lifted|high|back)|(raised|lifted) (head|chin)", ""),
    "head_down": (r"(head|chin) .*(down|lowered|bowed|hanging)|(lowered|bowed) head|bow\w*", ""),
    "head_tilted": (r"tilt\w*|cocked|lean\w* .*side", r"upright"),
    "glasses": (r"(?<!sun)(?<!dark )glasses|spectacles|eyewear|specs", ""),
    "mouth_covered": (r"(mouth|lips) .*(cover\w*|hidden|hid\w*|behind|concealed)|(cover|hid)\w* .*mouth|\bmask\w*", r"mouth .*(visible|uncovered)"),
    "eyes_covered": (r"sunglasses|dark glasses|shades|blindfold\w*|eyes .*(covered|hidden|concealed)|(cover|hid)\w* .*eyes", r"eyes .*(visible|uncovered)"),
    "brows_covered": (r"brows? .*(covered|hidden|concealed)|(cover|hid)\w* .*(brows?|forehead)|forehead .*(covered|hidden)", r"brows .*(visible|uncovered)"),
    "face_covered": (r"face .*(covered|hidden|obscured|blocked)|(cover|hid)\w* .*face|obstruct\w*|occlu\w*", r"unobstructed"),
    "cut_off": (r"cut off|cropped|out of (the )?frame|border|edge of", r"(fully|completely) in"),
    "blurred": (r"blur\w*|out of focus|fuzzy|unsharp", r"\bsharp|in focus|crisp"),
    "dark": (r"\bdark\b(?! glasses)|dim\b|underexposed|poorly lit|shadow", r"bright|well lit"),
    "profile": (r"profile|side view|from the side|side-on", ""),
    "no_face": (r"empty picture", r"(is|see) .*\b(a face|anybody|somebody|a person)\b"),
    "happiness": (r"happ\w+|joy\w*|cheerful|delight\w*|glad|pleased|content\b|amus\w+|elated", r"unhapp\w+"),
    "surprise": (r"surpris\w+|astonish\w+|amaz\w+|startled|shock\w*|stunned", ""),
    "sadness": (r"\bsad\w*|unhapp\w+|sorrow\w*|gloomy|miserable|grief|tearful|melanchol\w+", ""),
    "anger": (r"ang(ry|er)\w*|\bmad\b|furious|annoy\w+|irritat\w+|\brage\b|hostile", ""),
    "disgust": (r"disgust\w*|repuls\w+|revolt\w+|grossed", ""),
    "fear": (r"\bfear\w*|afraid|scared|fright\w+|terrif\w+|worried|nervous|anxious", ""),
    "contempt": (r"contempt\w*|scorn\w*|disdain\w*|sneer\w*|smug", ""),
    "neutral": (r"neutral|expressionless|emotionless|blank|deadpan|poker", ""),
    "pleasant": (r"good mood|positive|pleasant", ""),
    "unpleasant": (r"bad mood|negative|upset|unpleasant", ""),
    "lively": (r"excit\w+|energetic|lively|animated|agitated", ""),
    "calm": (r"\bcalm\w*|relaxed|at ease|serene|peaceful", ""),
}  # fmt: skip

_NEGATION = re.compile(
    r"\b(not|no|never|without|hardly|barely|neither|nor|lacks?|absent|missing|nothing|nobody|doubt|false|untrue|cannot|anything but|far from|scarcely|fails?|refuses?|devoid|free of)\b|n't"
)

_REFUSED: dict[str, str] = {
    "honesty": r"\bly?ing\b|\blie[sd]?\b|honest\w*|truth\w*|sincer\w+|genuine|fak(e|ing)|trust\w*|guilty|innocent|pretend\w*|deceiv\w+|hiding something",
    "health": r"\bill\b|sick\w*|health\w*|depress\w*|disease|disorder|autis\w+|drunk|drugs|pain\b|doctor|suicid\w+|diagnos\w+|mental\w*|therapy|pregnant|fever",
    "age": r"how old|\bage\b|years old|young\w*|\bold\b|child\b|teenager|adult|minor|born",
    "gender": r"\b(a|an) (man|woman|boy|girl|male|female)\b|gender|\bsex\b|male|female|masculine|feminine|pronouns",
    "identity": r"\bwho (is|'s)\b|who are|name\b|recogni[sz]e (him|her|this person)|identi(fy|ty)|celebrity|famous|same person|know (him|her|this)",
    "attraction": r"attract\w*|beaut\w+|pretty|handsome|ugly|sexy|\bhot\b|in love|\bloves?\b|flirt\w*|\bgay\b|single|married|dating",
    "character": r"intelligen\w+|smart|stupid|clever|personality|character|good person|hire|criminal|leader|competent|\biq\b|kind of person",
    "background": r"where .* from|religio\w+|muslim|christian|jewish|nationality|ethnic\w*|\brace\b|politic\w*|vote|asian|african|rich|poor|job|profession|immigrant",
    "motives": r"why (is|are|does|did) (she|he|they|this|the)\b|think(ing)? (of|about)|\bwants?\b|\bplans?\b|planning|intend\w*|going to|cause\w*|what happened to|\bwill\b|made (him|her|them)|because",
    "other": r"weather|capital|joke|poem|recipe|translate|president|colou?r|hair\b|beard|how many|time is it|music|instructions|cat\b|dog\b|background|wearing a",
}  # fmt: skip

_REGIONS = {
    "mouth": r"mouth|lips|jaw",
    "eyes": r"\beyes?\b|eyelids",
    "brows": r"(eye)?brows?|forehead",
    "head": r"\bhead\b",
}
_YES_NO = re.compile(
    r"^\W*(is|are|does|do|did|has|have|can|could|isn|aren|doesn|would|am|any|tell me (if|whether)|check)\b|\b(if|whether)\b|, right|yes or no"
)
_OPEN = re.compile(r"\b(what|how|describe|tell me about|which)\b")


@dataclass(frozen=True)
class Parsed:
    """What the keywords say."""

    request: Request
    claims: Mapping[str, bool] = field(default_factory=dict)
    refused: str | None = None


def claims_of(text: str) -> dict[str, bool]:
    """Aspect -> whether the text says it is there; an odd number of negations turns all of them."""
    text = text.lower()
    turned = len(_NEGATION.findall(text)) % 2 == 1
    found: dict[str, bool] = {}
    for name, (there, gone) in _ASPECTS.items():
        if gone and re.search(gone, text):
            found[name] = turned
        elif re.search(there, text):
            found[name] = not turned
    if "inner_brows_raised" in found or "outer_brows_raised" in found:
        found.pop("brows_raised", None)
    return found


def parse_keywords(text: str) -> Parsed:
    """A question or a statement, by its keywords."""
    lower = text.lower()
    claims = claims_of(text)
    refused = next((name for name, pattern in _REFUSED.items() if re.search(pattern, lower)), None)
    return Parsed(_request(lower, claims, refused), claims, refused)


def _request(text: str, claims: Mapping[str, bool], refused: str | None) -> Request:
    emotions = [name for name in claims if name in EMOTIONS]
    if re.search(r"why not|why (is|are|does|do|isn|don|doesn).*(not|n't)|against|instead", text) and emotions:
        return Request("why_not", emotions[0])
    if re.search(r"chang|different|just happened|before|moment ago", text):
        return Request("what_changed")
    if re.search(r"how (sure|certain|confident|reliable|likely)|are you (sure|certain)|confidence|certainty", text):
        return Request("how_sure")
    if re.search(r"where .*(look|gaz|eyes|star)|look\w* at\b|direction|gaze", text) and not _YES_NO.search(text):
        return Request("where_looking")
    if re.search(
        r"why (do|did) you|how (do|can) you (know|tell)|what makes you|what (emotion|mood)|explain|feeling|expression",
        text,
    ):
        return Request("explain")
    if refused:
        return Request("refuse", refused)
    if _YES_NO.search(text) and claims:
        return _yes_no(claims)
    region = next((name for name, pattern in _REGIONS.items() if re.search(pattern, text)), None)
    if region and _OPEN.search(text):
        return Request("describe_region", region)
    if re.search(r"visible|picture|quality|covering", text):
        return Request("describe_visible")
    if claims:
        return _yes_no(claims)
    if region:
        return Request("describe_region", region)
    return Request("describe_region", "all") if re.search(r"face|see", text) else Request("unclear")


def _yes_no(claims: Mapping[str, bool]) -> Request:
    name, there = next(iter(claims.items()))
    if name in (*EMOTIONS, *MOODS):
        return Request("is_emotion", name)
    intent = "is_fact" if name in FACTS or name == "face_covered" else "is_cue"
    return Request(intent, name, there) if name in SLOTS_OF[intent] else Request("unclear")
