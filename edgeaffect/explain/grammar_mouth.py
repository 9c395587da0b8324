"""Clause forms of cues of the mouth, as tables; the syntax is that of `grammar_cues`."""

from __future__ import annotations

MOUTH: dict[str, dict[str, str]] = {
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
