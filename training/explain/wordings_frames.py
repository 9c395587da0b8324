# ruff: noqa: E501  (tables)
"""What people say before and behind what they mean: manners, pressure, feelings, insults (training side only).

Syntax of `wordings_questions`; besides `A` an adjective of any emotion, `M` a word for the machine, `X` an insult, `D` a
term of endearment. None of it may move an answer: the feelings are those of the one who asks.
"""

from __future__ import annotations

MACHINES = [
    "machine",
    "bot",
    "robot",
    "computer",
    "camera",
    "program",
    "thing",
    "software",
    "ai",
    "app",
    "toaster",
    "algorithm",
    "gadget",
    "calculator",
    "system",
    "model",
    "contraption",
    "device",
    "box",
    "assistant",
    "chatbot",
    "gizmo",
]
MACHINE_ADJECTIVES = [
    "stupid",
    "dumb",
    "useless",
    "damn",
    "bloody",
    "lousy",
    "idiotic",
    "miserable",
    "pathetic",
    "worthless",
    "broken",
    "lazy",
    "cheap",
    "brainless",
    "fucking",
    "daft",
    "rotten",
    "silly",
    "crappy",
    "slow",
    "ridiculous",
    "rusty",
    "blind",
    "incompetent",
    "old",
    "goddamn",
    "hopeless",
    "ignorant",
]
INSULTS = [
    "idiot",
    "moron",
    "dummy",
    "blockhead",
    "fool",
    "stupid",
    "dumbass",
    "genius",
    "smartass",
    "einstein",
    "nitwit",
    "dimwit",
    "numbskull",
    "lazybones",
    "jerk",
    "loser",
    "cretin",
    "dunce",
    "birdbrain",
    "imbecile",
    "halfwit",
    "twit",
    "dope",
    "bonehead",
    "airhead",
    "dolt",
    "ass",
    "muppet",
    "pillock",
    "dingbat",
]
DEAR = [
    "darling",
    "sweetie",
    "honey",
    "love",
    "mate",
    "bro",
    "buddy",
    "pal",
    "sir",
    "madam",
    "kind sir",
    "old friend",
    "folks",
    "dude",
    "man",
    "my friend",
    "dear",
    "my dear",
    "boss",
    "chief",
    "doc",
    "professor",
    "sweetheart",
    "good sir",
    "my good man",
    "friend",
    "champ",
    "everyone",
    "guys",
    "dear assistant",
    "dear friend",
    "bot",
    "robot",
    "ai",
]

