"""Clause forms of cues of the brows, as tables; the syntax is that of `grammar_cues`."""

from __future__ import annotations

BROWS: dict[str, dict[str, str]] = {
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
}  # fmt: skip
