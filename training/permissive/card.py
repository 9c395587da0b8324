"""The permissive set's part of MODEL_CARD.md and of README's table, from `RESULTS.json`."""

from __future__ import annotations

from training.card_text import interval, load, percent, table
from training.permissive.reference_file import RESULTS


def summary(name: str) -> tuple[str, str] | None:
    """Accuracy and latency of a file of the permissive set; None for any other."""
    record = load(RESULTS)
    if "runtime" not in record:
        return None
    scores, parity = record["runtime"]["expression"], record["parity"]["networks"]
    face = record["runtime"]["latency"]["milliseconds"]["affect"]["min"]
    whole = f"{face:.1f} ms for crop, points, blendshapes and table (least, {record['runtime']['latency']['simd']})"
    beside = "in that of `face-landmarks-permissive`"
    return {
        "face-detector-permissive": (
            f"AP {record['detector']['ours']:.3f} on all photographs (YuNet-n's own file "
            f"{record['detector']['yunet']:.3f})",
            "not measured",
        ),
        "face-landmarks-permissive": (
            f"points {record['landmarks_68_percent']['all_68']:.1f} %; {parity['points_px_max']:.1g} px off the "
            "original",
            whole,
        ),
        "face-blendshapes-permissive": (f"{parity['blendshapes_max']:.1g} off the original", beside),
        "expression-from-blendshapes": (
            f"{percent(scores['accuracy_if_not_found_is_wrong'])} "
            f"({interval(scores['accuracy_if_not_found_is_wrong_interval'])}) through the whole path, uncalibrated",
            beside,
        ),
    }.get(name)


def card() -> list[str]:
    """The set that a company can ship, through the run time."""
    record = load(RESULTS)
    if "runtime" not in record:
        return []
    scores, cues, speed = (record["runtime"][part] for part in ("expression", "cues", "latency"))
    own, times = scores["calibrated"], speed["milliseconds"]
    rows = [
        (
            "majority accuracy on FER+ `valid`, faces that are not found counted as wrong (95 % interval, faces)",
            f"{percent(scores['accuracy_if_not_found_is_wrong'])} "
            f"({interval(scores['accuracy_if_not_found_is_wrong_interval'])}; {scores['faces']})",
        ),
        (
            f"the same where the detector finds the face ({percent(scores['found'])})",
            f"{percent(scores['accuracy_found'])} ({interval(scores['accuracy_found_interval'])})",
        ),
        ("hard ECE, as it comes", percent(scores["ece"])),
        (
            f"after `edgeaffect calibrate` with {own['with']}: hard ECE, accuracy where found",
            f"{percent(own['ece'])}, {percent(own['accuracy_found'])}",
        ),
        ("error of 68 labelled points (root of their box's area)", f"{cues['points_percent']:.1f} %"),
        ("head pose beside PnP of the labelled points", f"{cues['head_pose_degrees_mean']:.1f} degrees"),
        ("gaze yaw, picture and mirror added", f"{cues['gaze_yaw_and_mirrored_degrees']:.1f} degrees"),
        (
            f"one face: affect, cues, least of many calls on one thread ({speed['processor']}, {speed['simd']})",
            f"{times['affect']['min']:.1f}, {times['cues']['min']:.1f} ms (default set, in turns: "
            f"{times['affect of the default set']['min']:.1f}, {times['cues of the default set']['min']:.1f} ms)",
        ),
    ]
    lines = [
        "## Permissive set", "",
        "No number of it was trained or fitted to pictures of people by us. YuNet-n's own training pictures (WIDER "
        "FACE) are research data; MediaPipe's are unpublished. Recipe, parity with the originals and weak points "
        "(sadness, fear, disgust and contempt are hardly ever said): training/permissive/README.md. Written by "
        "`python -m training.permissive.runtime`.", "",
    ]  # fmt: skip
    return [*lines, *table(("measure", "value"), rows), ""]