OPENERS = """
    (tell me|say|give me|I want|speak|out with) (the truth|the plain truth|nothing but the truth) (,|:|now ,|now :) (D|X|M|D :|M :|X ,|)
    (have mercy|show mercy|take pity|be merciful|have a heart) (and|,|:) (tell me|say|answer|) (,|:)
    (I love|I hate|I adore) (those eyes|that mouth|that smile|that face|those brows) (,|:|, tell me ,)
    I'm (hiding|stuck|sitting|waiting) in the (kitchen|car|bathroom|dark|office) (,|:|, so)
    (a|the) (nurse|guard|judge|teacher|boss|client) told me to ask (you|the robot|M) (:|,)
    (bet you can't tell|no jokes now|you had one job|you glorified M) (,|:|!)
    (please|pls|plz|pretty please|please please|oh please|kindly) ,
    please
    kindly
    (please|oh please|I beg you|I implore you|for pity's sake|for god's sake|for heaven's sake|for goodness sake|for crying out loud|for the love of god|for christ's sake) , (just|) (tell me|say it|answer|answer me|be quick|help me|say|be so kind and tell me) (,|:)
    (for god's sake|for heaven's sake|for pity's sake|for crying out loud|for fuck's sake|for the love of god|in heaven's name|ffs) (,|:|)
    (god|oh god|oh my god|omg|jesus|christ|good lord|lord|heavens|goodness|gosh|man|damn|damn it|dammit|bloody hell|hell|wtf|what the hell|what the heck|ugh|argh|oh no|oh dear|wow|whoa|ha|haha|lol|hm|hmm|well|ok|okay|ok so|so|now|right|alright|anyway|look|listen|listen up|hey|hey there|yo|oi|hi|hello|hello there|good morning|good evening|dear all|excuse me|pardon me|sorry|sorry but|forgive me) (,|!|:|)
    (hey|yo|oi|hi|hello|listen|look|ok|come on|so|well|now|tell me|answer) (,|) (D|X|M|you X|you M) (,|!|:)
    (D|X|M|you X|you M|dear M|dear D) (,|:|!)
    (tell me|answer|answer me|say it|speak|out with it|spit it out|talk) (now|already|at once|right now|immediately|this instant|straight|quickly|honestly|) (,|:|!)
    (just|simply|now|quickly|honestly|finally) (tell me|answer|say) (,|:)
    (tell me|answer me) (D|X|M|you M|you X) (,|:)
    (I|we) (really|just|desperately|urgently|only|) (need|want|have|would like) to know (this|it|) (,|:)
    I (must|have to|need to) know (this|it|now|right now|) (,|:|!)
    I really need this (,|:)
    I need (an answer|a straight answer|help|to know) (,|:)
    (quick|hurry|hurry up|quickly|fast|no time|be quick) (,|!|:)
    (quick|hurry|be quick) , (I have no time|there is no time|we have no time|my train leaves|the meeting starts) (,|:)
    I (can't|cannot) (bear|stand|take) it (any more|any longer|anymore|) (,|:|!)
    I (can't|cannot) (sleep|rest|breathe|think|wait|go on) (until I know|because of this|any more|) (,|:)
    it breaks my heart (,|:|!)
    my heart is (breaking|racing|pounding) (,|:)
    I'm (so|very|really|terribly|a bit|) A (,|!|:|and I need to know ,|but tell me ,|right now ,)
    I am (so|very|really|terribly|) A (,|!|:|because of this ,|about this ,|today ,)
    I feel (so|very|really|) A (,|!|:)
    (this|it|you|all this|her silence|his face) (makes|make|made) me (so|) A (,|!|:)
    I'm (trembling|shaking|crying|in tears|sobbing|begging you|begging|dying to know|desperate|at my wit's end|losing my mind|going crazy|freaking out|panicking|on my knees|sweating|laughing|smiling|screaming|frowning|exhausted|tired|hungry|drunk|blind|colour-blind|old|new here|no expert|in a hurry|late|waiting) (,|!|:|and|so)
    I'm (blind|colour-blind|half blind|short-sighted|almost blind) (,|:|and can't see it ,|so please tell me ,|and it matters to me ,)
    I (can't|cannot|can not) see (well|it well|so well|anything|it|any more|very much|it from here|that well) (,|:|!|, so tell me|, please tell me)
    my (eyes|glasses) are (bad|poor|broken|weak|gone|not what they were|tired) (,|:|!)
    I (forgot|lost|broke|left) my glasses (,|:|, so tell me ,|, please ,)
    I wear (glasses|a mask|sunglasses) myself (,|:|but)
    my (screen|monitor|phone|room|eyes) (is|are) (too|so|) (dark|blurry|small|bad) (,|:|, so tell me ,)
    my (mother|father|boss|wife|husband|doctor|teacher|sister|brother|friend|kid|grandma|lawyer|colleague) (wants to know|asks|is asking|would like to know|asked me|keeps asking|says you can tell) (,|:)
    my (mother|father|boss|wife|husband|sister|brother|friend|dog|cat|kid) (is|was|looks) (so|very|) A (,|:|, but tell me ,|about this ,|, so)
    my (dog|cat|grandfather|friend) (died|left|is ill|is gone) (today|yesterday|last week|) (,|:|and)
    (if you don't answer|if you get this wrong|if you're wrong|if I don't find out|without your answer) I (will be fired|lose my job|cry|scream|throw you out|unplug you|am finished|will go mad) (,|:)
    (my job|my marriage|my life|everything|a lot|my future|her life) depends on (it|this|you|your answer) (,|:|!)
    (it is|it's|this is) (urgent|important|very important|an emergency|for my thesis|for work|for school|a matter of life and death|no joke|serious|my last question|for a friend) (,|:|!)
    (don't|do not) (lie to me|dodge|play dumb|waste my time|be shy|hold back|make things up|be stupid|argue|you dare lie) (,|!|:)
    (no|without) (excuses|nonsense|bullshit|games|lies|more lies) (,|!|:)
    (last chance|final question|last question|one last thing|one more thing|next question|quick question|simple question|dumb question|stupid question|silly question|just a question|question|another one) (,|:|!)
    (I bet|I'm sure|I guess) you (don't know|can't tell|have no idea|get it wrong) , (but|so) (,|)
    I (love|hate|adore|trust|despise) (you|this|him|her|it|that person) (so much|) (,|, but|!|and)
    (you|u) (always|never|only) (lie to me|listen|help me|get it wrong|talk rubbish) (,|!|, so|, but)
    (be honest|be fair|be kind|be so kind|be nice|be a dear|be straight|be frank) (with me|) (,|:|and tell me ,)
    (would|could|can|will) you (please|kindly|) (tell me|say|answer) (,|:|this :)
    (would|could) you be so kind (as to|and) (say|tell me) (,|:|)
    (might|may) (one|I|we) (ask|enquire|inquire) (,|:|whether)
    (pray|prithee|I pray thee|good sir|my lord|fair maiden) (,|tell ,|tell me ,|speak ,)
    (from|by|according to) (the|this) (picture|photo|image|pic|photograph|frame|snapshot) (,|:)
    (looking|judging) (at|by|from) (the|this) (picture|photo|image|pic|frame|face) (,|:|here ,)
    (in|on) (this|the|that) (picture|photo|image|pic|photograph|frame|shot|snap|selfie|portrait|video|still) (,|:|)
    (as far as|so far as) you can (see|tell|judge) (,|:)
    (in your|in your honest|what's your) (opinion|view|judgement|estimate) (,|:)
    (for the record|for the protocol|for the report|for the file|for my notes|for the documentation|for the study) (,|:)
    (objectively|technically|strictly speaking|formally|clinically|medically|scientifically|visually|purely visually|roughly) (,|:|)
    (hypothetically|generally|personally|frankly|truthfully|honestly|seriously|really|actually|basically|obviously|clearly|surely|naturally|certainly) (,|)
    (I was|I am|I'm|we were|we are) (just|) (wondering|curious|asking myself|not sure|arguing|betting|unsure) (about it|about this|) (,|:)
    (sorry|excuse me|pardon) (to bother you|for asking|for the stupid question|my english|the interruption|) (,|:|but)
    (I know it's late|I know you are busy|I won't ask again|I'll ask only once|I ask you again|again|once more|once again|for the last time|for the third time|I repeat) (,|:)
    (to be|just to be) (sure|certain|clear|safe|honest) (,|:)
    (grandma|grandpa|granny|mum|dad|the kid|my son|the client|the judge|the police|our teacher) (doesn't see it|doesn't understand it|can't tell|wants to know|keeps asking|is waiting) (,|:|, so)
    (and|but|so|then|also|or|plus|next|now) (,|)
    (smile|cheer up|don't frown|look sharp|eyes open|chin up|head up|mouth shut|calm down|wake up) , (X|D|M|) (,|!|:)
    (hell yeah|well well|my my|tut tut|dear dear|boo|gee|jeez|crikey|blimey|holy cow|holy shit|shit|crap|mamma mia) (,|!)
    (a few minutes ago|yesterday|last week|today|tonight|this morning) I (asked you|wondered|saw the same) (,|: |, so)
    (here's the thing|the thing is|long story short|let me ask|let me ask you this|riddle me this|here we go) (,|:)"""

