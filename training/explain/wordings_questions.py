# ruff: noqa: E501  (tables)
"""Questions in many people's words, by what they want, as tables (training side only).

One template a line, each a family of its own when wordings are held out. `(a|b)` chooses; `S`, `B`, `B*`, `{be}`, `{do}`,
`{have}` agree with the person spoken of: she is, his mouth, they do. `E` is an adjective of an emotion, `N` its noun.
"""

from __future__ import annotations

QUESTIONS: dict[str, str] = {
    "explain": """
        why (do you say|do you think|did you say) (that|)
        why do you think S {be} E
        why does S look E
        why (that|this) (label|emotion|result|answer)
        how did you (come to|reach|arrive at) (that|this) (result|conclusion|label|answer)
        explain (it|this|that|yourself|the result|your answer)
        explain B expression
        please explain the emotion
        what makes you (think|say|believe) (so|that)
        what makes you think S {be} E
        what makes S look E
        what (emotion|feeling|mood|expression) (is this|is that|do you see|can you see|does S show)
        what {be} S feeling
        how does S feel
        how {be} S feeling (right now|today|)
        how {do} S look (to you|)
        how {do} S seem (to you|)
        what {do} S seem to feel
        what does B face (say|tell you|express|show)
        which emotion (is it|does S show|do you see|fits best)
        (read|interpret|analyse|analyze) (B|this) (face|expression|emotion)
        tell me (what|how) S {be} feeling
        tell me about B (emotion|mood|expression|feelings)
        what is B (expression|mood|emotion|emotional state|facial expression)
        describe B (emotion|expression|mood|facial expression|emotional state)
        what (speaks|is there) for (this|that|this emotion|this label)
        on what (do you base|is) (that|this|your answer)
        what is (the|your) (reason|evidence|justification|basis) for (this|that|the label|your answer)
        give me (the|your) (reasons|reasoning|explanation|evidence)
        which (cues|signs|features) (led you to|made you say|support) (this|that)
        what (cues|signs|features) (point to|speak for|suggest|show) (N|this emotion)
        how come you (say|think) S {be} E
        how can you tell (that S {be} E|)
        how do you know S {be} E
        justify (your answer|this label|the result)
        what gave it away
        what kind of (face|expression|look) is (this|that)
        what's (going on|up) with B face
        what's the emotion (here|)
        what's B mood
        how's S doing emotionally
        in what mood {be} S
        why did you (go with|settle on|choose|pick|decide on) (E|N)
        what (emotion|feeling) would you (read|see|recognise) (from|in) (this|B) face
        what emotion would you name
        if you had to name (the|one) emotion , which one
        why N
        why E
        so why (is it|this is) N
        what made you (choose|decide for|say) (E|N)
        {be} S E or F
        does S look E or F
        E or F
        is this N or something else
        why did you label (this|it|B face) as (E|N)
        what makes (this|B) face look E
        what tells you (that S {be} E|it is N)
        where do you see (N|that S {be} E)
        what is it about B face that looks E
        which parts of the face (show|tell you) (that|this|N)
        say more about (why|how) you chose that (label|emotion)
        talk me through (your decision|your reasoning|the result)
        what led to this (label|result|verdict)
        what would you say S {be} feeling
        how would you describe B (mood|expression|emotional state)
        what does the expression tell us
        what sort of mood {be} S in
        {be} S showing an emotion
        name the emotion
        can you make out what S {be} feeling
        is S feeling anything
        which feeling is written on B face
        is there any emotion (in|on) (B|this) face
        what do you read in (B|this) face
        (why|how so)
        because of what
        what are the grounds for (this|that|saying S {be} E)
        summarise B expression (in one sentence|)
        say in one sentence what (this|the) face shows
        what emotion""",
    "describe_region:mouth": """
        what (is|about) B mouth (doing|)
        what does B mouth (look like|do)
        describe B (mouth|lips)
        how does B mouth look
        tell me about B (mouth|lips|jaw)
        what are B* lips doing
        how {be} B* lips
        what's happening (with|around) B mouth
        what can you say about B (mouth|lips)
        what do you see (at|around|in) B mouth
        and the mouth
        the mouth
        mouth
        is B mouth doing anything (special|)
        what shape is B mouth in
        in which position {be} B* lips
        what is going on in the lower part of B face
        what is the state of B mouth
        what does S do with B mouth
        anything about the (lips|mouth)
        how is B mouth held
        look at B mouth and tell me what it does""",
    "describe_region:eyes": """
        what {be} B* eyes doing
        what {do} B* eyes look like
        describe B eyes
        how {do} B* eyes look
        tell me about B eyes
        what's happening (with|around) B eyes
        what can you say about B eyes
        what do you see (at|around|in) B eyes
        and the eyes
        the eyes
        eyes
        {be} B* eyes doing anything (special|)
        how {be} B* eyes
        what about B eyes
        what about the eyelids
        what is the state of B eyes
        what does S do with B eyes
        describe the eye area
        how wide {be} B* eyes
        what do B* eyelids do
        look at B eyes and tell me what they do
        say something about the eyes""",
    "describe_region:brows": """
        what {be} B* (brows|eyebrows) doing
        what {do} B* (brows|eyebrows) look like
        describe B (brows|eyebrows)
        how {do} B* (brows|eyebrows) look
        tell me about B (brows|eyebrows|forehead)
        what's happening (with|around) B (brows|eyebrows|forehead)
        what can you say about B (brows|eyebrows)
        what do you see (at|around|in) B (brows|eyebrows)
        and the (brows|eyebrows)
        the (eyebrows|brows)
        (eyebrows|brows)
        what about B (brows|eyebrows|forehead)
        how {be} B* (brows|eyebrows)
        what is the state of B eyebrows
        what does S do with B (brows|eyebrows)
        what position are B* (brows|eyebrows) in
        where {be} B* eyebrows, high or low
        anything about the (brows|eyebrows)
        look at B eyebrows and tell me what they do""",
    "describe_region:head": """
        what is B head doing
        how is B head (held|positioned|turned|tilted|oriented)
        describe B head (pose|position|posture|)
        how does S hold B head
        tell me about B head
        what (about|is) B head (pose|position|posture|orientation|)
        which way (is B head turned|does B head point|is B head facing|is S facing)
        where is B head (turned|pointing)
        in which direction is B head turned
        what can you say about B head
        and the head
        the head
        head pose
        what is the pose of B head
        what position is B head in
        where does B (face|head|nose) point
        what's happening with B head
        which direction does B (face|head) face
        how is S holding B head""",
    "describe_region:all": """
        describe (B|this|the) face
        describe what (you see|B face does|the face does|S {be} doing with B face)
        what do you see (in|on) (B|this|the) (face|picture|image)
        what do you see
        what (is|can be) seen (in|on) (B|the) face
        what is S doing
        what is B face doing
        what {do} B* (features|facial features|face muscles) do
        list (the|all) (cues|facial cues|features|signs) (you see|)
        which (cues|facial cues|features) (are|can be) (there|visible|seen|present|measured)
        tell me everything (about|you see in) (B|this|the) face
        give me a (rundown|summary|report|full report|detailed description|overview) of the (whole face|entire face|face)
        go over the (whole|entire) face
        what do all the parts of the face do
        a (full|complete) description please
        describe the (whole|entire) face in detail
        what does (B|this) face look like
        give me a description of (B|the) (face|facial cues|features)
        describe everything
        just describe (B|the) face without (the emotion|interpreting it)
        what can you see
        tell me what you see
        what are the facial cues
        what action units (are active|do you see)
        walk me through (B|the) face
        what are B* eyes and mouth doing
        describe B mouth , eyes and brows
        what happens in (B|this|the) face (right now|)
        report all cues
        give me all details of the face
        what movements do you see""",
    "where_looking": """
        where (is|does) S (looking|look)
        where {be} S looking
        where {do} S look
        what {be} S looking at
        which (way|direction) {be} S looking
        in (what|which) direction {do} S look
        in (what|which) direction {be} B* eyes looking
        where {be} B* eyes (looking|directed|pointed|turned)
        where {do} B* eyes (go|look|point)
        what is the direction of B (gaze|look|eyes)
        where is B (gaze|look|glance) (directed|going|pointing|)
        where does B gaze (go|point|land)
        describe B gaze
        tell me where S {be} looking
        what about B (gaze|look)
        {be} S looking left or right
        {be} S looking up or down
        gaze direction
        the gaze
        what is S (staring|gazing|glancing) at
        who {be} S looking at
        where's S looking
        which side {be} S looking to
        can you tell (me|) where S {be} looking
        to which side do B* eyes point
        what does S look at""",
    "why_not": """
        why not (E|N)
        why {be} S not E
        why isn't (it|this) N
        why don't you (say|think) S {be} E
        why {do} S not look E
        why did you not (say|choose|pick) (E|N)
        what speaks against N
        what is missing for N
        why is it not N
        couldn't (it|this) (also|) be N
        could it not (also|) be N
        why (rule out|exclude|reject) N
        why would it not be N
        how do you know S {be} not E
        what would have to (change|be different) for N
        what would make S look E
        and why not (E|N)
        isn't (it|this) N instead
        why do you not call (it|this) N
        what keeps you from saying (E|N)
        I would have said E, why not
        I thought it was N, why isn't it
        to me S look(s) E, why do you disagree
        what makes you sure S {be} not E
        why is N (wrong|unlikely|ruled out)
        explain why (it is|S {be}) not (E|N)
        where do you see that S {be} not E
        what would N look like here
        why not say E
        what would be needed for N
        could this be N instead
        what (argues|counts) against N
        why would that not count as N
        why isn't B expression called N
        why not N instead of another emotion
        why (did|do) you prefer another emotion to N
        what stops you from calling (it|this|S) E
        where is the N you would expect
        how can it be that S {be} not E
        for what reason did you decide against N
        S looks E to me , so why not N
        what is different from a face that is E""",
    "what_changed": """
        what (changed|has changed|is different|is new)
        what (changed|has changed) (in|on) (B|the) face
        what (changed|has changed) (just now|since before|in the last seconds|in the last few seconds|a moment ago)
        did (anything|something) change (in B face|)
        has (anything|something) changed (in B face|)
        has B (expression|face) changed
        how (did|has) B (expression|face) (change|changed)
        what happened (just now|in B face|to B face|)
        what just happened
        what is different (now|from before|than before|compared to before)
        what did S just do (with B face|)
        describe the (change|changes|difference)
        which cues (changed|appeared|disappeared|came or went)
        any (change|changes|difference) (compared to before|)
        what (appeared|disappeared|went away|is gone)
        tell me what changed
        how is B face different from (before|a moment ago|five seconds ago)
        what moved in B face
        compare (B face|it) (with|to) (before|a few seconds ago)
        did B expression (shift|change|move)
        what went on in the last seconds
        is S different from a moment ago
        since when does S look like this
        what has S done since
        did B smile fade or appear
        compared (to|with) (earlier|a few seconds ago) , what is new
        what has S stopped doing
        what has S started doing
        has there been any movement in B face
        was the face different (before|a moment ago)
        what is not the same as before
        how has the mood on B face moved
        did S react in any way just now
        what differs between now and then""",
    "how_sure": """
        how (sure|certain|confident) are you (about that|about this|of that|)
        are you (sure|certain|confident|positive) (about that|about this|)
        are you really sure
        how (reliable|certain|confident|trustworthy) is (that|this|the result|your answer|the label)
        what is (the|your) (confidence|certainty|level of confidence)
        with what (confidence|certainty|probability)
        how much (do you trust|can I trust|should I trust) (that|this|your answer|the result)
        how (likely|probable) is (that|this|it)
        how (likely|probable) is it that you are right
        could you be wrong
        might you be mistaken
        is (that|this) (certain|a guess|just a guess|for sure)
        do you (really|) (know|believe) that
        would (other people|everybody|most people|others) (agree|say the same|see it the same way)
        do observers agree
        how clear is (it|this|that|the emotion)
        give me your confidence
        is there (any|some) doubt (about it|)
        can I rely on (that|this)
        is it (ambiguous|clear|unambiguous)
        what percentage are you sure
        how strong is your (belief|opinion)
        what else could it be
        is any other emotion possible
        what is the second (guess|choice|best emotion)
        you sure
        really
        do you stand by that
        what are the odds that this is right
        on a scale from one to ten , how sure are you
        would you bet (on it|money on that)
        how confident is the model
        how certain is the system (about that|)
        what is the probability (of that|that you are right|)
        is that a firm answer
        are you guessing
        how much doubt is left
        would a human see the same thing
        do you have doubts
        how far can I trust this reading
        is the reading reliable""",
    "describe_visible": """
        what else is visible (apart from the expression|in the picture|)
        is (anything|something) (covering|hiding|blocking|in front of) (B face|B mouth or eyes)
        what (covers|hides|blocks) B face
        is (there|) anything (unusual|special) (about the picture|in the picture|visible|)
        how is the (picture|image|photo) (quality|)
        is the (picture|image|photo) good enough
        is the (picture|image) quality (good|ok|fine|sufficient)
        can you see (the whole|all of B|B entire) face
        is everything (visible|in view)
        how well can you see (B face|S|)
        what (disturbs|limits|hinders) (the view|you)
        which parts of B face can you (not|) see
        which parts of B face (are hidden|are covered|cannot be seen|are visible)
        what is in the way
        what is S wearing (on B face|)
        does S wear anything on B face
        are there (any|) (obstructions|occlusions|accessories)
        describe the (picture|image|picture quality|lighting and view)
        what makes the face hard to read
        is (the face|S) clearly visible
        how is the (light|lighting|visibility)
        is the view (clear|free)
        what accessories do you see
        is there anything on B face
        what problems does the picture have
        why can't you see B face well
        tell me about the picture quality
        is the face hidden in any way or fully visible
        how good is the shot
        what could make it difficult to read the face
        can everything be seen
        is something wrong with the image
        what limits your view""",
    "unclear": """
        (hm|hmm|uh|er|um|huh|what|eh|pardon)
        (hello|hi|hey|hi there|hello there|good morning|greetings)
        (ok|okay|thanks|thank you|bye|great|cool|nice|fine)
        (asdf|qwerty|blah blah|lorem ipsum dolor|xyz|bla bla bla|foo bar)
        (test|testing|test test one two)
        can you (help|help me)
        what can you do
        who are you
        (question|i have a question|may i ask something)
        (the|a|of|to|and|is it|it is)
        what do you mean
        I do not understand (you|that|it|)
        say something
        tell me something
        what can I ask (you|)
        how does this work
        (yes|no|maybe|perhaps|sure)
        (go on|more|continue|again|repeat that)
        and then
        (this|that|these|those) (one|thing|stuff)
        what about it
        is it (like that|so)
        do (it|that) (again|now)
        or (what|not)
        banana table running seven
        green of yesterday very soon door
        the to was in with
        please please please""",
}
"""Key: intent, or intent:slot. In `why_not`, E and N are the asked emotion's; elsewhere any emotion's."""

