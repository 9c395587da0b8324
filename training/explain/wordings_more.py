# ruff: noqa: E501  (tables)
"""More lines for the tables of questions, refusals and statements: slang, formal, old-fashioned (training side only)."""

from __future__ import annotations

QUESTIONS_MORE: dict[str, str] = {
    "explain": """
        on what (basis|grounds|evidence) did you (decide|conclude|say) (that|this|so)
        show (me|us) (the|your) (reasoning|reasons|thinking|evidence)
        why that (emotion|label|one|answer|guess|result)
        (how|where) did you get (that|this|the label|that idea) from
        which signs make S look (so|) E
        (which|what) signs (make|made) you (think|say) (that|so|S {be} E)
        give (the|your|me the) grounds
        what (supports|backs up|justifies) (that|this|your label|your claim)
        what is S (feeling|showing|expressing) (here|right now|)
        what (mood|emotion) (would|do) you (call|label|name) (this|that|it)
        what does (that|this) (face|expression|look) (mean|say|tell us|convey|show)
        what emotion (does|do) (B face|S) (display|show|express|convey|have)
        say why
        why though
        how so
        explain (the emotion|why|how you know|that emotion|your label|your decision|it to me)
        walk me through (your reasoning|why you said that|the label)
        (emotion|mood|feeling) please
        what's the (mood|vibe|feeling) (here|on this face|)
        how's S feelin
        how come
        for what reason (did you say|do you say) (that|this|E)
        whence that (judgement|conclusion|label)
        what made you (conclude|decide) (that|so|this)
        (could|can) you explain (the|your|that|this) (emotion|label|result|answer|decision) (to me|)
        (could|can) you (justify|explain) why (you said E|S look(s) E|it's N|you chose that)
        by which (features|signs|cues) did you recognise (N|that|this)
        what about B face (says|tells you) (N|E|that)
        what do you base (that|this|it|your answer|your label) on""",
    "describe_region:mouth": """
        what (are|is) B (mouth|lips) up to
        what's B mouth up to
        mouth status
        status of the mouth
        report on (the|B) mouth
        what does the mouth do
        what (shape|form|state) is B mouth in
        (tell|show) me what B (mouth|lips) (is|are) doing
        what's going on (around|with) (the|B) (mouth|lips)
        how does S hold B (mouth|lips)
        (could|can|would) you describe (the|B) (mouth|lips)
        the mouth , what does it do
        mouth region , please describe
        what is to be said of B mouth
        in what manner does S hold the mouth
        and B lips""",
    "describe_region:eyes": """
        what are B eyes up to
        eye status
        status of the eyes
        report on (the|B) eyes
        what do the eyes do
        what (shape|form|state) are B eyes in
        (tell|show) me what B eyes are doing
        what's going on (around|with) (the|B) eyes
        (could|can|would) you describe (the|B) eyes
        the eyes , what do they do
        eye region , please describe
        what is to be said of B eyes
        and B lids
        what about the eyes""",
    "describe_region:brows": """
        what are (the|B) (brows|eyebrows) up to
        brow status
        status of the (brows|eyebrows)
        report on (the|B) (brows|eyebrows)
        what do the (brows|eyebrows) do
        (tell|show) me what B (brows|eyebrows) are doing
        what's going on (around|with) (the|B) (brows|eyebrows)
        (could|can|would) you describe (the|B) (brows|eyebrows)
        the (brows|eyebrows) , what do they do
        brow region , please describe
        what is to be said of B (brows|eyebrows)
        in what position are the eyebrows
        brows ?""",
    "describe_region:head": """
        what's B head up to
        head status
        status of the head
        report on (the|B) head
        what does the head do
        (tell|show) me (what B head is doing|how B head is held|how the head is turned)
        (could|can|would) you describe (the|B) (head|head pose|head position)
        the head , how is it held
        head (orientation|position|posture|pose) please
        what is to be said of B head
        how does S carry B head
        which way does S face
        in what position is the head
        what is the (orientation|angle|attitude) of B head""",
    "describe_region:all": """
        what can be (seen|made out|observed) (here|in this face|on the face|)
        give me a (rundown|summary|breakdown|rough description|quick description) of (everything|all|the face|what you see|everything visible)
        what's (in|on) (the|this) (pic|picture|photo|image|face)
        whats in the pic
        tell me (what|everything) you (can observe|observe|can make out|make out|notice|can see) (on this face|in this face|about the face|)
        (could|can) you tell me what (the|this|B) face looks like (right now|)
        summarise the face
        summarize (the|this) face
        list everything (you can make out|you see|visible) (in this photo of a face|on the face|in the face|)
        (please|) list (everything|all you can see)
        I'm blind , (please|could you|) tell me what (you see|the face looks like|can be seen)
        what do u see
        whatcha see
        describe (it|him|her|S|this|that|what's there|the features)
        depict the face
        what would you (see|note|observe) (on|in) (this|the) face
        your observations (please|)
        a short report on the face
        full face report
        report what you see
        how does (the|this) face look""",
    "where_looking": """
        (which|what) way (does|do) (S|B eyes) (look|gaze|point|go)
        which way do B* eyes point
        which way is S (gazing|staring|peering|glancing)
        whither (does|doth) S (gaze|look)
        (where|whereto) is S (gazing|staring|peering|glancing)
        gaze (direction|where|target|report)
        where's (the|B) (gaze|look)
        direction of (gaze|view|B look)
        where does S direct B (gaze|eyes)
        at what is S (looking|staring|gazing)
        what (has|catches|holds) B attention
        what are B* eyes (directed|pointed|aimed|fixed) (at|on)
        where are B* eyes fixed
        what direction is (B|the) gaze
        tell me the (direction of the gaze|gaze direction|line of sight)
        which direction do B* eyes (face|point|go|look)
        (could|can) you say where S (look(s)|{be} looking|gaze(s))
        whereabouts {be} S looking
        what's S looking at""",
    "why_not": """
        why ain't (it|S) (N|E)
        and what about N
        (what|how) about N (instead|then)
        why don't you (call|label) (it|this|S) (N|E)
        why did (N|E) lose
        why is S not (called|labelled|considered) E
        (couldn't|can't) this be (N|E) (instead|)
        what (excludes|rules out|contradicts|disproves) N
        why (doesn't|does not) this (count as|look like|qualify as) N
        what's (lacking|missing) for N
        what would (N|a E face) (need|take|require)
        for what reason (is it|are you|was it) not (E|N)
        why wasn't (it|this) (called|classified as|labelled|judged) (E|N)
        wherefore not (E|N)
        (could|can) you explain why (it's|it is|S {be}|this is) not (E|N)
        why no N
        where's the N
        tell me why (it is|it's|S {be}|this is) not (E|N)
        why not simply (E|N)
        what made you (reject|rule out|drop|discard) (E|N)""",
    "what_changed": """
        what('s| is) (different|new|changed) (now|here|from before|from the last one|since last time|)
        differences (to|from) (the last|the previous|the earlier|the first) (picture|pic|frame|one|photo)
        tell me the differences (to|from) (the|) (picture|photo|frame|one) (before|I showed you before)
        what (the heck|the hell|on earth) changed
        so what's different from before
        (did|has) (S|B face|B expression) (change|changed|altered|moved) (at all|just now|lately|since)
        what has (happened|altered|moved|shifted) (in|on) B face
        any (news|movement|development|change) (in|on) (B|the) face
        in what way has (B|the) (face|expression) changed
        what altered
        changes (please|?|since before)
        what's been (changing|happening) (on the face|)
        what is the change
        how is (it|S|the face) different now
        compared with before , what moved
        before and after , what's the difference
        what did the face do (just now|in between|meanwhile)""",
    "how_sure": """
        what is your (degree|level) of (certainty|confidence|sureness|belief)
        how (sure|certain) r u
        u sure
        you (certain|positive|sure about that|serious)
        are you (sure|certain) , or (talking rubbish|guessing|making it up|just guessing|lying) (again|)
        (how|what) (certain|sure|likely|safe) is (it|this|that|your answer|the result) (then|)
        is that (your|the) final answer
        (would|could|do) you (swear|bet|vouch) (to|on|for) (it|that)
        how much (certainty|confidence|faith) (is there|do you have) (in it|in that|)
        confidence (level|score|please|value|in percent)
        your (confidence|certainty) (please|?)
        certainty ?
        (to|with) what degree of (certainty|confidence) (do you say so|did you say that|)
        how (firmly|strongly) do you believe (that|it)
        (any|some) chance you('re| are) wrong
        what are the chances you('re| are) (right|wrong)
        (could|may|might) (that|this|it|you) be (wrong|a mistake|mistaken|an error)
        is there room for (doubt|error)
        how (trustworthy|dependable|solid) is (that|your judgement|the label)
        do you (doubt|question) (it|yourself|your answer)""",
    "describe_visible": """
        what (is|'s) (blocking|hiding|covering|obstructing) (the face|B face|the view)
        is the (view|sight) of (the|B) face (free|clear|blocked|obstructed)
        how much of (B|the) face (shows|is visible|can be seen|do you see)
        (how|what) is the (quality|state) of (the|this) (picture|photo|image|pic)
        picture quality (?|please)
        what's wrong with (the|this) (picture|photo|image|pic)
        anything (wrong|odd|off) (with|about) the (picture|photo|pic|image)
        which (accessories|objects|things) (cover|are on) the face
        is there (something|anything) in the way
        what gets in the way of seeing (the face|S)
        can the face be seen (well|clearly|completely|at all)
        any (obstacles|obstructions|occlusions|coverings)
        what is on B face
        does anything (hinder|obstruct|impair|spoil) the view
        (view|visibility) of the face (?|please)""",
    "unclear": """
        (eh what|say what|huh what|come again)
        (aaa|zzz|hhh|lalala|blub|foo|bar baz)
        (so|and|then|well|why|what|who|how|when) ?
        the thing with the stuff
        colourless ideas sleep furiously over there
        is it what it is
        do the thing
        (ping|pong|ping pong)
        one two three four
        (qwert|uiop|dfgh|jkl|mnbv)
        I do not know what to ask
        is that
        can it
        of the in a
        stop
        (good|bad) (bot|robot)
        what else
        next one please
        hm whatever""",
}