CLOSERS = """
    (, |)(please|pls|plz|pretty please|thanks|thank you|thx|cheers|ta)
    , (please|I beg you|for god's sake|for heaven's sake|for crying out loud|damn it|dammit|goddamn it|ffs|lol|haha|hm|huh|eh|man|mate|bro|dude|D|X|M|you X|you M|you stupid M)
    , (D|X|M|you X|you M)
    (you X|you M|you piece of (junk|crap|rubbish|shit|scrap|garbage)|you useless (thing|M)|you dumb (thing|M)|you bloody M|you (lazy|stupid|silly) X)
    , you (piece of (junk|crap|rubbish|shit|scrap)|useless thing|dumb thing|waste of (space|money|electricity)|good for nothing M)
    or (what|not|nah|no|else)
    or (what|not|nah) , (D|X|M|you X|you M|yes or no|tell me)
    (, |)(yes or no|yes or no\\?|y/n|true or false|right or wrong|yay or nay)
    , (yes or no) , (D|X|M|you X|you M|answer|please)
    , (tell me|answer|answer me|say it|speak|be honest|be quick|hurry|quick|quickly|right now|now|at once|no lies|don't lie) (D|X|M|you M|)
    , (tell me|answer) (now|at once|quickly|the truth|honestly|already|or else)
    , (I need to know|I have to know|I must know|I want to know|I really need to know|it matters to me|it is important|it's urgent|my life depends on it|it would mean the world|I can't tell|I can't see it|I'm not sure|I wonder|if I may ask|if you don't mind|if you would|just asking|asking for a friend|out of curiosity|by any chance|in your opinion|do you think|would you say|as far as you can tell|from what you see)
    (right now|now|at the moment|at present|currently|here|at all|today|in this one|in that one|this time)
    (in|on) (this|the|that|my|our) (picture|photo|image|pic|photograph|frame|shot|snap|selfie|portrait|video|still|wedding photo|passport photo)
    (in|on) (this|the) (bloody|damn|stupid|lovely|old|blurry) (picture|photo|pic|image)
    , (after all this time|after all I did for her|after all these years|on my birthday|at the party|with the present)
    because (I can't tell|I can't see it|it matters|my boss is waiting|I need to know|I'm blind|I have no idea|my mother asks)
    , (I'm|I am) (so|very|really|) A
    , (I'm|I am) (crying|trembling|begging you|waiting|dying to know|desperate|on my knees|all ears|listening|blind|not joking)
    ? (answer|answer me|tell me|please|hurry|quick|well|now|come on|be honest|don't lie|say something|huh|eh|yes or no|or not|anyone|I'm waiting|I'm listening|thanks|thank you) (now|already|X|M|D|)
    ! (answer|tell me|please|hurry|now|come on)
    , (or am I|or are you) (blind|stupid|dreaming|wrong|mistaken|kidding)
    , (or is it just me|or do I imagine it|or is that a trick|isn't that so|is it not|or so)"""

