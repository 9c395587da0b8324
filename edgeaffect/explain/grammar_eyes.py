"""Clause forms of cues of the eyes and of gaze, as tables; the syntax is that of `grammar_cues`."""

from __future__ import annotations

EYES: dict[str, dict[str, str]] = {
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
}  # fmt: skip