# A question that something is denied in asks is_emotion with "no"; see `wordings.EMOTION_ASKED`.
EMOTION_ASKED: tuple[str, ...] = (
    "is {noun} what (this|B|the) face (expresses|shows|says)", "is {noun} what you see", "is it {noun} (that S show(s)|that you see|here|)",
    "is (that|this) {noun}", "is (that|this|it) supposed to be {noun}", "would (observers|people|most people|you|others|anyone) (name|call|label) this {noun}",
    "might (one|we|I) describe B expression as {adj}", "(can|could|should|may) (one|I|we|you) (call|describe|consider) S (as|) {adj}", "{adj} or not", "{adj} or nah",
    "{adj} or what", "{adj} , yes or no", "is B expression {adj}", "is B mood {adj}", "does B face look {adj}", "does this face look {adj} (to you|)", "is this a {adj} face",
    "is this a {adj} person", "is this what {noun} looks like", "(do|can|could) you (see|read|detect|make out|find|spot|sense) {noun} (in|on) (B|this|the) face", "any {n} (there|here|in B face|on this face|)",
    "is there {noun} (in|on) (B|this|the) face", "is there {any}", "a {adj} face , (right|correct|yes|or)", "looks {adj} , (right|doesn't S|no|yes|huh)", "S {be} {adj} , (right|no|yes|huh|isn't it so)", "{adj} ?",
    "does S come across as {adj}", "does S strike you as {adj}", "does S give (a|you a) {adj} impression", "would you (say|think) S {be} {adj}", "would you call (S|this|B expression) {adj}", "{Be} S {adj} (about|at|with) (something|somebody|smth|me|us|it)",
    "{Be} S {adj} (about|because of) (the news|the present|B birthday present|the exam|that)", "{Be} S {adj} in this (photo|picture|pic)", "does S look {adj} (with|about) (B birthday present|the gift|the result|it)", "is the emotion {noun}", "is the label {noun}", "does {noun} show (in|on) B face",
    "(can|could) {noun} be (seen|found|read) (in|on) B face", "is B face (full|a picture) of {noun}", "is S filled with {noun}", "{Be} S feeling (kinda|kind of|a bit|sort of|really|somewhat|all|) {adj}", "{Be} S (kinda|kind of|sort of|totally|really|very) {adj}", "doth S {seem} {adj}", "S {adj} ?", "tell me whether S {be} {adj}",
    "I wonder whether S {be} {adj}", "I'd like to know if S {be} {adj}", "{Be} S not just pretending but {adj}", "{Be} S the {adj} type right now", "does this count as {noun}", "is B look one of {noun}", "can B expression be called {adj}", "check S for {noun}", "is there a trace of {noun}", "is any {n} visible",
)  # fmt: skip
EMOTION_DENIED: tuple[str, ...] = (
    "S {isn't} {adj} , (right|correct|{be} S|is that so|true)", "S{'be} not {adj} , (right|correct|{be} S|true)", "S {don't} look {adj} , (right|does S|correct)", "{Be} S not {adj}", "{Be} S not {adj} at all", "{Be} S really not {adj}",
    "is it true that S {isn't} {adj}", "is it true that B expression (isn't|is not) {adj}", "is it true that no {n} shows in (the|B) face", "is it (correct|right|so) that S {be} not {adj}", "is there no {n} (in B face|here|to be seen|)", "not {adj} , (right|correct|is that it)", "no {n} , (right|correct|then)",
    "do you see no {n} (in B face|)", "can you confirm that S {be} not {adj}", "would you agree that S {isn't} {adj}", "so S {isn't} {adj}", "{Be} S anything but {adj}", "{Be} S far from {adj}", "{Be} S free of {noun}", "is {noun} absent (from B face|)", "does S look not {adj} at all", "S {do} not seem {adj} , (right|do you agree)", "tell me that S {isn't} {adj}",
    "am I right that S {isn't} {adj}", "{Be} S no longer {adj}", "is {noun} missing (in|from) (the|B) face", "does B face lack {noun}", "is B face without {noun}", "this isn't {noun} , (right|is it)", "is this not {noun} at all", "S can't be {adj} , (right|can S)", "surely S {isn't} {adj} , (right|is S)",
)  # fmt: skip
"""Of these "yes" says that it does not show."""

