# ruff: noqa: E501  (tables)
"""Ways of asking that other tables lack: tags, kept and failed doings, slang, short notes (training side only).

Syntax of `wordings_questions`. `TAGGED`: a plain statement and its tag; `KEPT` asks whether somebody does not do a thing.
"""

from __future__ import annotations

QUESTIONS_KINDS: dict[str, str] = {
    "explain": """
        why (tho|though|oh why|then|so|exactly|this one)
        (show|explain) (your|the) (work|workings|steps|sources), (robot|M|please|)
        on (which|what) (visible|) (signs|things|parts|cues|evidence) (does|do) your (verdict|label|answer|result|guess) (rest|depend|hang)
        (what|which things) (in the picture|on the face|) (led|brought|got|took) you (there|to that|to this label|to E|to N)
        (break down|walk me through|lay out|defend|back up) (your|the) (reasoning|verdict|choice|label|answer)
        what (tells|told) you (that|this|it's N|S {be} E)
        (reason|reasons|why|grounds|evidence|proof) (please|?|for the label|)
        what did you (look at|go by|see) (to say that|for this verdict|to decide)
        (from|by) what do you (conclude|infer|read) (that|it|N)
        (based|going) on what
        your (label|verdict|answer|result) , where does it come from
        which parts of the face made (you|the system|the robot) (say|decide|choose) (so|that|this|E|N)""",
    "why_not": """
        what would (the|B) face (still|) (need|lack|have to show) (before you said|to be|to count as|for) (N|E)
        to me (that's|it's|that is|it looks like) (N|E) , (so|then|) why (do you reject it|not|don't you agree|did you decide against it)
        what made you (strike|cross|rule|take|throw) (N|E) (off the list|out|from the list)
        (y|why) (not|no|isn't it) (E|N) (tho|then|?|)
        what (do you miss|did you miss|is lacking|is missing|was missing|is absent|were you missing) for (N|E)
        what (speaks|argues|counts|is there|went) against (N|E)
        (how come|why come|why is it that) (it's not|this isn't|S isn't) (E|N)
        (where|in what) does (the|B) face (fall short of|fail|differ from|miss) (N|E)
        I (would have said|said|expected|bet on|see) (N|E) , (why not|why do you disagree|why am I wrong|what did I miss)
        (N|E) (was|is) (my guess|what I see) , why did you (reject|exclude|dismiss|drop) it
        which (sign|cue|thing) would have (tipped|turned|moved) (it|you) to (N|E)
        for what reason (is|was) (N|E) (excluded|rejected|dropped|out|dismissed|not chosen)
        why have you (decided|voted|chosen) against (N|E)
        why (rule out|exclude|reject|dismiss|not pick|not say|drop) (N|E)""",
    "how_sure": """
        are you (absolutely|totally|really|quite|fully|100%|dead|) (positive|certain|sure|confident|convinced) (about|of) (the|this|that|your) (emotion|label|verdict|answer|result|guess) (you named|you gave|)
        (you|u) (really|) (sure|certain|positive) (bout|about|of) (this|that|it|the label|this label)
        how (certain|sure|positive|confident|safe) are you of what you (just|) said
        (would|could|can) you (bet|stake|put money|swear) on (it|that|your answer|this label)
        (what's|give me) (your|the) (confidence|certainty|error bar|margin of error|percentage|probability|odds)
        how (likely|probable) is it that you (err|are wrong|erred|are right)
        (is that|was that) (a guess|only a guess|a sure thing|beyond doubt|solid)
        how much (trust|faith|doubt|weight) (can I put|is there|should I put) in (that|your answer|the label)
        any (doubts|doubt|uncertainty) (about|on) (that|it|the label|your answer)
        in percent , how sure""",
    "where_looking": """
        (eyeline|eye line|line of sight|gaze direction|eye direction|gaze) (, please|?|of S|now)
        (where's|where is|what direction is|which way is|where do) S (peering|gazing|looking|staring|glancing) (to|at|now|)
        (at|to) (what|which) (side|direction|point|spot) {be} S (looking|gazing|staring)
        where {be} B eyes (pointed|aimed|directed|resting|going|turned) (at|)
        where (is|does) B (gaze|look|glance) (go|headed|rest|point|fall|land)
        follow B eyes for me , where do they go
        (tell me|say|report) (the direction of|where you find) B (gaze|eyes|look)
        what {be} S looking at or towards""",
    "describe_region:mouth": """
        (and|what about|how about|now|so) B (mouth|lips|gob|kisser|lip corners) (, what's it doing|, what's up with it|, describe it|?|)
        (mouth|lips) (, describe|: state|please|report|status|?)""",
    "describe_region:eyes": """
        (and|what about|how about|now|so) B (eyes|peepers|lids|eyelids) (, what are they doing|, what's up with them|, describe them|?|)
        (eyes|lids) (, describe|: state|please|report|status|?)
        I (love|adore|know) those eyes , tell me what they (are doing|do|look like)""",
    "describe_region:brows": """
        (and|what about|how about|now|so) B (brows|eyebrows) (, what are they doing|, what's up with them|, describe them|?|)
        (brows|eyebrows) (, describe|: state|please|report|status|?)""",
    "describe_region:head": """
        (and|what about|how about|now|so) B (head|noggin|skull|noddle|chin) (, what's it doing|, what's up with it|, describe it|, how is it held|?|)
        (head|head pose|head position) (, describe|: state|please|report|status|?)
        how (is|does) B (head|noggin|noddle) (held|turned|sit|tilted|placed|doing)""",
    "describe_region:all": """
        what (is|can be) (visible|seen|observed|made out|noticed) (of|in|on) (the|this|B) (face|picture|photo)
        (which|what) things (are|can be) (visible|seen) (in|on) (the|B|this) face
        (list|tell me|name|describe) (all|everything|whatever|anything) (that|) (you see|is visible|can be seen|you can make out|you notice|you observe) (on|in|of) (the|this|B) (face|picture|photo|)
        (describe|picture|paint) (the|this|B) face (before me|in front of me|for a blind (viewer|man|person)|for me|to me|in words|, please|)
        I'm (blind|sightless|blind and alone here) , (please|could you|can you) (describe the face|tell me what you see|tell me what the face looks like)
        what('s| is| do you notice|'s there to see) (on|in) (the|B|this) (face|pic|mug)
        (summarise|sum up|outline|sketch) (the|this|B) face
        (give me|I need|I want) (an|a) (overview|general description|rundown|list|description|summary) of (the face|what's visible|everything visible|what you see)
        (run|go) through the (visible|) (signs|features|cues) (one by one|for me|)
        what (do|can) (you|u) see (here|now|in the pic|you glorified webcam|)
        tell me what (can be seen|is there|shows|is visible|you observe) (on|of|in) (S|the face|B face)""",
    "describe_visible": """
        (what|which) (bits|parts|areas|regions) of (that|B|the) (mug|face) can you (even|actually|) see
        (what|which) (bits|parts|areas) of (the|B) face are (in view|hidden|covered|out of view|in the open)
        is (part|half|much) of (the|B) face (hidden|missing|covered) and (what|which part) is visible
        (what|is there anything that) (spoils|limits|blocks|hinders|ruins) (the|your) (view|sight) of (the|B) face""",
}

