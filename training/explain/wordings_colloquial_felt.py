# ruff: noqa: E501  (tables)
"""More words for emotions: slang, clinical, old-fashioned, short forms (training side only); syntax of `wordings_aspects`."""

from __future__ import annotations

FELT_MORE: dict[str, dict[str, str]] = {
    "happiness": {
        "adj": "happy as a clam; happy as larry; chuffed; stoked; a happy chappy; a happy camper; on cloud nine; tickled pink; pleased with it all; chirpy; gay and merry; happy like a child; giddy with joy; jovial; loving life; mirthful; bursting with joy; all joy; buoyant; well chuffed",
        "noun": "pure joy; a happy face; a happy expression; happiness all over; mirth; jubilation; high spirits; a cheerful expression; cheer; happy feelings; a joyful expression; contentment; euphoria; rejoicing; joviality",
        "do": "rejoice; beam with joy; shine with happiness; glow with happiness; jump for joy; have fun; have a blast; look on top of the world",
    },
    "surprise": {
        "adj": "surprised as hell; knocked for six; bowled over; gobsmacked; caught unawares; shookt; mind-blown; amazed; taken unawares; stupefied; wonderstruck; astonished beyond belief; shocked by something; like somebody who has seen a ghost out of nowhere",
        "noun": "a surprised expression; a surprised face; an astonished look; a startled look; utter surprise; great astonishment; a shocked expression; stupefaction; a look of shock; startle",
        "do": "marvel; wonder at something unexpected; look as though the unexpected had happened",
    },
    "sadness": {
        "adj": "down in the dumps; down in the mouth in mood; blue in mood; gutted; sad as can be; bummed out; bummed; woebegone; lugubrious; sad-faced; long-faced; ready to weep; like crying; a picture of misery; cut up; low; down and out emotionally; doleful; sad inside",
        "noun": "a sad expression; a sad face; a sad look; sad feelings; low spirits; a mournful look; woe; deep sorrow; despondency; a long face; the blues; a broken heart; grief and sorrow; dolour",
        "do": "feel blue; weep inside; look like crying; sorrow; pull a long face",
    },
    "anger": {
        "adj": "pissed; pissed as hell; mad as hell; mad as a hornet; hacked off; cheesed off; riled; riled up; steamed; up in arms; foaming; foaming with rage; hot under the collar; wrathful; ready to hit somebody; like somebody who could bite; seeing red; enraged; ireful; crabby; angry as can be; bad-tempered; furious as hell; narked; ratty",
        "noun": "an angry expression; an angry face; an angry look; angry feelings; ire; bad temper; a furious look; a face of thunder; fury and rage; exasperation; resentment; annoyance and anger; spite",
        "do": "see red; boil with anger; fume with rage; look daggers; look ready to explode; seem about to bite somebody",
    },
    "disgust": {
        "adj": "grossed out big time; yucked out; nauseated; sick to the stomach with disgust; icked out; repulsed; disgusted as can be; skeeved out; full of disgust",
        "noun": "a disgusted expression; a disgusted face; a disgusted look; utter disgust; an expression of disgust; abhorrence; abomination; yuck; a yuck face; a look of revulsion",
        "do": "feel disgust; loathe it; find it yucky; turn up in disgust",
    },
    "fear": {
        "adj": "scared shitless; spooked; freaked out; freaking out; frit; terrified; afraid of something; in dread; fearful of something; scared out of the wits; in a panic; frightened as a rabbit; quaking; full of dread; shit-scared; like a deer in the headlights; afeard; scared as can be",
        "noun": "a fearful expression; a frightened expression; a frightened face; a scared look; a scared face; an afraid expression; trepidation; great fear; mortal fear; a look of terror; anguish and fear; angst",
        "do": "dread something; quake with fear; be scared; have fear in the eyes; be afraid",
    },
    "contempt": {
        "adj": "contemptuous of it all; sniffy; high and mighty; snotty; scornful as can be; too good for us; filled with contempt; sneering at us; full of disdain",
        "noun": "a contemptuous expression; a contemptuous look; a scornful look; a disdainful look; a sneering expression; utter contempt; scorn and derision; a look of disdain; a look of scorn; haughtiness; a superior smirk of scorn",
        "do": "look down the nose; hold us in contempt; scorn us; despise us; feel contempt; look down on us",
    },
    "neutral": {
        "adj": "neutral as switzerland; poker-faced; feeling nothing; blank as a wall; blank-faced; unfazed; without expression; flat in affect; affectless; neither here nor there emotionally; emotionless as a robot; neutral-faced; plain-faced; meh; in neutral; devoid of expression; void of emotion",
        "noun": "a flat expression; a flat affect; a neutral look on the face; neutral affect; a plain expression; a resting face; an emotionless face; an unemotional face; no emotion whatsoever; no feeling at all; emptiness of expression; a stony face; a stone face; neither joy nor sorrow nor anything",
        "do": "display no emotion; express nothing; betray no feeling; show no feelings; stay neutral; feel no emotion",
        "-adj": "full of emotion; emotional; showing feelings; very expressive",
        "-noun": "some emotion; emotion; feelings; strong feelings; an expressive look",
    },
    "pleasant": {
        "adj": "in a pleasant mood; pleasant; agreeable; on the agreeable side; on the positive side; full of good vibes; in fine fettle; in a fine mood; nice in mood; in positive spirits; positive-looking; on the pleasant side; feeling okay and positive; feeling fine; of good cheer; positively tuned; in a lovely mood; well-tempered; in a happy place; favourable",
        "noun": "good vibes; positive vibes; pleasantness; a pleasant mood; an agreeable look; an agreeable expression; a feel-good expression; a nice mood; positive valence; high valence; a pleasant state; a positive feeling; goodwill; well-being; a pleasant look; agreeable feelings",
        "do": "give off good vibes; feel fine; feel great; feel positive; feel pleasant; radiate positive feelings",
    },
    "unpleasant": {
        "adj": "in an unpleasant mood; unpleasant; disagreeable; on the negative side; on the unpleasant side; full of bad vibes; in a rotten mood; in a mood; negative-looking; on the disagreeable side; feeling rotten; feeling crappy; feeling lousy; in a shitty mood; ill at ease in a bad way; unhappy with it; in a nasty mood; negatively tuned; having a bad time; displeased with it all",
        "noun": "bad vibes; negative vibes; unpleasantness; an unpleasant mood; a disagreeable look; an unpleasant expression; a nasty mood; negative valence; low valence; an unpleasant state; a rotten mood; bad feelings; a negative feeling; an unpleasant look; disagreeable feelings; unease",
        "do": "give off bad vibes; feel rotten; feel crappy; feel negative; feel unpleasant; radiate negative feelings",
    },
    "lively": {
        "adj": "worked up; wound-up; full of beans; revved up; buzzed; amped up; amped; keyed up; charged up; in high gear; psyched; full of life; stirred; hyped up; juiced up; high on energy; on fire; energised; in high arousal; agitated and awake; pepped up; pumped; jazzed; in turmoil; highly activated",
        "noun": "high activation; a high energy level; high levels of energy; energy; arousal on the high side; vigour; life and energy; pep; vivacity; restlessness; an excited look; an energetic look; an agitated look; an animated expression; commotion of feelings",
        "do": "buzz with energy; brim with energy; be full of energy; show a lot of energy; show high energy; look all worked up",
    },
    "calm": {
        "adj": "chill; super chill; chilled; chilling; cool as a cucumber; cool and collected; zen; laid back; easy; low-key; untroubled; unexcited; still; in low arousal; low-energy; at rest; peaceful as a lamb; calm as a lake; relaxed as can be; loose; quiet and at ease; half asleep; dead calm; unstressed; unagitated",
        "noun": "low activation; a low energy level; low energy; arousal on the low side; quietness; ease; a chill look; a chill expression; a calm look; a calm expression; calm all over; stillness; a serene look; a peaceful look; a relaxed look; quietude; zero excitement",
        "do": "chill; keep calm; keep the cool; keep cool; rest; show little energy",
    },
}  # fmt: skip