ASKED_BE: tuple[str, ...] = (
    "{s} {c} or what", "{s} {c} or nah", "{s} {c} or not", "{s} {c} ?", "{s} {c} , yes or no", "{c} or not", "{c} or what", "{c} or nah", "is it so that {s} {be} {c}", "might {s} be {c}", "could {s} be {c}", "{Be} {s} by any chance {c}", "{Be} {s} {c} now",
    "kindly confirm whether {s} {be} {c}", "please indicate whether {s} {be} {c}", "may I ask whether {s} {be} {c}", "I'd like to know (if|whether) {s} {be} {c}", "any idea (if|whether) {s} {be} {c}", "I can't tell (if|whether) {s} {be} {c}", "I can't see (if|whether) {s} {be} {c}", "say (if|whether) {s} {be} {c}",
    "{Be} {s} kinda {c}", "{Be} {s} totally {c}", "{Be} {s} in fact {c}", "{Be} {s} visibly {c}", "{Be} {s} already {c}", "{Be} {s} , in your view , {c}", "see if {s} {be} {c}", "verify : {s} {be} {c}", "hath {s} been {c}", "will you tell me whether {s} {be} {c}", "what about {s} , {c} or not", "{s} , {c} or not", "{s} : {c} ?",
    "are we sure that {s} {be} {c}", "don't you think {s} {be} {c}", "wouldn't you say {s} {be} {c}", "{s} {be} {c} , no", "{s} {be} {c} , yes", "{s} {be} {c} , yes or no", "{s} {be} {c} , huh", "{s} {be} {c} , aren't they",
)  # fmt: skip
ASKED_DO: tuple[str, ...] = (
    "{s} {v3} or what", "{s} {v3} or not", "{s} {v3} , yes or no", "{s} {v3} ?", "might {s} {v}", "could {s} {v}", "kindly confirm whether {s} {v3}", "please indicate whether {s} {v3}", "may I ask whether {s} {v3}", "I'd like to know (if|whether) {s} {v3}", "any idea (if|whether) {s} {v3}", "I can't tell (if|whether) {s} {v3}", "I can't see (if|whether) {s} {v3}",
    "say (if|whether) {s} {v3}", "see if {s} {v3}", "doth {s} {v}", "{Be} {s} {ving}", "{Be} {s} {ving} or not", "{s} {ving} or what", "{s} {ving} ?", "{Be} {s} caught {ving}", "isn't {s} {ving}", "do you see {s} {ving}", "can you see {s} {ving}", "don't you think {s} {v3}", "wouldn't you say {s} {v3}", "{s} {v3} , no", "{s} {v3} , yes", "{s} {v3} , huh", "could you check whether {s} {v3}",
    "{Be} {s} the one {ving}", "did {s} {v} here", "did {s} {v} in this picture",
)  # fmt: skip
ASKED_NP: tuple[str, ...] = (
    "{np} or no {n}", "{np} or not", "{np} or what", "{np} ?", "{np} , yes or no", "{np} , right", "got {np}", "can you spot {any}", "can one see {np}", "can one make out {np}", "do you discern {np}", "dost thou see {np}", "is there really {np}", "is there such a thing as {np} here", "does S wear {np}", "does S bear {np}", "what about {np} , is there any", "is {np} there",
    "is {np} present", "is {np} apparent", "is {np} (observable|detectable|noticeable|evident|perceptible)", "would you say there {is} {np}", "any {n} (here|there|to be seen|on B face|)", "could you check for {np}", "please check for {np}", "look for {np} , is there any", "tell me whether there {is} {np}", "tell me if you see {np}", "I think I see {np} , do you", "I can't tell if there {is} {np}", "am I seeing {np}",
    "does the (photo|image|pic|shot) show {np}", "is {np} what you see", "is that supposed to be {np}", "may I ask whether there {is} {np}", "there's {np} , isn't there", "did you spot {np}", "spot {any} ?", "is the face one with {np}", "{Do} S display {np}", "is it {np}",
)  # fmt: skip
DENIED_BE: tuple[str, ...] = (
    "{s} {isn't} {c} , right", "{s} {be} not {c} , right", "{s} {isn't} {c} , {be} {s}", "{s} {be} not {c} , correct", "so {s} {isn't} {c}", "{s} {isn't} {c} , is that so", "{Be} {s} by no means {c}", "{Be} {s} anything but {c}", "{Be} {s} far from {c}", "kindly confirm that {s} {isn't} {c}", "surely {s} {be} not {c}", "not {c} , right", "not {c} , huh",
    "{Be} {s} never {c}", "{s} not {c} , yes", "I think {s} {isn't} {c} , do you agree", "can you see that {s} {be} not {c}", "would you say {s} {isn't} {c}",
)  # fmt: skip
DENIED_DO: tuple[str, ...] = (
    "{s} {don't} {v} , right", "{s} {do} not {v} , right", "{s} {don't} {v} , {do} {s}", "so {s} {don't} {v}", "{s} {isn't} {ving} , right", "{Be} {s} not {ving}", "kindly confirm that {s} {don't} {v}", "surely {s} {don't} {v}", "not {ving} , right", "{Do} {s} refuse to {v}", "{Do} {s} avoid {ving}", "would you say {s} {don't} {v}",
    "has {s} stopped {ving}",
)  # fmt: skip
DENIED_NP: tuple[str, ...] = (
    "no {n} , right", "no {n} , huh", "no {n} then", "there {isn't} {any} , right", "there {isn't} {any} , {is} there", "so no {n}", "is there not {any}", "{Do} S lack {np}", "{Do} S have no {n}", "{Be} S without {np}", "I see no {n} , do you agree", "zero {n} , right", "can you confirm there {is} no {n}", "is it correct that there {is} no {n}", "is {np} nowhere",
    "not {any} , right", "would you say there {is} no {n}", "is there a complete lack of {n}",
)  # fmt: skip