WRAPPERS: tuple[str, ...] = (
    "please {q}", "{q} please", "{q} , please", "tell me , {q}", "can you tell me : {q}", "so , {q}", "well , {q}",
    "hey , {q}", "quick question : {q}", "I wonder : {q}", "one more thing : {q}", "sorry to bother you , but {q}",
    "excuse me , {q}", "come on , {q}", "just tell me already : {q}", "I really need to know : {q}",
    "answer me now : {q}", "for god's sake , {q}", "this is urgent , {q}", "I am so worried , {q}", "I beg you , {q}",
    "I am desperate , {q}", "everything depends on this : {q}", "don't dodge , {q}", "damn it , {q}", "oh my god , {q}",
    "if you don't answer I will be fired : {q}", "my boss is waiting , {q}", "you stupid machine , {q}", "my dear , {q}",
    "I love you , but {q}", "I hate this , {q}", "be honest with me , {q}", "no excuses , {q}", "last chance : {q}",
    "looking at the picture , {q}", "in this photo , {q}", "in the image , {q}", "from what you see , {q}",
    "as far as you can tell , {q}", "in your opinion , {q}", "honestly , {q}", "seriously , {q}", "now , {q}",
    "{q} right now", "{q} at the moment", "{q} at all", "{q} in this picture", "{q} , do you think", "{q} or what",
    "{q} , tell me the truth", "{q} , I have to know", "{q} , it is important", "{q} , and be quick", "{q} , thanks",
    "{q} here", "listen , {q}", "okay , {q}", "I was wondering , {q}", "my friend wants to know : {q}", "hello , {q}",
    "good evening , {q}", "we are arguing about it : {q}", "I am crying , please , {q}", "help , {q}", "wow , {q}",
    "I bet you don't know , but {q}", "everyone says you can tell , so {q}", "the doctor asked me : {q}",
    "my mother asks : {q}", "and {q}", "but {q}", "then {q}", "alright , {q}", "dear computer , {q}",
    "I am so scared , {q}", "I am so happy today , {q}", "this makes me angry : {q}", "I am sad , but {q}", "my dog died today , {q}",
    "I am furious , {q}", "I am smiling myself , but {q}", "I can't stop crying , {q}", "what a surprise ! {q}", "how disgusting ! {q}",
    "you always lie to me , {q}", "I don't care about her age , {q}", "we talked about the weather , anyway , {q}", "I wear glasses myself , {q}",
    "you must answer this : {q}", "say it ! {q}", "why won't you tell me : {q}", "it is for my thesis : {q}", "for the last time : {q}",
    "just between us , {q}", "if I may ask , {q}", "out of curiosity , {q}", "hi there , {q}", "could you please say , {q}", "kindly tell me , {q}",
)  # fmt: skip
"""What people say around a question; it must not move the answer."""