# Around statements.
STATED_OPENERS = """
    (honestly|frankly|truly|seriously|obviously|clearly|evidently|apparently|actually|really|certainly|surely|indeed|visibly|basically|undeniably|undoubtedly) (,|)
    (lol|haha|omg|wow|man|dude|well|ok|so|look|see|hey|yep|yeah|yes|yup|aye|right|ha|ugh|oh|ah|whoa|jeez|gosh) (,|!|)
    (I|we) (think|believe|guess|reckon|suppose|say|see|note|notice|observe|find|know|swear|bet|maintain|would say|can see|must say|am sure|feel|conclude) (that|)
    (on|in) (this|the|that) (picture|photo|image|pic|photograph|frame|shot|snap|selfie|portrait|still|face) (,|)
    (on|in) (this|the) (picture|photo|shot) (you|we|one) can (clearly|) see (that|how)
    (the|this) (picture|photo|image|pic|photograph|frame|shot|footage) (clearly|) (shows|reveals|tells us|proves) (that|)
    (finding|observation|note|result|report|remark|fact|status|description) :
    (it is|it's) (clear|plain|obvious|evident|a fact|visible|true|safe to say|no secret|undeniable|certain) (that|)
    there (is|can be) no (doubt|question|denying|mistaking it|debate) (,|that|:)
    (no doubt|without a doubt|beyond doubt|for sure|to be sure|as anyone can see|as you can tell|in my view|in my opinion|to my eye|to me|from here|at first glance|on closer look|by the look of it|by all appearances|here) (,|)
    (my|the) (mother|doctor|friend|boss|witness|nurse) (says|said|thinks|insists|noted|swears) (that|)
    (my god|good lord|damn|bloody hell|holy cow|heavens) (,|!|)
    (you can bet|you bet|mark my words|believe me|trust me|I tell you|let me tell you|make no mistake) (,|:|)
    (and|but|also|so|plus|besides|moreover|in addition|once again|again|still|meanwhile) (,|)"""

STATED_CLOSERS = """
    , (I think|I guess|I'd say|I believe|I reckon|for sure|no doubt|no question|lol|haha|man|dude|indeed|clearly|obviously|you know|you see|as you can see|if you ask me|to be honest|in my view|by the looks of it|by the look of it|that's for sure|mind you|apparently|it seems|it appears)
    (here|now|right now|at the moment|today|again|as usual|in this shot|in this picture|in this photo|in the pic|in this frame|on this one|this time|when the picture was taken|in front of the camera|for the photo|all the time|throughout|as always)
    , (believe me|trust me|you can't miss it|it's plain to see|anyone can see that|everybody sees it|no mistake|period|full stop|end of story|honestly)
    (lol|haha|xd|smh|tbh|imo|imho|fr|ngl)"""

# A negative statement in them says that it is so, a positive one that it is not.
FLIPS: tuple[str, ...] = (
    "it's not like {x}", "it isn't as though {x}", "it is not as if {x}", "it's not as if {x}", "it isn't as if {x}", "you can't tell me {x}",
    "you can't tell me that {x}", "I can't say {x}", "I can't say that {x}", "I cannot claim that {x}", "nobody could say {x}", "no one can say that {x}",
    "it would be a lie to say {x}", "it would be false to claim that {x}", "it's a myth that {x}", "wrong : {x}", "not true : {x}", "false claim : {x}",
    "don't believe that {x}", "I would not call it true that {x}", "it simply isn't true that {x}", "it ain't true that {x}", "far be it from me to say {x}",
    "whoever says {x} is lying", "whoever claims that {x} is wrong", "anyone who says {x} needs new glasses", "it's hardly the case that {x}",
    "there is no way that {x}", "by no stretch {x}", "if you think {x} , you are wrong", "they say {x} , but that's wrong", "you might think {x} , but no",
    "not once {x}", "I refuse to believe that {x}", "it can't be that {x}", "in no sense {x}", "{x} ? nope", "{x} ? wrong", "{x} ? far from it", "{x} - not",
    "{x} ... just kidding", "{x} is what I would not say", "that {x} is false", "that {x} is not true", "that {x} is a lie", "the claim that {x} is wrong",
    "it is anything but true that {x}", "it is out of the question that {x}",
)  # fmt: skip
