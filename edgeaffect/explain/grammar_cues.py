"""Clause forms of cues, as tables. One template a line; `(a|b)` chooses, `(a|)` may be left out.

`that`: the plain form, also used behind "whether"; `noun`: the form behind "because of" and "with"; `not` and `no`: the
same of its absence, always with no, not or without; `began`, `ended`: what changed; `missing`: behind "it would need".
"""

from __future__ import annotations

CUES: dict[str, dict[str, str]] = {
    "smile": {
        "that": """
            (the person|the face) is smiling
            there is a smile""",
        "more": """
            the mouth is smiling
            they are smiling
            a smile (is visible|can be seen|shows)
            the corners of the mouth (are raised|turn up|are pulled up|go up)
            the mouth corners are (raised|up)
            the mouth (curves|turns) up
            the lips (form|show) a smile
            the face (shows|carries|wears) a smile""",
        "noun": """
            (a|the|a visible) smile
            (the|) raised (corners of the mouth|mouth corners)
            a smiling mouth""",
        "not": """
            there is no smile
            (the person|the face|the mouth) is not smiling
            they are not smiling
            no smile (is visible|can be seen|shows)
            the corners of the mouth are not (raised|pulled up)
            the mouth corners are not raised
            the mouth does not (smile|curve up|turn up)
            the mouth rests without a smile""",
        "no": """
            no (visible|) smile
            no raised mouth corners""",
        "began": """
            a smile (appeared|came up|has appeared|began)
            the mouth began to smile
            (the person|the face) (began|started) to smile
            they (began|started) to smile
            (the corners of the mouth|the mouth corners) (rose|went up|came up)""",
        "ended": """
            the smile (faded|went away|has faded|disappeared|is gone)
            (the person|the face|the mouth) (stopped smiling|no longer smiles)
            they (stopped smiling|no longer smile)
            (the corners of the mouth|the mouth corners) (dropped|came down|went down)""",
        "missing": """
            a smile
            raised mouth corners""",
    },
    "mouth_open": {
        "that": """
            the mouth is open
            the lips are (apart|parted)""",
        "more": """
            the (person|face) has an open mouth
            they have an open mouth
            there is an open mouth
            the jaw is (lowered|dropped|down)
            the mouth stands open
            the mouth is (held|hanging) open""",
        "noun": """
            (an|the) open mouth
            (the|) parted lips
            (a|the) lowered jaw""",
        "not": """
            the mouth is not open
            the lips are not (apart|parted)
            the mouth is closed and not open
            the jaw is not (lowered|dropped)
            there is no open mouth
            the (person|face) has no open mouth
            the mouth stays shut , without parted lips
            there is no gap between the lips""",
        "no": """
            no open mouth
            no parted lips
            no gap between the lips""",
        "began": """
            the mouth (opened|came open|has opened)
            the lips parted
            the jaw (dropped|went down)
            (the person|the face) opened the mouth
            they opened the mouth""",
        "ended": """
            the mouth (closed|shut|has closed)
            the lips (closed|came together)
            the jaw (came up|went up)
            (the person|the face) closed the mouth
            they closed the mouth""",
        "missing": """
            an open mouth
            parted lips""",
    },
    "inner_brows_raised": {
        "that": """
            the inner brows are (raised|up)
            the inner ends of the brows are raised""",
        "more": """
            the inner (corners|parts) of the brows are (raised|pulled up|up)
            the brows are (raised|pulled up|up) (in the middle|at their inner ends)
            the middle of the brows is (raised|up)
            the (person|face) has raised inner brows
            the inner brows (go|point) up
            raised inner brows can be seen""",
        "noun": """
            (the|) raised inner brows
            (the|) inner brows that are raised
            brows (raised|pulled up) in the middle""",
        "not": """
            the inner brows are not (raised|up)
            the inner ends of the brows are not (raised|pulled up)
            the brows are not (raised|pulled up) in the middle
            the inner brows do not go up
            the middle of the brows is not raised
            the (person|face) has no raised inner brows
            there are no raised inner brows
            the inner brows rest without being raised""",
        "no": """
            no raised inner brows
            no brows raised in the middle""",
        "began": """
            the inner brows (rose|went up|came up|were raised)
            the inner ends of the brows (rose|went up)
            the brows (rose|went up) in the middle
            (the person|the face) raised the inner brows""",
        "ended": """
            the inner brows (came down|went down|dropped|sank)
            the inner ends of the brows (came down|sank)
            the brows came down in the middle
            (the person|the face) lowered the inner brows""",
        "missing": """
            raised inner brows
            brows raised in the middle""",
    },
    "outer_brows_raised": {
        "that": """
            the outer brows are (raised|up)
            the outer ends of the brows are raised""",
        "more": """
            the outer (corners|parts) of the brows are (raised|pulled up|up)
            the brows are (raised|pulled up|up) (on the outside|at their outer ends)
            the brows (arch|are arched) high
            the (person|face) has raised outer brows
            the outer brows (go|point) up
            raised outer brows can be seen""",
        "noun": """
            (the|) raised outer brows
            (the|) outer brows that are raised
            (the|) high arched brows""",
        "not": """
            the outer brows are not (raised|up)
            the outer ends of the brows are not (raised|pulled up)
            the brows are not (raised|pulled up) on the outside
            the outer brows do not go up
            the brows (do not arch|are not arched) high
            the (person|face) has no raised outer brows
            there are no raised outer brows
            the outer brows rest without being raised""",
        "no": """
            no raised outer brows
            no high arched brows""",
        "began": """
            the outer brows (rose|went up|came up|were raised)
            the outer ends of the brows (rose|went up)
            the brows arched high
            (the person|the face) raised the outer brows""",
        "ended": """
            the outer brows (came down|went down|dropped|sank)
            the outer ends of the brows (came down|sank)
            the high brows came down
            (the person|the face) lowered the outer brows""",
        "missing": """
            raised outer brows
            high arched brows""",
    },
    "eyes_wide": {
        "that": """
            the eyes are wide (open|)
            the eyes are opened wide""",
        "more": """
            the eyes stand wide open
            the (person|face) has wide eyes
            they have wide eyes
            the upper lids are (raised|pulled up|high)
            the eyes look (large|big) and wide open
            wide eyes can be seen
            there are wide eyes""",
        "noun": """
            (the|) wide (open|) eyes
            (the|) widened eyes
            (the|) raised upper lids""",
        "not": """
            the eyes are not wide (open|)
            the eyes are not (opened wide|widened)
            the upper lids are not (raised|pulled up)
            the (person|face) has no wide eyes
            they do not have wide eyes
            there are no wide eyes
            the eyes are open without being wide""",
        "no": """
            no wide eyes
            no widened eyes
            no raised upper lids""",
        "began": """
            the eyes (widened|went wide|opened wide|grew wide)
            the upper lids (rose|went up)
            (the person|the face) opened the eyes wide
            they opened the eyes wide""",
        "ended": """
            the eyes (are no longer wide|no longer stand wide open|narrowed again)
            the upper lids (came down|sank)
            the wide eyes (relaxed|went back to normal)""",
        "missing": """
            wide eyes
            widened eyes""",
    },
    "eyes_closed": {
        "that": """
            the eyes are (closed|shut)
            the lids are (closed|shut)""",
        "more": """
            the (person|face) has closed eyes
            they have (their eyes closed|closed eyes)
            both eyes are (closed|shut)
            closed eyes can be seen
            the person keeps their eyes (closed|shut)""",
        "noun": """
            (the|) closed (eyes|lids)""",
        "not": """
            the eyes are not (closed|shut)
            the eyes are open , not closed
            the lids are not (closed|shut)
            the (person|face) has no closed eyes
            they do not have their eyes closed
            there are no closed eyes""",
        "no": """
            no closed (eyes|lids)""",
        "began": """
            the eyes (closed|shut|have closed)
            the lids (closed|fell shut)
            (the person|they) closed their eyes""",
        "ended": """
            the eyes (opened|have opened|opened again)
            the lids opened
            (the person|they) opened their eyes""",
    },
    "looking_at_camera": {
        "that": """
            (the person|the face) (looks|is looking) (at|into) the camera
            the eyes look (at|into) the camera""",
        "more": """
            they (look|are looking) (at|into) the camera
            the gaze (goes|points|is) straight (at|to|into) the camera
            the gaze (meets|is on) the camera
            the person looks straight (ahead|at us)
            there is eye contact with the camera""",
        "noun": """
            (a|the) look into the camera
            (a|the) gaze at the camera
            (the|) eye contact with the camera""",
        "not": """
            (the person|the face) (does not look|is not looking) (at|into) the camera
            they (do not look|are not looking) (at|into) the camera
            the eyes do not look (at|into) the camera
            the gaze (does not meet|is not on) the camera
            there is no eye contact with the camera""",
        "no": """
            no look into the camera
            no eye contact with the camera""",
        "began": """
            (the person|the face) (turned to look|began to look|now looks) (at|into) the camera
            they (began to look|now look) (at|into) the camera
            the gaze (came|moved) to the camera""",
        "ended": """
            (the person|the face) (looked away from the camera|no longer looks at the camera)
            they (looked away from the camera|no longer look at the camera)
            the gaze (left|moved away from) the camera""",
    },
    "looking_left": {
        "that": """
            (the person|the face) (looks|is looking) (to the|) left
            the eyes look (to the|) left""",
        "more": """
            they (look|are looking) to the left (of the picture|)
            the gaze (goes|points|is turned) (to the|) left
            the eyes (point|are turned) (to the|) left
            the person looks (toward|towards) the left side
            the look goes to the left""",
        "noun": """
            (a|the) look to the left
            (a|the) gaze to the left""",
        "not": """
            (the person|the face) (does not look|is not looking) to the left
            they (do not look|are not looking) to the left
            the eyes do not look (to the|) left
            the gaze (does not go|is not turned) to the left""",
        "no": """
            no (look|gaze) to the left""",
        "began": """
            (the person|the face) (looked|began to look|now looks) to the left
            the (gaze|eyes) (moved|went|turned) to the left""",
        "ended": """
            (the person|the face) (stopped looking|no longer looks) to the left
            the (gaze|eyes) (moved|went) back from the left""",
    },
    "looking_right": {
        "that": """
            (the person|the face) (looks|is looking) (to the|) right
            the eyes look (to the|) right""",
        "more": """
            they (look|are looking) to the right (of the picture|)
            the gaze (goes|points|is turned) (to the|) right
            the eyes (point|are turned) (to the|) right
            the person looks (toward|towards) the right side
            the look goes to the right""",
        "noun": """
            (a|the) look to the right
            (a|the) gaze to the right""",
        "not": """
            (the person|the face) (does not look|is not looking) to the right
            they (do not look|are not looking) to the right
            the eyes do not look (to the|) right
            the gaze (does not go|is not turned) to the right""",
        "no": """
            no (look|gaze) to the right""",
        "began": """
            (the person|the face) (looked|began to look|now looks) to the right
            the (gaze|eyes) (moved|went|turned) to the right""",
        "ended": """
            (the person|the face) (stopped looking|no longer looks) to the right
            the (gaze|eyes) (moved|went) back from the right""",
    },
    "looking_up": {
        "that": """
            (the person|the face) (looks|is looking) up
            the eyes look up""",
        "more": """
            they (look|are looking) up
            the gaze (goes|points|is turned) (up|upward|upwards)
            the eyes (point|are turned) (up|upward)
            the look goes (up|upward)""",
        "noun": """
            (a|the|an) upward (look|gaze)
            (a|the) look up""",
        "not": """
            (the person|the face) (does not look|is not looking) up
            they (do not look|are not looking) up
            the eyes do not look up
            the gaze (does not go|is not turned) up""",
        "no": """
            no upward (look|gaze)""",
        "began": """
            (the person|the face) (looked|began to look|now looks) up
            the (gaze|eyes) (moved|went|turned) up""",
        "ended": """
            (the person|the face) (stopped looking|no longer looks) up
            the (gaze|eyes) came back from above""",
    },
    "looking_down": {
        "that": """
            (the person|the face) (looks|is looking) down
            the eyes look down""",
        "more": """
            they (look|are looking) down
            the gaze (goes|points|is turned|is lowered) (down|downward|downwards)
            the eyes (point|are turned) (down|downward)
            the look goes (down|downward)""",
        "noun": """
            (a|the) (downward|lowered) (look|gaze)
            (a|the) look down""",
        "not": """
            (the person|the face) (does not look|is not looking) down
            they (do not look|are not looking) down
            the eyes do not look down
            the gaze (does not go|is not turned) down""",
        "no": """
            no downward (look|gaze)
            no lowered gaze""",
        "began": """
            (the person|the face) (looked|began to look|now looks) down
            the (gaze|eyes) (moved|went|turned) down""",
        "ended": """
            (the person|the face) (stopped looking|no longer looks) down
            the (gaze|eyes) came back from below""",
    },
    "head_left": {
        "that": """
            the head is turned (to the|) left
            the face is turned to the left""",
        "more": """
            the head (points|turns) (to the|) left
            the person has their head turned to the left
            they (turn|have turned) their head to the left
            the face points to the left""",
        "noun": """
            (a|the) head turned to the left
            (a|the) turn of the head to the left""",
        "not": """
            the (head|face) is not turned to the left
            the head does not (turn|point) to the left
            the person does not turn their head to the left""",
        "no": """
            no turn of the head to the left""",
        "began": """
            the (head|face) turned to the left
            (the person|they) turned their head to the left""",
        "ended": """
            the (head|face) turned back from the left
            the head is no longer turned to the left""",
    },
    "head_right": {
        "that": """
            the head is turned (to the|) right
            the face is turned to the right""",
        "more": """
            the head (points|turns) (to the|) right
            the person has their head turned to the right
            they (turn|have turned) their head to the right
            the face points to the right""",
        "noun": """
            (a|the) head turned to the right
            (a|the) turn of the head to the right""",
        "not": """
            the (head|face) is not turned to the right
            the head does not (turn|point) to the right
            the person does not turn their head to the right""",
        "no": """
            no turn of the head to the right""",
        "began": """
            the (head|face) turned to the right
            (the person|they) turned their head to the right""",
        "ended": """
            the (head|face) turned back from the right
            the head is no longer turned to the right""",
    },
    "head_up": {
        "that": """
            the head is (raised|lifted|tipped back)
            the chin is (raised|up)""",
        "more": """
            the head points up
            the person holds their head up
            they hold their (head|chin) up
            the face is turned up""",
        "noun": """
            (a|the) (raised|lifted) (head|chin)""",
        "not": """
            the head is not (raised|lifted|tipped back)
            the chin is not (raised|up)
            the face is not turned up""",
        "no": """
            no (raised|lifted) (head|chin)""",
        "began": """
            the (head|chin) (went up|rose|came up)
            (the person|they) (raised|lifted) their head""",
        "ended": """
            the head came back from above
            the (head|chin) is no longer raised""",
    },
    "head_down": {
        "that": """
            the head is (lowered|bowed|tipped down)
            the chin is (lowered|down)""",
        "more": """
            the head points down
            the person holds their head down
            they hold their (head|chin) down
            the face is turned down""",
        "noun": """
            (a|the) (lowered|bowed) head
            (a|the) lowered chin""",
        "not": """
            the head is not (lowered|bowed|tipped down)
            the chin is not (lowered|down)
            the face is not turned down""",
        "no": """
            no (lowered|bowed) head
            no lowered chin""",
        "began": """
            the head (went down|sank|came down)
            (the person|they) (lowered|bowed) their head""",
        "ended": """
            the head came back from below
            the (head|chin) is no longer lowered""",
    },
    "head_tilted": {
        "that": """
            the head is tilted (to one side|)
            the head leans to one side""",
        "more": """
            the person tilts their head
            they (tilt|lean) their head (to one side|)
            the head is held at an angle
            the head is leaning to the side""",
        "noun": """
            (a|the) tilted head
            (a|the) tilt of the head""",
        "not": """
            the head is not (tilted|leaning) (to one side|)
            the head does not lean to one side
            the head is held straight , without a tilt""",
        "no": """
            no tilt of the head
            no tilted head""",
        "began": """
            the head (tilted|leaned) to one side
            (the person|they) tilted their head""",
        "ended": """
            the head came back from the tilt
            the head is no longer tilted""",
    },
    "brows_lowered": {
        "that": """
            the brows are (lowered|drawn down|pulled down)
            there is a frown""",
        "more": """
            the brows are (drawn|pulled) together
            (the person|the face) is frowning
            they are frowning
            the brows (press|come) down over the eyes
            a frown (is visible|can be seen)""",
        "noun": """
            (the|) lowered brows
            (a|the) frown
            brows drawn together""",
        "not": """
            the brows are not (lowered|drawn down|pulled down|drawn together)
            there is no frown
            (the person|the face) is not frowning
            no frown (is visible|can be seen)
            the brows rest without a frown""",
        "no": """
            no lowered brows
            no (visible|) frown""",
        "began": """
            (the person|the face) (began|started) to frown
            a frown (appeared|came up|has appeared)
            the brows (drew together|came down into a frown)""",
        "ended": """
            the frown (faded|went away|disappeared|is gone)
            (the person|the face) (stopped frowning|no longer frowns)
            the brows (relaxed|came apart)""",
        "missing": """
            lowered brows
            a frown""",
    },
    "corners_down": {
        "that": """
            the corners of the mouth (are pulled down|turn down)
            the mouth corners (point|are) down""",
        "more": """
            the mouth (curves|turns) down
            the mouth corners (sag|droop)
            the mouth droops at the corners""",
        "noun": """
            (the|) lowered (corners of the mouth|mouth corners)
            (a|the) drooping mouth""",
        "not": """
            the corners of the mouth (are not pulled down|do not turn down)
            the mouth corners (do not point|are not) down
            the mouth does not (curve|turn) down
            the mouth corners do not droop""",
        "no": """
            no lowered mouth corners
            no drooping mouth""",
        "began": """
            the corners of the mouth (turned down|began to droop)
            the mouth (turned|curved) down""",
        "ended": """
            the corners of the mouth (no longer turn down|no longer droop)
            the mouth no longer (droops|turns down)""",
        "missing": """
            lowered mouth corners
            a drooping mouth""",
    },
}  # fmt: skip

GENERIC: dict[str, str] = {
    "unclear": """
        it is (hard to tell|not clear|unclear|difficult to say) whether {that}
        there (may|might) be {missing}
        whether {that} is (hard to tell|not clear)""",
    "hidden": """
        it cannot be seen whether {that}
        whether {that} cannot be seen
        (we|one) cannot see whether {that}
        it is hidden whether {that}""",
}
"""Forms that are made of a cue's own: `{that}` its plain form, `{missing}` what would be seen."""