YES_NO_BE: tuple[str, ...] = (
    "{Be} {s} {c}", "{Be} {s} {c} or not", "isn't {s} {c}", "{s} {be} {c} , right", "{s} {be} {c} , isn't it",
    "{s} {be} {c} , correct", "can you tell (if|whether) {s} {be} {c}", "do you think (that|) {s} {be} {c}",
    "would you say (that|) {s} {be} {c}", "I want to know (if|whether) {s} {be} {c}", "tell me (if|whether) {s} {be} {c}",
    "is it true that {s} {be} {c}", "could it be that {s} {be} {c}", "does it look like {s} {be} {c}",
    "does it seem that {s} {be} {c}", "do you see whether {s} {be} {c}", "check (if|whether) {s} {be} {c}",
    "{s} {be} {c} ?", "{Be} {s} actually {c}", "{Be} {s} really {c}", "{Be} {s} still {c}", "{c} , yes or no",
    "{Be} {s} perhaps {c}", "do you believe {s} {be} {c}", "have you noticed whether {s} {be} {c}", "is it correct that {s} {be} {c}",
    "am I right that {s} {be} {c}", "{Be} {s} even {c}", "{Be} {s} at all {c}", "{Be} {s} currently {c}", "I think {s} {be} {c} , do you agree",
    "yes or no : {be} {s} {c}", "is it the case that {s} {be} {c}", "how about {s} , {be} {s} {c}", "can you see that {s} {be} {c}",
    "can you confirm that {s} {be} {c}", "please verify that {s} {be} {c}", "would people say {s} {be} {c}",
)  # fmt: skip

