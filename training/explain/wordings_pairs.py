# ruff: noqa: E501  (tables)
"""Minimal pairs: one frame around what a face can tell and what it cannot, so that no frame decides (training side only).

`CHATTER` stands before questions of every kind: it speaks of age, health, motives or of somebody else's smile, and means
nothing. `PERSONS` are those who are named by a cue ("the man with the open mouth"): who he is, is refused, whether he
smiles, is not. `ABOUT_CUES` are questions about what a cue means, which are refused. Syntax of `wordings_questions`;
`{np}`, `{n}`, `{v}`, `{v3}`, `{ving}` are of any cue.
"""

from __future__ import annotations

import re
from random import Random

from .wordings_draw import SEEN, Draw, fill, gerund, items, lines, third_person
from .wordings_people import noun

CHATTER = """
    (my|our|her|his) (neighbour|brother|boss|cousin|sister|aunt|son|best friend) is a (doctor|nurse|lawyer|cop|teacher|model|priest|psychologist|thief|liar) (.|,|:|and|, so)
    S {be} (45|seventy|only six|twenty-one|forty-five|sixteen|in B fifties|over eighty|a pensioner|a teenager) (,|.|, but|and|;)
    (forty|ten|six|twenty|five) years (married|together|apart|in prison|sober|in this job) (,|and|:|, so|, but)
    they say S {be} (a liar|a genius|rich|crazy|ill|drunk|a spy|guilty|in love|famous|lonely|gay|a foreigner|kind) (, but|.|;|:|, so)
    (some|people|my friends|the others|the papers) (say|think|claim|believe) S {be} (old|gorgeous|a criminal|a star|mad|lying|dishonest|pregnant|sick|from Italy) (, but|.|; |:)
    S {be} (gorgeous|handsome|pretty|ugly|hot|cute|charming|clever|honest|a good man|a bad mother) (, but|.|;|and|, I know ,)
    S look(s) (gorgeous|like my ex|ill|rich|tired of me|older than me|like a film star|guilty|foreign) (, but|. |; so|, and)
    (don't|do not|please don't) (guess|tell me|care about|talk about|judge) (the|B) (gender|age|name|health|motives|character|origin|job) (,|:|, just|, only|. instead :)
    (I don't care|never mind|leave out|forget|no need to say|I know) (who S {be}|how old S {be}|what S think(s)|whether S lie(s)|where S come(s) from|if S {be} ill) (,|:|, just tell me ,|, but)
    S {have} (the flu|cancer|autism|a toothache|a hangover|a new job|a new boyfriend|a secret|money problems|a long day behind S) (,|.|, so|:|;|, but)
    S (just|) (divorced|got engaged|got fired|came from China|moved here from Spain|turned sixty|had surgery|failed the exam|won the lottery|lost B job|lost B mother|became a father|was robbed) (,|.|:|and now|; so|, but)
    S told me (the truth|a lie|B name|B age|nothing|a joke|a secret) (,|.|, but|: |, so)
    S (swear|promise|says) it's true (,|.|, but|;)
    I (was|have been|am) (sitting|waiting|standing) (here|by the bed|at the window) (all day|for three weeks|for hours|all night) (for this|) (,|.|, so|: |and)
    I (filmed|watched|painted|followed) S all day without a single (smile|blink|frown|word|glance) (;|,|: |, but)
    my (teacher|boss|dog|aunt|father|neighbour|robot) never (smiles|laughs|blinks|wears glasses|looks up|frowns|cries|looks at me|opens his mouth) (, but|.|; |,)
    my (uncle|aunt|boss|teacher|husband) always (has specs|wears a mask|looks down|grins|squints|looks angry|shuts his eyes) (.|, but|;|, so)
    (everyone|everybody|nobody) (else|in the room|at the party|) (smiles|laughs|looks at the camera|looks away|wears glasses|is angry|is happy) (, but|; |.|, so)
    S (giggled|cried|winked|shouted|laughed|yawned|fell asleep|blinked|frowned) (a moment ago|before|earlier|just now|at first|) (, but|;|.|, so|,|, and now)
    (yesterday|last year|before|in the old photo) S (smiled|looked sad|wore glasses|had B mouth open|looked away|looked happy|was angry) (, but|;|. now :|, today :|.)
    (I have|I've|I) lost my (sight|glasses|mind|job|wife|dog|ticket|voice) (.|,|:|;|, so)
    (my robot|our robot|the robot|this app|the drone|the doorbell|my toy) (is supposed to greet|should greet|waves at|films|stands before|is scared of) S (;|,|:|.)
    (old|new|bad|cheap|broken) (camera|phone|lens) , (bad aim|poor light|shaky hands|low battery|no flash) (:|,|.)
    (I am|I'm|we are) (a painter|a nurse|a dentist|a photographer|the director|training actors|making a film|writing a caption|her mother|his doctor|a teacher) (,|.|:|and)
    (for|in) (scene two|take four|the reverse shot|my school report|the wedding album|the passport office|the casting|the missing persons file) (,|:)
    (the|my) (lady|man|doctor|kid|client|judge|police) (in front of you|next to me|on the phone|behind the desk) (asks|wants to know|is waiting) (:|,)
    (hey|hello|hi|dear|morning) (robot|there|machine|you|again|folks) (! quick one :|! a question :|,|: one thing ,|. so ,)
    (you will|you'll|you won't) believe (it|this|me|what happened) (:|,|, but)
    (this|that) (is|was) (my late wife|my boss|our wedding|her last day|the day we met|a man of honour) (.|, and|;|,|:)
    who S {be} (does not matter|is not my business|I know already) (,|.|;|:) (but|)
    with (two lamps|the sun|a torch) on (S|B face) (,|:)
    (lie detector broken|doctor's orders|no names please|names don't matter|age does not matter) (,|:|. |;)"""

