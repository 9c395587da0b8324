"""Clause forms of emotions, confidence, observers, tone and answers, as tables; the syntax is that of `grammar_cues`.

`{adj}`, `{noun}` and `{bare}` stand for the emotion's words.
"""

from __future__ import annotations

ADJECTIVES: dict[str, str] = {
    "neutral": "(neutral|calm and neutral)",
    "happiness": "(happy|joyful|cheerful|glad)",
    "surprise": "(surprised|astonished)",
    "sadness": "(sad|unhappy)",
    "anger": "(angry|annoyed|cross)",
    "disgust": "(disgusted|repelled)",
    "fear": "(afraid|fearful|scared|frightened)",
    "contempt": "(contemptuous|scornful)",
}  # fmt: skip

NOUNS: dict[str, str] = {
    "neutral": "a neutral (expression|face|look)",
    "happiness": "(happiness|joy)",
    "surprise": "(surprise|astonishment)",
    "sadness": "(sadness|sorrow)",
    "anger": "(anger|annoyance)",
    "disgust": "disgust",
    "fear": "fear",
    "contempt": "(contempt|scorn)",
}  # fmt: skip

# Emotion and confidence in one clause: [bin] -> forms.
LABELLED: dict[str, str] = {
    "clearly": """
        (the face|the person|the expression) (clearly looks|looks clearly) {adj}
        they clearly look {adj}
        this is clearly {noun}
        the face clearly shows {noun}
        the expression is clearly one of {noun}
        (clearly|plainly) , (the face|the person) looks {adj}
        it is clear that (the face|the person) looks {adj}""",
    "probably": """
        (the face|the person|the expression) probably looks {adj}
        they probably look {adj}
        this is probably {noun}
        the face probably shows {noun}
        (probably|most likely) , (the face|the person) looks {adj}
        it is likely that (the face|the person) looks {adj}
        (the face|the person) seems {adj}""",
    "possibly": """
        (the face|the person|the expression) possibly looks {adj}
        they possibly look {adj}
        this is possibly {noun}
        the face possibly shows {noun}
        (possibly|perhaps) , (the face|the person) looks {adj}
        it is possible that (the face|the person) looks {adj}
        (the face|the person) may look {adj}""",
    "hard": """
        it is hard to tell , (but|though) (the face|the person) (might|may) look {adj}
        the (face|expression) is hard to read , (but|though) it (might|may) be {noun}
        it is hard to be sure , but this may be {noun}
        nothing is certain here , but the face might look {adj}
        with little certainty , the face looks {adj}""",
}

EMOTION: dict[str, str] = {
    "present": """
        (the face|the person|the expression) looks {adj}
        they look {adj}
        the face shows {noun}
        this looks like {noun}""",
    "absent": """
        (the face|the person|the expression) does not look {adj}
        they do not look {adj}
        the face (shows no|does not show) (clear|) signs of {bare}
        this does not look like {noun}
        {noun} is not what the face shows""",
    "unclear": """
        (the face|the person|the expression) could look {adj}
        it is (hard to say|not clear|unclear) whether the (face|person) looks {adj}
        there (may|might) be (some|a little) {bare} in the face
        {noun} cannot be ruled out""",
}

BARE: dict[str, str] = {
    "neutral": "calm",
    "happiness": "(happiness|joy)",
    "surprise": "surprise",
    "sadness": "sadness",
    "anger": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "contempt": "contempt",
}  # fmt: skip

SECOND = """
    (some|some observers|others|other people) (would|might|may) (say|see|name) {noun}
    {noun} is the (second|next) (guess|choice)
    the next best guess is {noun}
    {noun} comes second"""

BIN: dict[str, str] = {
    "clearly": """
        (the reading|this reading|the answer) is (quite|very|almost) certain
        (this|the label) is (clear|quite clear)
        there is little doubt about it
        the confidence is high""",
    "probably": """
        (the reading|this reading|the answer) is fairly certain
        (this|the label) is (probable|likely)
        there is some doubt about it
        the confidence is fair""",
    "possibly": """
        (the reading|this reading|the answer) is not very certain
        (this|the label) is (possible|only possible)
        there is much doubt about it
        the confidence is low""",
    "hard": """
        (the reading|this reading|the answer) is not certain at all
        (this|the label) is hard to tell
        it is little more than a guess
        the confidence is very low""",
}