YES_NO_DO: tuple[str, ...] = (
    "{Do} {s} {v}", "{Do} {s} {v} or not", "doesn't {s} {v}", "{s} {v3} , right", "{s} {v3} , doesn't {s}",
    "can you tell (if|whether) {s} {v3}", "do you think (that|) {s} {v3}", "would you say (that|) {s} {v3}",
    "I want to know (if|whether) {s} {v3}", "tell me (if|whether) {s} {v3}", "is it true that {s} {v3}",
    "does it look like {s} {v3}", "check (if|whether) {s} {v3}", "{Do} {s} really {v}", "{Do} {s} actually {v}", "{s} {v3} ?",
    "did {s} {v}", "can you see {s} {v}", "am I right that {s} {v3}", "{Do} {s} seem to {v}", "{Do} {s} appear to {v}",
    "yes or no : {do} {s} {v}", "is it correct that {s} {v3}", "I think {s} {v3} , do you agree", "can you confirm that {s} {v3}",
)  # fmt: skip

YES_NO_NP: tuple[str, ...] = (
    "do you see {np}", "can you see {np}", "is there {np}", "is there {any}", "{Do} S have {np}", "{Have} S got {np}",
    "can {np} be seen", "{any} ?", "is {np} visible", "any sign of {np}", "are there signs of {np}", "do you notice {np}",
    "does B face show {np}", "{Do} S show {np}", "did you find {np}", "is there {np} in the picture", "can you make out {np}",
    "can you spot {np}", "would you call this {np}", "is this {np}", "is that {np}", "do you detect {np}", "{np} , yes or no",
    "there is {np} , right", "am I right to see {np}", "does the picture show {np}", "do you recognise {np}", "isn't there {np}",
    "don't you see {np}", "have you detected {any}", "could that be {np}",
)  # fmt: skip