AFTER = """
    , (S {be} 45|S {be} only a child|S {be} a doctor|S {be} my boss|S {be} from Peru|S told me a lie|they say S {be} ill|I know B name|names don't matter)
    ? (S {be} my aunt|S {be} a liar|S {be} forty|S {be} a nurse|S just got fired|I love S|I know S) (, you know|.|)
    , (or should I ask|as they say|because S {be} my client|now that S {be} married|before I call the doctor|before the police come|for the missing persons file)
    , (and|) never mind (who S {be}|B age|B name|the reason)"""

_ADJECTIVES = (
    "handsome", "honest-looking", "shy", "drunk", "famous", "clever", "sick", "pregnant", "italian", "rich", "retired", "married", "lonely", "guilty-looking",
    "smiling", "frowning", "grinning", "bespectacled", "open-mouthed", "sad", "happy", "angry", "sleepy", "masked", "scared", "squinting", "sad-looking", "gorgeous",
)  # fmt: skip

ABOUT_CUES: dict[str, str] = {
    "motives": """
        what is S (hoping|trying|planning) to (get|gain|achieve|tell us|hide) by {ving}
        (why|what for|for what reason|for whose sake) (would|does|did|should) S {v}
        what made S {v}
        what caused (the|that|B) {n}
        what (lies|is) behind (the|that|B) {n}
        (does|did) S {v} (because of me|on purpose|to please us|to hide something|to tease me|out of habit|for the money|for the photo only)
        {be} S {ving} (because of me|on purpose|to please us|to impress somebody|at a joke|about the news|over a secret)
        (what|whom) {be} S thinking of while {ving}
        who (made|told) S (to|) {v}
        what does S want with (that|the|such) {n}
        is (that|the|B) {n} (meant for me|about me|for somebody|an invitation|a message|on purpose)""",
    "honesty": """
        is (that|the|B) {n} (fake|sincere|honest|genuine|forced|put on|an act|real|for show)
        {be} S (lying|bluffing|honest|telling the truth|hiding something|faking it) (while|when) {ving}
        does (that|the|B) {n} (mean|prove|show|tell) that S lie(s)
        {be} S only pretending , {ving} like that
        (did|does) S (fib|cheat|lie|steal it) , {ving} like that""",
    "health": """
        does (that|the|B) {n} (mean|prove|show|come from) (an illness|a stroke|drugs|pain|a disease|depression|too much wine)
        {be} S (ill|drunk|stoned|in pain|wasted|high|depressed|unwell) , {ving} like that
        is (that|the) {n} (a symptom|normal|healthy|a tic|due to drugs|something for a doctor)""",
    "attraction": """
        does S (fancy|love|like|want|flirt with) me , {ving} like that
        is S flirting (with me|) by {ving}
        is (that|the|B) {n} (sexy|pretty|attractive|beautiful|flirty|ugly)""",
    "character": """
        {be} S (stupid|clever|kind|a good person|arrogant|lazy|evil|trustworthy) , {ving} like that
        does (that|the|B) {n} (mean|show|prove) S {be} (kind|stupid|arrogant|lazy|a bad person|reliable|bossy)
        what (kind|sort) of (person|man|woman|character) (has|shows|wears) (such|) {np}""",
    "identity": """
        (who|which star|which singer|what famous person) (has|wears|is known for) {np} like that
        do you (know|recognise|remember) (somebody|a man|a woman|anyone) with {np}
        find me (somebody|the woman|the man) with {np} (in the records|in my contacts|online|by name)
        name (somebody|the person|the one) with {np}""",
    "age": """
        does (that|the|B) {n} make S (older|younger|look like thirty|a teenager)
        how old (would|does) one (be|look) with {np}
        guess the (age|years|birthday) from (that|the|B) {n}""",
    "background": """
        (which|what) (country|job|religion|party|family) (goes with|has|does one have with) {np}
        (what|tell me what) job has (somebody|a person|one) with {np}
        do people from (Spain|Asia|the north|her country) have {np}""",
}