# Statements.
BE_POS: tuple[str, ...] = (
    "{s} {be} {c} , no less", "{s} {be} {c} , I tell you", "{s} never stop(s) being {c}", "{s} keep(s) being {c}", "how {c} {s} {be}", "{s} : {c}", "{c} : {s}", "{c} , that is what {s} {be}", "{c} {s} {be}", "{s} {be} kinda {c}", "{s} {be} totally {c}", "{s} {be} super {c}", "{s} {be} pretty {c}", "{s} hath been {c}", "{s} can't be anything but {c}",
    "{s} {be} nothing but {c}", "{s} {be} found {c}", "{s} {be} kept {c}", "{s} {be} held {c}", "{s} {be} caught {c}", "{s} {be} {c} throughout", "{s} {be} noticeably {c}", "{s} {be} observed to be {c}", "{s} {be} seen to be {c}", "what with {s} {c}", "{s} {stay} {c}", "{s} {be} always {c}", "there {be} {s} , {c}", "{s} couldn't be more {c}", "{s} not un{c} but {c}",
)  # fmt: skip
BE_POS = tuple(line for line in BE_POS if "un{c}" not in line)
BE_NEG: tuple[str, ...] = (
    "{c} is the last thing {s} {be}", "{c} {s} {be} not", "{c} ? {s} {be} not", "{s} {c} ? no", "{s} {be} not a bit {c}", "{s} {be} not one bit {c}", "{s} {be} never ever {c}", "{s} {refuse} to be {c}", "{s} {have} stopped being {c}", "not once {be} {s} {c}", "{s} ain't {c} at all", "{s} {be} not {c} , that's for sure", "{s} {stay} un-{c}", "{s} could hardly be called {c}",
    "you couldn't call {s} {c}", "{s} {be} not the slightest bit {c}", "{s} {be} not found {c}", "{s} {have} not been {c} at any point", "{s} {be} not what I'd call {c}", "{s} {be} everything except {c}", "{s} weren't {c}", "{s} wasn't {c}", "{s} was not {c} when the picture was taken", "{s} {be} neither {c} nor anything like it", "{s} no {c}",
    "{s} {fail} to be {c}", "not {c} {be} {s}", "{s} {be} definitely un-{c}", "{s} , not {c}", "{s} : not {c}", "no way {s} {be} {c}",
)  # fmt: skip
BE_NEG = tuple(line for line in BE_NEG if "un-{c}" not in line)
DO_POS: tuple[str, ...] = (
    "{s} never stop(s) {ving}", "{s} never quit(s) {ving}", "{s} can't stop {ving}", "{s} cannot stop {ving}", "{s} can't help {ving}", "{s} can't help but {v}", "{s} keep(s) {ving}", "{s} keep(s) on {ving}", "{s} {go} on {ving}", "{s} won't stop {ving}", "{s} doesn't stop {ving}", "{s} {have} not stopped {ving}", "{s} never cease(s) to {v}", "{s} never fail(s) to {v}",
    "{s} always {v3}", "{s} just {v3}", "{s} {be} {ving}", "{s} {be} {ving} here", "{s} {be} still {ving}", "{s} {be} clearly {ving}", "{s} was {ving}", "{s} , {ving}", "{ving} , that's what {s} {be} doing", "there {be} {s} , {ving}", "{s} doth {v}", "look how {s} {v3}", "all {s} {do} is {v}", "{s} {be} observed to {v}", "{s} {be} seen {ving}", "{s} {be} seen to {v}",
    "{s} {have} begun to {v}", "{s} {have} started {ving}", "{s} kinda {v3}", "{s} totally {v3}", "{s} visibly {v3}", "how {s} {v3}",
)  # fmt: skip
DO_NEG: tuple[str, ...] = (
    "{s} {have} stopped {ving}", "{s} stopped {ving}", "{s} {have} quit {ving}", "{s} {be} done {ving}", "{s} {be} not {ving}", "{s} {isn't} {ving}", "{s} ain't {ving}", "{s} {be} not {ving} at all", "{s} won't {v}", "{s} will not {v}", "{s} wouldn't {v}", "{s} can't {v}", "{s} cannot {v}", "{s} {be} unable to {v}", "{s} {have} forgotten how to {v}", "{s} forgot to {v}",
    "{s} {avoid} {ving}", "{s} never once {v3}", "{s} wasn't {ving}", "{s} was not {ving} when the picture was taken", "{s} didn't {v}", "{s} did not {v}", "{s} {be} anything but {ving}", "{s} {be} far from {ving}", "{ving} ? not {s}", "{s} {ving} ? no", "{s} {be} in no mood to {v}", "{s} {don't} {v} one bit", "{s} {don't} {v} in this shot", "not {ving}", "{s} would rather not {v}",
    "no {ving} here", "without {ving}", "{s} without {ving}", "{s} doth not {v}", "{s} {do} anything but {v}", "{s} {decline} to {v}", "{s} {be} too tired to {v}",
)  # fmt: skip
NP_POS: tuple[str, ...] = (
    "not without {np}", "S {be} not without {np}", "S {be} never without {np}", "S {sport} {np}", "S {wear} {np}", "S {carry} {np}", "S {bear} {np}", "{np} , yes", "{np} , for sure", "hello {n}", "what {np}", "{np} right there", "{np} on this one", "{np} noted", "{np} observed", "{np} {is} apparent", "{np} {is} in evidence", "{np} {is} on display", "{np} {is} there", "{np} {is} to be seen",
    "there {is} definitely {np}", "there {is} {np} all right", "{np} ? yes", "{np} : yes", "{np} : present", "status : {np}", "the person with {np}", "somebody with {np}", "a person with {np}", "a face with {np}", "S is the one with {np}", "S comes with {np}", "you can't miss {np}", "you cannot overlook {np}", "{np} on S", "{np} on B face", "nothing but {np}", "clearly {np}", "such {np}", "behold , {np}", "{np} {is} documented", "I spy {np}",
)  # fmt: skip
NP_NEG: tuple[str, ...] = (
    "{np} ? none", "{np} ? no", "{np} ? none on this face", "{np} ? nowhere", "no {n} here", "no {n} whatsoever", "no {n} at all", "no {n} on this one", "no {n} on S", "no {n} on B face", "no {n} {is} apparent", "no {n} {is} noted", "no {n} {is} observed", "no {n} {is} to be seen", "no {n} {is} present", "not the faintest {n}", "not the slightest {n}", "not the slightest trace of {np}", "without the slightest {n}", "without so much as {np}",
    "nary {np}", "S {be} bare of {n}", "B face is bare of {n}", "S {be} missing {np}", "S {do} without {np}", "S {have} zero {n}", "I see not {any}", "I see none of {np}", "{np} : no", "{np} : absent", "{np} : none", "negative for {np}", "nothing in the way of {np}", "never {np}", "nil {n}", "you will look for {np} in vain", "{np} {isn't} there", "{np} {is} not there", "{np} {is} not visible", "{np} {is} not present", "{np} {is} not apparent",
    "{np} {isn't} on display", "where there should be {np} there is none", "there ain't {any}", "there {is} not one {n}", "there {is} no such thing as {np} here", "somebody without {np}", "a person without {np}", "a face without {np}", "the person without {np}", "neither {np} nor anything like it", "no hint of {np}", "not a hint of {np}", "not even a hint of {np}", "no {n} can be made out", "no {n} to report", "don't look for {np} , there {is} none", "nothing like {np} here", "minus {np}",
)  # fmt: skip
LOOK_POS: tuple[str, ...] = (
    "S {be} kinda {adj}", "S {be} pretty {adj}", "S {be} super {adj}", "S {be} so {adj}", "{adj} is what S {be}", "{adj} is how S look(s)", "{adj} , that's how S look(s)", "how {adj} S look(s)", "what a {adj} face", "{adj} face", "{adj} person", "{adj} look", "{adj} , this one", "one {adj} person", "S look(s) {adj} as can be", "S can't be anything but {adj}", "S {be} {adj} , no doubt", "S {be} visibly {adj}", "S {be} totally {adj}", "S {be} {adj} inside and out",
    "S {be} nothing if not {adj}", "the look is {adj}", "the expression reads {adj}", "the face reads {adj}", "I read S as {adj}", "I'd call S {adj}", "I'd describe S as {adj}", "one would call S {adj}", "S {be} to be called {adj}", "S appear(s) to be {adj}", "S present(s) as {adj}", "S {be} rated {adj}", "S {be} on the {adj} side", "S look(s) rather {adj}", "S look(s) kind of {adj}", "S look(s) a tad {adj}", "S can't hide being {adj}", "such a {adj} look", "S {be} clearly {adj} in this shot", "a {adj} one",
)  # fmt: skip
LOOK_NEG: tuple[str, ...] = (
    "{adj} is the last thing S look(s)", "{adj} is the last thing S {be}", "{adj} S {be} not", "{adj} ? not at all", "{adj} ? no way", "{adj} ? hardly", "not {adj} at all", "not {adj} at all , that face", "not one bit {adj}", "S {be} not a bit {adj}", "S {be} not one bit {adj}", "I wouldn't call S {adj}", "I'd not call S {adj}", "you couldn't call S {adj}", "one cannot call S {adj}", "the look isn't {adj}", "the look is not {adj}", "S {be} not {adj} in this shot", "not {adj} , this one",
    "the expression is not {adj}", "B mood isn't {adj}", "S look(s) everything but {adj}", "S look(s) nowhere near {adj}", "S can't be called {adj}", "never was S {adj}", "S {be} not {adj} by the look of it", "no {adj} face this", "S wasn't {adj}", "S {be} not feeling {adj}", "no {adj} look", "S would look different if S {be} {adj}", "don't call S {adj}", "S present(s) as not {adj}", "S {be} un-{adj}",
)  # fmt: skip
LOOK_NEG = tuple(line for line in LOOK_NEG if "un-{adj}" not in line)
SHOW_POS: tuple[str, ...] = (
    "{noun} shines from S", "{noun} is written all over B face", "{noun} is written on B face", "B face is a picture of {noun}", "{noun} , plain and simple", "{noun} , I'd say", "that's {noun}", "pure {n}", "{noun} all over", "{noun} is what this face expresses", "{noun} is what I see", "{noun} is what I read", "I'd say {noun}", "I read {noun}", "looks like {noun}", "reads as {noun}", "can't be anything but {noun}", "nothing but {noun}", "{noun} , no doubt", "{noun} marks B face",
    "{noun} radiates from B face", "expression : {noun}", "affect : {noun}", "mood : {noun}", "B look is one of {noun}", "S can't hide B {n}", "S {give} off {noun}", "not without {noun}", "S {be} full of {noun}", "S {be} consumed by {noun}", "you can see {noun} in B face", "you can feel B {n}", "{noun} speaks from B face", "{noun} fills B face", "the picture of {noun}", "{noun} on B face", "{noun} from ear to ear", "a face of {noun}", "what {n}",
)  # fmt: skip
SHOW_NEG: tuple[str, ...] = (
    "{noun} ? no", "{noun} ? none", "{noun} is not what I see", "{noun} is not what this face shows", "{noun} is the last thing B face shows", "that isn't {noun}", "that's not {noun}", "no {n} at all", "no {n} whatsoever", "no {n} here", "no {n} on B face", "no {n} in this face", "not a shred of {noun}", "not the slightest {n}", "not a hint of {noun}", "no hint of {noun}", "zero {n}", "I read no {n}", "I see no {n}", "nothing of {noun} in B face", "B face lacks {noun}", "B face knows no {n}",
    "you won't find {noun} here", "B face is void of {noun}", "nothing like {noun}", "{noun} is nowhere to be seen", "{noun} does not show", "{noun} isn't there", "S {give} off no {n}", "expression : no {n}", "there ain't any {n}", "S {don't} show {noun}", "S {don't} give off {noun}",
)  # fmt: skip
COMPARED: tuple[tuple[str, bool, bool], ...] = (
    ("{noun} , not {noun2} , is what I (see|read)", True, False), ("{noun} , not {noun2}", True, False), ("not {noun2} , {noun}", True, False), ("S {be} far from {adj2} : S {be} {adj}", True, False), ("S {be} {adj} , far from {adj2}", True, False),
    ("S {be} anything but {adj2} , S {be} {adj}", True, False), ("{adj} , not {adj2}", True, False), ("{adj} and {adj2}", True, True), ("{adj} , {adj2}", True, True), ("{adj} and {adj2} , that's how S look(s)", True, True), ("the look is {adj} and {adj2}", True, True),
    ("a {adj} , {adj2} face", True, True), ("{adj} , {adj2} face", True, True), ("S {be} {adj} and {adj2}", True, True), ("neither {adj} nor {adj2}", False, False), ("not {adj} and not {adj2}", False, False), ("S look(s) neither {adj} nor {adj2}", False, False), ("no {n} , no {n2}", False, False),
    ("S {be} {adj} but not {adj2}", True, False), ("{adj} but not {adj2}", True, False), ("S {be} not {adj} but {adj2}", False, True), ("not {adj} , just {adj2}", False, True), ("S {be} not {adj} , S {be} {adj2}", False, True), ("I see {noun} but no {n2}", True, False), ("{noun} and {noun2}", True, True), ("{noun} plus {noun2}", True, True), ("neither {noun} nor {noun2}", False, False),
    ("{adj} as well as {adj2}", True, True), ("S {be} not only {adj} but also {adj2}", True, True), ("S {be} {adj} , though not {adj2}", True, False), ("rather {adj} than {adj2}", True, False), ("less {adj2} , more {adj}", True, False), ("{adj} yes , {adj2} no", True, False), ("{adj} no , {adj2} yes", False, True),
)  # fmt: skip
SEEN_TWICE: tuple[tuple[str, bool, bool], ...] = (
    ("{np} , {np2}", True, True), ("{np} and also {np2}", True, True), ("{np} plus {np2}", True, True), ("{np} , no {n2}", True, False), ("no {n} , {np2}", False, True), ("no {n} , no {n2}", False, False), ("{np} , but not {np2}", True, False), ("not {np} , but {np2}", False, True), ("neither {np} nor {np2}", False, False),
    ("{np} ? yes . {np2} ? no", True, False), ("{np} yes , {np2} no", True, False), ("{np} no , {np2} yes", False, True), ("besides {np} there {is} also {np2}", True, True), ("both {np} and {np2}", True, True), ("S {have} {np} , {np2} too", True, True), ("I see {np} and I see {np2}", True, True), ("I see {np} but no {n2}", True, False), ("no {n} , and no {n2} either", False, False),
    ("S {have} no {n} but {np2}", False, True), ("{np} while there {is} no {n2}", True, False), ("a face with {np} and {np2}", True, True), ("a face with {np} but without {np2}", True, False), ("a person with {np} , {np2}", True, True), ("without {np} but with {np2}", False, True), ("not a trace of {np} , and no {n2} either", False, False), ("apart from {np} I notice {np2}", True, True),
)  # fmt: skip
JOINED: tuple[str, ...] = (
    "{x} and {y}", "{x} , {y}", "{x} ; {y}", "{x} : {y}", "{x} - {y}", "{x} . {y}", "{x} and also {y}", "{x} , besides {y}", "{x} , and on top of that {y}", "{x} , plus {y}", "{x} & {y}", "{x} ... {y}", "{x} and then {y}", "{x} , though {y}", "{x} while at the same time {y}", "{x} , {y} too", "{x} AND {y}", "{x} when {y}", "{x} , still {y}", "{x} , only {y}", "{x} ! {y}",
    "{x} , moreover {y}", "{x} as well as {y}", "{x} , all the while {y}",
)  # fmt: skip