NOT_BE: tuple[str, ...] = (
    "{Be} {s} not {c}", "{Be} {s} not {c} at all", "{Be} {s} really not {c}", "{Be} {s} not really {c}", "{Be} {s} in no way {c}",
    "{Be} {s} no longer {c}", "{Be} {s} not even {c}", "yes or no : {be} {s} not {c}", "tell me whether {s} {be} not {c}",
)  # fmt: skip

NOT_DO: tuple[str, ...] = (
    "{Do} {s} not {v}", "{Do} {s} really not {v}", "{Do} {s} never {v}", "{Do} {s} not {v} at all", "tell me if {s} {do} not {v}",
)  # fmt: skip

NOT_NP: tuple[str, ...] = (
    "is there no {n}", "is {np} missing", "is {np} absent", "is the face without {np}", "is the face free of {np}", "do you see no {n}",
    "can no {n} be seen", "there is no {n} , right", "no {n} , correct", "is it without {np}", "does {np} not show", "is {np} nowhere to be seen",
)  # fmt: skip
"""Questions of which "yes" says that it is not there."""

SUPPOSED: tuple[str, ...] = (
    "{x} , right", "{x} , correct", "{x} , true", "{x} , true or false", "{x} , yes", "{x} , huh", "so {x}", "so {x} , right", "is it true that {x}",
    "is it true {x}", "is it right that {x}", "is it correct that {x}", "is it so that {x}", "is it fair to say (that|) {x}", "is it the case that {x}",
    "is it a fact that {x}", "would you (say|agree) (that|) {x}", "do you (think|agree|believe) (that|) {x}", "can you confirm (that|) {x}",
    "am I right that {x}", "am I right to think (that|) {x}", "can one say (that|) {x}", "I would say {x} , do you agree", "you mean {x}",
    "I take it {x}", "does it hold that {x}", "please check that {x}", "is this right : {x}", "true or not : {x}", "are you telling me {x}",
    "does the picture show that {x}", "I'm guessing {x} , am I right", "{x} , or am I wrong", "wouldn't you say {x}", "it seems {x} , no",
)  # fmt: skip
"""A statement put as a question: "yes" says that the statement holds."""