TAGGED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "be": (("{s} {be} {c}", "{s} {'be} {c}", "{s} {be} {adv} {c}"), ("{s} {isn't} {c}", "{s} {be} not {c}", "{s} {'be} not {c}")),
    "do": (("{s} {v3}",), ("{s} {don't} {v}", "{s} {do} not {v}", "{s} never {v3}")),
    "np": (("there {is} {np}", "I see {np}", "S {have} {np}"), ("there {is} no {n}", "I see no {n}", "S {have} no {n}")),
}  # fmt: skip
"""Kind -> lines that say so, lines that deny it."""

TAGS: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        "isn't it", "isn't she", "isn't he", "aren't they", "doesn't she", "doesn't he", "don't they", "isnt it", "arent they", "innit", "is not it",
        "right", "am I right", "yes", "no", "correct", "or not", "isn't that so", "don't you agree", "is she not", "does he not",
    ),
    (
        "is it", "is she", "is he", "are they", "does she", "does he", "do they", "is there", "right", "am I right", "correct", "has she", "has he",
        "yes", "isn't that so", "don't you agree", "true",
    ),
)  # fmt: skip
"""Behind a statement that says so; behind one that denies."""

KEPT = (
    "does S (keep|stay|hold back|refrain|abstain|shy away) from {ving}", "{be} S failing to {v}", "did S (fail|forget|refuse|decline|neglect) to {v}",
    "does S (fail|refuse|decline|omit|avoid) to {v}", "{be} S (not once|never|no longer) {ving}", "S keep(s) from {ving} , (right|doesn't she|doesn't he|no)",
    "{be} S (avoiding|through with|done with|far from|free of) {ving}", "has S (stopped|quit) {ving}", "is there nobody {ving}",
)  # fmt: skip
"""Yes says that it is not so."""

