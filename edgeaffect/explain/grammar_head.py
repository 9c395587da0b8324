"""Clause forms of cues of the head, as tables; the syntax is that of `grammar_cues`."""

from __future__ import annotations

HEAD: dict[str, dict[str, str]] = {
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
}  # fmt: skip
