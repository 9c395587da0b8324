"""Clause forms of visible facts, as tables; the syntax is that of `grammar_cues`."""

from __future__ import annotations

FACTS: dict[str, dict[str, str]] = {
    "glasses": {
        "present": """
            (the person|the face) (wears|is wearing) glasses
            they (wear|are wearing) glasses
            there are glasses on the face
            glasses can be seen
            a pair of glasses (is visible|can be seen)
            there is a pair of glasses in front of the eyes""",
        "absent": """
            (the person|the face) (wears no|is not wearing|does not wear) glasses
            they (wear no|are not wearing|do not wear) glasses
            there are no glasses on the face
            no glasses (can be seen|are visible)
            the face is shown without glasses""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the person wears glasses
            there (may|might) be glasses on the face""",
    },
    "mouth_covered": {
        "present": """
            the mouth is (covered|hidden)
            the lower part of the face is (covered|hidden)
            something covers the mouth
            something is in front of the mouth
            the mouth (cannot be seen|is not visible) because it is covered""",
        "absent": """
            the mouth is not (covered|hidden)
            nothing covers the mouth , so it is not hidden
            the mouth is free and not covered
            the mouth is visible without a cover""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the mouth is covered
            part of the mouth (may|might) be covered""",
    },
    "eyes_covered": {
        "present": """
            the eyes are (covered|hidden)
            something covers the eyes
            something is in front of the eyes
            dark glasses or something else covers the eyes
            the eyes (cannot be seen|are not visible) because they are covered""",
        "absent": """
            the eyes are not (covered|hidden)
            nothing covers the eyes , so they are not hidden
            the eyes are free and not covered
            the eyes are visible without a cover""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the eyes are covered
            part of the eyes (may|might) be covered""",
    },
    "brows_covered": {
        "present": """
            the brows are (covered|hidden)
            something covers the (brows|forehead)
            hair or a hat covers the (brows|forehead)
            the brows (cannot be seen|are not visible) because they are covered""",
        "absent": """
            the brows are not (covered|hidden)
            nothing covers the brows , so they are not hidden
            the brows are free and not covered
            the brows are visible without a cover""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the brows are covered
            part of the brows (may|might) be covered""",
    },
    "cut_off": {
        "present": """
            (part of the face|the face) is cut off (by|at) the (border|edge) of the picture
            the (border|edge) of the picture cuts off part of the face
            the face is only partly in the picture
            part of the face is outside of the picture""",
        "absent": """
            the face is not cut off
            the whole face is in the picture and not cut off
            no part of the face is (cut off|outside of the picture)""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the face is cut off
            a small part of the face (may|might) be cut off""",
    },
    "blurred": {
        "present": """
            the (face|picture) is (blurred|blurry|out of focus)
            the picture of the face is blurred
            the face is not sharp
            the details are blurred""",
        "absent": """
            the (face|picture) is not (blurred|blurry|out of focus)
            the face is sharp , without blur
            there is no blur in the picture""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the picture is blurred
            the picture (may|might) be (slightly|a little) blurred""",
    },
    "dark": {
        "present": """
            the (face|picture) is (dark|too dark|very dark)
            there is little light on the face
            the face lies in the dark
            the face is poorly lit""",
        "absent": """
            the (face|picture) is not (dark|too dark)
            the face is well lit and not dark
            there is no lack of light""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the picture is too dark
            the picture (may|might) be (slightly|a little) dark""",
    },
    "profile": {
        "present": """
            the face is (seen|shown) from the side
            the face is (seen|turned) in profile
            the head is turned far to the side
            only one side of the face (is visible|can be seen)
            the face is (shown|turned) in profile""",
        "absent": """
            the face is not (seen|shown) from the side
            the face is not (seen|turned|shown) in profile
            the head is not turned far to the side""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether the face is seen from the side
            the face (may|might) be (seen from the side|turned in profile)""",
    },
    "no_face": {
        "present": """
            no face can be seen here
            there is no face that can be read
            no face is visible , so nothing can be told
            the picture shows no face that can be read
            without a visible face , (nothing can be said|it cannot be told)
            (i|we) cannot tell , because no face can be seen""",
        "absent": """
            there is a face , so it is not an empty picture
            the picture is not empty ; a face can be seen
            a face can be seen and it is not hidden""",
        "unclear": """
            it is (hard to tell|not clear|unclear) whether there is a face at all
            there (may|might) be a face in the picture""",
    },
}  # fmt: skip