def described(rng: Random) -> str:
    """Who is spoken of, named by what the face shows or by what it cannot show."""
    return re.sub(r"\bB\b\*?", "the", _described(rng)).replace("*", "")


def _described(rng: Random) -> str:
    article, who = rng.choice(("the", "the", "that", "this", "the same", "our")), noun(rng)
    roll = rng.random()
    if roll < 0.25:
        return f"{article} {rng.choice(_ADJECTIVES)} {who}"
    aspect = rng.choice(SEEN)
    verbs = [what for subject, what in items(aspect, "do") if subject == "S"]
    if verbs and roll < 0.55:
        verb, _, rest = rng.choice(verbs).partition(" ")
        doing = rng.choice((gerund(verb), f"who {third_person(verb)}"))
        return f"{article} {who} {doing} {rest}".strip()
    seen = items(aspect, "np")
    if not seen:
        return f"{article} {who} in the photo"
    bare = re.sub(r"^(a|an) ", "", rng.choice(seen)[1])
    return f"{article} {who} {rng.choice(('with', 'with', 'behind', 'who has'))} {rng.choice(('the', 'that', 'those', 'a', ''))} {bare}"


def about_cue(draw: Draw, reason: str) -> str:
    """A question what a cue means, which a face cannot tell."""
    line = draw.rng.choice(lines(ABOUT_CUES[reason]))
    while True:
        aspect = draw.rng.choice(SEEN)
        verbs, seen = [what for subject, what in items(aspect, "do") if subject == "S"], items(aspect, "np")
        if seen and (verbs or "{v" not in line):
            break
    verb, _, rest = draw.rng.choice(verbs or ["look"]).partition(" ")
    noun_phrase = draw.rng.choice(seen)[1]
    values = {
        "np": noun_phrase, "n": re.sub(r"^(a|an|the) ", "", noun_phrase), "v": f"{verb} {rest}".strip(),
        "v3": f"{third_person(verb)} {rest}".strip(), "ving": f"{gerund(verb)} {rest}".strip(),
    }  # fmt: skip
    return draw.agree(fill(draw.choose(line), values))