VIEW: dict[str, str] = {
    "agree": """
        (most|nearly all) (observers|people) (agree|would agree)
        (most|nearly all) (observers|people) would see (it|this) the same way
        few (observers|people) would disagree""",
    "mostly": """
        (most|many) (observers|people) would say so
        (more than half|the majority) of (the observers|observers|people) would agree
        (most|many) (observers|people) would (likely|probably) say the same""",
    "split": """
        (observers|people) (are|would be) split
        (observers|people) (would|may) disagree
        different (observers|people) would name different emotions""",
}

TONE: dict[str, str] = {
    "pleasant": """
        the (expression|mood|feeling) (is|looks|seems) (pleasant|positive)
        it looks pleasant""",
    "unpleasant": """
        the (expression|mood|feeling) (is|looks|seems) (unpleasant|negative)
        it looks unpleasant""",
    "even": """
        the (expression|mood|feeling) (is|looks|seems) neither pleasant nor unpleasant
        the (expression|mood) is even""",
    "lively": """
        the (expression|face) (is|looks|seems) (lively|energetic|excited)
        it looks (lively|energetic)
        there is much energy in the face""",
    "calm": """
        the (expression|face) (is|looks|seems) (calm|quiet)
        it looks (calm|quiet)
        there is little energy in the face""",
    "moderate": """
        the (expression|face) (is|looks|seems) neither lively nor calm
        the energy of the face is moderate
        there is some energy in the face""",
}

ANSWER: dict[str, str] = {"yes": "yes", "no": "no", "maybe": "hard to tell"}

NONE: dict[str, str] = {
    "cue": """
        no single (facial|) cue stands out
        no (single|one) (cue|feature) of the face stands out
        nothing in the face stands out""",
    "change": """
        nothing (has changed|changed) (clearly|that can be measured)
        no (clear|) change can be seen
        the face has (stayed|remained) the same""",
    "fact": """
        nothing special (is visible|can be seen)
        nothing unusual (is visible|can be seen)
        the face is free and clear""",
}

NEED = "(it|that|this) would (need|take|call for) {missing}"
"""What the asked emotion would show: one form for each cue."""

REFUSE: dict[str, str] = {
    "identity": """
        (i do not say|it is not said) who (somebody|the person) is
        a face is not used here to find out who somebody is
        who this is will not be answered ; only the expression is described""",
    "age": """
        (i do not guess|this does not guess) how old (somebody|the person) is
        age is not read from the face here
        how old somebody is cannot be told reliably from an expression""",
    "gender": """
        (i do not guess|this does not guess) whether somebody is a man or a woman
        gender is not read from the face here
        an expression does not tell the gender of a person""",
    "health": """
        an expression does not tell (whether somebody is ill|how healthy somebody is)
        health and state of mind cannot be told from a face
        (i do not judge|this does not judge) health , body or mind ; please ask a doctor""",
    "honesty": """
        a face does not tell whether somebody lies or tells the truth
        honesty cannot be read from a face
        no cue of a face shows whether words are true""",
    "attraction": """
        (i do not judge|this does not judge) how a person looks or whom they like
        looks and attraction are not judged here
        a face does not tell whom somebody likes""",
    "motives": """
        a face does not tell why somebody feels something
        (reasons|causes|thoughts) and (plans|intentions) cannot be read from a face
        what somebody thinks or wants is not visible in the face
        the cause of a feeling lies outside of the picture""",
    "character": """
        a face does not tell (the character of somebody|how clever somebody is)
        character and ability cannot be read from a face
        an expression of one moment does not tell what somebody is like""",
    "background": """
        a face does not tell where somebody comes from or what they believe
        origin and beliefs are not read from the face here
        (i do not guess|this does not guess) origin , religion or politics""",
    "history": """
        what changed can only be told from a video
        nothing is known of the moments before , so a change cannot be told
        one picture does not tell what changed""",
    "other": """
        (only the face can be described here|this question is not about the face)
        (i can only speak|this can only speak) about what the face shows
        only expression , mouth , eyes , brows and head can be described""",
}

REPHRASE = """
    (the question is not clear|i do not understand the question) ; please ask about mouth , eyes , brows or head
    please ask in other words
    please ask about the expression , the mouth , the eyes , the brows or the head"""