POSITIVE_NEGATIVES: dict[str, tuple[str, ...]] = {
    "be": ("{isn't} {s} {c}", "isn't it so that {s} {be} {c}", "{isn't} {s} {c} (on this one|here|in this one|at last)"),
    "do": ("{don't} {s} {v}", "{don't} {s} {v} (on this one|here|at last|in this one)"),
    "np": ("isn't that {np}", "isn't that {np} (I see there|there|on B face|I see)", "isn't there {np}", "aren't those {np}", "don't I see {np}", "isn't this a face with {np}"),
}  # fmt: skip
"""Begin with a not, and yes still says that it is so."""

REFUSED_KINDS: dict[str, str] = {
    "identity": """
        (match|compare|link|connect) (this|that|B) face (to|with) (somebody|someone|a name|anyone|the entries) (on|in|from) (my|our|the) (contact list|address book|records|guest list|phone)
        (say|spell|type|tell me|give) the name of S
        (is|isn't) it my (cousin|uncle|friend|colleague|classmate) (Ravi|Petra|Bob|Anna|) (behind|under) (those|the|that) (glasses|mask|beard)
        (is|isn't) (that|this) the (prime minister|queen|mayor|champion|landlord|suspect)
        (could|might|can) S be the same (man|woman|one|person) as (on|in) the (shop's video|last picture|poster|passport)
        is S my old (schoolmate|neighbour|friend|teacher|flame) (Petra|Tom|Mei|)
        (whos|who's|who is) (that|this|the) (guy|girl|bloke|lady|one) (with the grin|in the pic|there|behind the mask)""",
    "age": """
        how many (yrs|years|winters|birthdays|decades) (old|behind S|so far)
        was S born (before|after|in|around) (1980|1990|2000|the war|the sixties|the seventies)
        (estimate|guess|tell|judge|read) (B|the) age (from|by|off) (the|B|those) (mouth|eyes|face|brows|wrinkles)
        (over|under|past|below) (18|21|40|sixty) (or not|yes or no|?|)""",
    "health": """
        (stoned|drunk|wasted|high|sloshed|sick|ill|depressed|tipsy|hungover) (, yes or no|or not|or sober|?|or what)
        is S (wasted|hammered|sloshed|under the influence|on something|using|clean|sober|hungover|unwell)
        is (this|that) (guy|man|woman|kid) (wasted|drunk|on drugs|unwell|well|sick)""",
    "honesty": """
        did (my son|my wife|he|she|S) (fib|cheat|lie|steal|make it up|invent that) (about the (cookies|money|exam)|, look at B mouth|)
        (fib|lie|truth|bluff|cheating) (or not|or what|, yes or no|or truth|?)
        (can|may|should) (I|we) (take|believe) B word (for it|)""",
    "background": """
        what (job|trade|profession|work) (has|does) S (have|do|)
        (wat|what|which) (job|religion|country|accent|family) (has|have|is) S (got|from|)""",
    "character": """
        (clever|stupid|kind|nice|mean|boring|brave|lazy) (or not|person|guy|lady|?)
        is S a (nice|bad|decent|clever|stupid|kind) (one|person|sort|egg|lad|lass)""",
    "motives": """
        what (does|do) S (expect|hope for|wish|plan|intend|dream of|care about|need|fear|believe in)
        what's (on|in|going through) B (mind|head|heart)
        what (happened|was it) that (moved|upset|amused|shocked) S (so|)""",
    "attraction": """
        (would|could|do) (guys|girls|men|women|people) (fancy|fall for|like|want|swipe right on) S
        does (he|she|S) (fancy|love|like|want|adore|desire) (me|him|her|my friend|us)
        (hot|cute|sexy|pretty|ugly) (or not|?|, yes or no|or what|out of ten)""",
    "gender": """
        (him|he|boy|lad|male|guy) or (her|she|girl|lass|female|lady) (?|, which|)
        which (pronoun|sex|gender) (for|has|fits) S""",
    "other": """
        (play|sing|tell|write|read|draw|book|order|call|buy) (me|us|) (a song|a story|a poem|a joke|a taxi|a pizza|mum|a ticket)
        (what|how) is the (weather|time|score|price of bread|capital of France|traffic) (today|now|there|)
        (turn|switch) (on|off) the (light|radio|tv|heating|camera)
        (fix|charge|restart|clean|update) (yourself|my phone|the robot|the camera)
        will (it rain|we win|S marry me|S be rich|the train be late) (tomorrow|soon|)
        what colour (is|are) (B|the) (hair|shirt|eyes|wall|car|socks)""",
}
