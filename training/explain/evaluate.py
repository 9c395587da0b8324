"""How well the explainer sees and speaks, on people no training has seen: `python -m training.explain.evaluate`.

`--data DIR --out DIR --decoder NAME --blind NAME` writes `RESULTS.json`. Truth of cues is MediaPipe's answer (mean of
picture and mirror) on held-out faces: FER+ `valid`, and test people, clips and pictures of the other pools.

    free     no gate, and the label is not told: what the model claims by itself
    gated    the run time's gate over the evidence of the package's own cues, through the files of the bundle
    blind    a decoder of the same size and schedule that sees nothing of the picture but what the affect stage says
    nearest  what is true of the training view whose patches are most alike
    template what the evidence says, without a model
    oracle   what the teacher's own cues say, without a model

`people` holds the same scores on faces of which people say what is there (`human_truth`), `language` the words' scores.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from edgeaffect.explain.content import Known, plan
from edgeaffect.explain.cues import CUES, FACTS, REGIONS, region_of
from edgeaffect.explain.decoder import Decoder as Runtime
from edgeaffect.explain.gate import Gate
from edgeaffect.explain.meaning import Claim, Request, prefix
from edgeaffect.explain.speak import Speaker
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle
from edgeaffect.runtime import open_session
from training.cues.evaluate import auc
from training.data import data_folder
from training.explain import features, language
from training.explain.decoder import Decoder
from training.explain.features import Seen
from training.explain.generate import claims_of, keys_and_values, speak
from training.explain.held import Held, People, evidence_known
from training.explain.measures import REGION
from training.explain.sequences import Sequences
from training.explain.speak import load
from training.provenance import provenance

RESULTS = Path(__file__).with_name("RESULTS.json")
GATED_FACES, ABLATION_FACES, PAIRS, RESAMPLES = 200, 200, 200, 500
REQUESTS = (*(Request("describe_region", region) for region in REGIONS), Request("explain"))
_CHUNK = 250

CueSet = frozenset[str]


def cue_claims(claims: Iterable[Claim]) -> dict[str, str]:
    """Cue -> present or absent, of what a text says about cues."""
    return {c.name: c.state for c in claims if c.kind == "cue" and c.state in ("present", "absent")}


def scores_of(said: Sequence[dict[str, str]], held: Held, rows: np.ndarray | None = None) -> dict[str, Any]:
    """F1 of present cues, how many claims are false, and intervals over faces (bootstrap)."""
    truth, told = (a if rows is None else a[rows] for a in (held.truth, held.told))
    hit, claimed, there = np.zeros((3, len(said)))
    absent, false_absent = np.zeros((2, len(said)))
    for i, claims in enumerate(said):
        yes = np.array([claims.get(name) == "present" for name in CUES]) & told[i]
        no = np.array([claims.get(name) == "absent" for name in CUES]) & told[i]
        hit[i], claimed[i], there[i] = (yes & truth[i]).sum(), yes.sum(), (truth[i] & told[i]).sum()
        absent[i], false_absent[i] = no.sum(), (no & truth[i]).sum()

    def f1(w: np.ndarray) -> float:
        return float(2 * (hit * w).sum() / max((claimed * w).sum() + (there * w).sum(), 1e-9))

    def wrong(w: np.ndarray) -> float:
        return float(1 - (hit * w).sum() / max((claimed * w).sum(), 1e-9))

    ones = np.ones(len(said))
    return {
        "f1": interval(f1, len(said)), "precision": round(1 - wrong(ones), 4),
        "recall": round(float(hit.sum() / max(there.sum(), 1)), 4), "hallucination": interval(wrong, len(said)),
        "claims": int(claimed.sum()), "false_absence": round(float(false_absent.sum() / max(absent.sum(), 1)), 4),
        "absent_claims": int(absent.sum()),
    }  # fmt: skip


def interval(value: Callable[[np.ndarray], float], count: int) -> dict[str, Any]:
    """A value and its 95 % interval over resampled faces; `value` takes weights of faces."""
    random = np.random.default_rng(0)
    draws = [value(np.bincount(random.integers(0, count, count), minlength=count)) for _ in range(RESAMPLES)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"value": round(value(np.ones(count)), 4), "interval": [round(float(low), 4), round(float(high), 4)]}


def free_texts(
    decoder: Decoder, seen: Seen, vocabulary: Vocabulary, *, blind: bool = False, requests: Sequence[Request] = REQUESTS
) -> tuple[list[dict[str, str]], float]:
    """Cue claims per face over all requests, and the share of texts that are of the grammar and say their plan.

    Args:
        decoder: that speaks.
        seen: views.
        vocabulary: of the tokens.
        blind: sees nothing.
        requests: what is asked about each.
    """
    said: list[dict[str, str]] = [{} for _ in range(len(seen))]
    good = count = 0
    for first in range(0, len(seen), _CHUNK):
        rows = np.arange(first, min(first + _CHUNK, len(seen)))
        memory = keys_and_values(decoder, seen, rows, blind=blind)
        for request in requests:
            front = vocabulary.encode(
                [*prefix(request, "neutral", 0.9)[:3], "[none]", prefix(request, "neutral", 0.7)[4]]
            )
            for row, ids in zip(rows.tolist(), speak(decoder, memory, [front] * len(rows)), strict=True):
                claims, is_good = claims_of(ids, vocabulary)
                good, count = good + is_good, count + 1
                for name, state in cue_claims(claims).items():
                    said[row].setdefault(name, state)
    return said, good / count


def gated_texts(
    bundle: ModelBundle, held: Held, known: list[Known], decoder: Decoder
) -> tuple[list[dict[str, str]], list[str]]:
    """Cue claims per face through the run time's gate and proof, and the texts, requests within faces."""
    vocabulary = Vocabulary.from_json(bundle.read("vocabulary"))
    said, texts = [], []
    with torch.no_grad():
        memory = keys_and_values(decoder, held.seen, np.arange(len(known))).numpy()
    session = open_session(bundle.model("decoder"))
    runtime = Runtime(session, longest=64, prefix=8, width=2)
    speaker = Speaker(runtime, vocabulary)
    for row, face in enumerate(known):
        claims: dict[str, str] = {}
        for request in REQUESTS:
            runtime.look_at(memory[row : row + 1])
            *_, draft = speaker.greedy(prefix(request, face.label, face.confidence), Gate(request, face))
            for name, state in cue_claims(draft.claims).items():
                claims.setdefault(name, state)
            texts.append(draft.text)
        said.append(claims)
    session.close()
    return said, texts


def template_claims(known: list[Known]) -> list[dict[str, str]]:
    """What the content planner says from the evidence."""
    return [
        {n: s for request in reversed(REQUESTS) for n, s in cue_claims(plan(request, face, Random(0))).items()}
        for face in known
    ]


def nearest(train: Seen, held: Held, sequences: Sequences) -> list[Known]:
    """What is true of the most similar training view (cosine of mean patches)."""
    rows = np.flatnonzero(train.plain)

    def flat(seen: Seen) -> np.ndarray:
        x = seen.patches.astype(np.float32).reshape(len(seen), 36, -1).mean(1)
        x = x - centre
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    some = train.take(rows)
    centre = some.patches.astype(np.float32).mean((0, 1))
    best = (flat(held.seen) @ flat(some).T).argmax(1)
    return sequences.known(rows[best])


def true_faces(held: Held, vocabulary: Vocabulary, salience: dict[str, Any]) -> list[Known]:
    """What the teacher says of the held-out faces: a template that is told this is the ceiling."""
    return Sequences(held.seen, vocabulary, salience, 2).known(np.arange(len(held)))


def by_people(
    people: People, out: Path, bundle: ModelBundle, decoder: Decoder, train: Seen, sequences: Sequences, blind: Path
) -> dict[str, Any]:
    """The scores of all systems on faces of which people say what is there."""
    known, vocabulary = evidence_known(people, out), Vocabulary()
    rows = {
        "free": scores_of(free_texts(decoder, people.seen, vocabulary)[0], people),
        "gated": scores_of(gated_texts(bundle, people, known, decoder)[0], people),
        "template": scores_of(template_claims(known), people),
        "nearest": scores_of(template_claims(nearest(train, people, sequences)), people),
    }
    if blind.exists():
        rows["blind"] = scores_of(free_texts(load(blind), people.seen, vocabulary, blind=True)[0], people)
    return {"faces": len(people), "told": int(people.told.sum()), **rows}


def language_of(
    held: Held,
    known: list[Known],
    bundle: ModelBundle,
    decoder: Decoder,
    train: Seen,
    sequences: Sequences,
    blind: Path,
) -> dict[str, Any]:
    """`language.compare` on the first `GATED_FACES` faces."""
    some = np.arange(min(GATED_FACES, len(held)))
    faces, seen = true_faces(held, sequences.vocabulary, sequences.salience)[: len(some)], held.seen.take(some)
    gated: list[str] = []
    systems: dict[str, Callable[[], list[str]]] = {
        "free": lambda: language.spoken_freely(decoder, seen, known[: len(some)], REQUESTS),
        "gated": lambda: gated,
        "template": lambda: language.planned(known[: len(some)], REQUESTS, 7),
        "nearest": lambda: language.planned(nearest(train, held, sequences)[: len(some)], REQUESTS, 7),
        "oracle": lambda: language.planned(faces, REQUESTS, 7),
    }
    if blind.exists():
        systems["blind"] = lambda: language.spoken_freely(load(blind), seen, known[: len(some)], REQUESTS, blind=True)
    told = gated_texts(bundle, held, known[: len(some)], decoder)[1]
    gated.extend(told[face * len(REQUESTS) + place] for place in range(len(REQUESTS)) for face in range(len(some)))
    return language.compare(systems, language.references(faces, REQUESTS))


def swap(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> dict[str, Any]:
    """Pairs of faces: with the other's memory, how often the claims fit the other better than the own face.

    Twice: by the F1 of what is said to be there, and (`all_`) by the number of all claims that hold, denials too.
    """
    random = np.random.default_rng(3)
    shown = held.truth & held.told
    pairs: list[tuple[int, int]] = []
    while len(pairs) < PAIRS:
        a, b = random.integers(0, len(held), 2)
        if (shown[a] != shown[b]).sum() >= 2 and shown[b].any() and shown[a].any():
            pairs.append((a, b))
    first, second = np.array(pairs).T
    said, _ = free_texts(decoder, held.seen.take(second), vocabulary)  # the prefix says nothing of a face

    def fit(claims: dict[str, str], row: int) -> float:
        yes = np.array([claims.get(n) == "present" for n in CUES]) & held.told[row]
        return 2 * float((yes & shown[row]).sum()) / max(float(yes.sum() + shown[row].sum()), 1.0)

    def agreeing(claims: dict[str, str], row: int) -> float:
        """Claims, of what is there and of what is not, that hold of the face."""
        said = {name: state == "present" for name, state in claims.items() if held.told[row][CUES.index(name)]}
        return float(sum(shown[row][CUES.index(name)] == there for name, there in said.items()))

    record: dict[str, Any] = {"pairs": PAIRS}
    for name, measure in (("", fit), ("all_", agreeing)):
        scores = [(measure(c, a), measure(c, b)) for c, a, b in zip(said, first, second, strict=True)]
        record[f"{name}follows_the_other"] = round(float(np.mean([other > own for own, other in scores])), 4)
        record[f"{name}ties"] = round(float(np.mean([other == own for own, other in scores])), 4)
    return record


def label_follows(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> float:
    """Share of faces whose spoken emotion is the affect stage's, label not told."""
    good = []
    for first in range(0, len(held), _CHUNK):
        rows = np.arange(first, min(first + _CHUNK, len(held)))
        front = vocabulary.encode([*prefix(Request("explain"), "neutral", 0.9)[:3], "[none]", "[probably]"])
        texts = speak(decoder, keys_and_values(decoder, held.seen, rows), [front] * len(rows))
        for row, ids in zip(rows.tolist(), texts, strict=True):
            named = [c.name for c in claims_of(ids, vocabulary)[0] if c.kind == "emotion" and c.state == "present"]
            good.append(bool(named) and named[0] == _emotions()[int(held.seen.label[row])])
    return round(float(np.mean(good)), 4)


def _emotions() -> tuple[str, ...]:
    from edgeaffect.circumplex import EMOTIONS

    return EMOTIONS


def facts_auc(held: Held) -> dict[str, Any]:
    """AUC of every fact: drawn covers over unseen people, real masks, and glasses that somebody has looked for."""
    seen = held.all
    rows: dict[str, Any] = {}
    real = {"glasses": seen.plain & (held.pool != "none"), "mouth_covered": seen.plain & (held.pool == "masks")}
    for place, name in enumerate(FACTS):
        logit, truth, known = seen.summary[:, len(CUES) + place], seen.facts[:, place] > 0.5, seen.fact_known[:, place]
        for kind, some in {
            "all": known,
            "altered": known & ~seen.plain,
            "real": known & real.get(name, seen.plain),
        }.items():
            if 4 < truth[some].sum() < some.sum() - 4:
                rows.setdefault(name, {})[kind] = {
                    "auc": round(auc(logit[some], truth[some]), 4),
                    "with": int(truth[some].sum()),
                    "views": int(some.sum()),
                }
    return rows


def shuffled(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> float:
    """Share of valid texts of the decoder with every weight matrix shuffled."""
    import copy

    net = copy.deepcopy(decoder)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in net.parameters():
            if p.ndim > 1:
                p.copy_(p.flatten()[torch.randperm(p.numel(), generator=generator)].view_as(p))
    return round(free_texts(net, held.seen.take(np.arange(60)), vocabulary)[1], 4)


def agreement(decoder: Decoder, bundle: ModelBundle, sequences: Sequences, count: int = 256) -> dict[str, Any]:
    """Share of tokens that the bundle's file (8-bit weights) and float32 predict alike, on held-out texts."""
    from training.files import open_on_one_thread

    session = open_on_one_thread(bundle.part("decoder"))
    c = decoder.config
    past = np.zeros((c.layers, 2, 1, c.heads, 0, c.head), np.float32)
    same = total = 0
    worst = 0.0
    for _ in range(count // 64):
        batch = sequences.next(64)
        with torch.no_grad():
            memory, _, _ = decoder.memory(batch.patches, batch.summary, batch.affect, batch.change)
            kv = decoder.keys_and_values(memory)
            wanted = decoder(batch.tokens, None, kv)[0].numpy()
        for row in range(64):
            counted = (batch.targets[row] >= 0).numpy()
            given = {
                "tokens": batch.tokens[row : row + 1].numpy(),
                "past": past,
                "keys_values": kv[row : row + 1].numpy(),
            }
            found = session.run(["logits"], given)[0][0]
            same += int((found.argmax(-1) == wanted[row].argmax(-1))[counted].sum())
            total += int(counted.sum())
            worst = max(worst, float(np.abs(found - wanted[row])[counted].max()))
    return {"tokens": total, "agree": round(same / total, 5), "largest_difference": round(worst, 4)}


def mask_regions(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> dict[str, Any]:
    """Claims about mouth, eyes and brows on views where a drawn cover hides them, beside the same faces uncovered."""
    seen = held.all
    rows: dict[str, Any] = {}
    for region in ("mouth", "eyes", "brows"):
        column = FACTS.index(f"{region}_covered")
        covered = np.flatnonzero(
            ~seen.plain & seen.fact_known[:, column] & (seen.facts[:, column] > 0.5) & seen.taught
        )[:80]
        plain = {int(r): i for i, r in enumerate(seen.row.tolist()) if seen.plain[i]}
        pairs = [(i, plain[int(seen.row[i])]) for i in covered.tolist() if int(seen.row[i]) in plain]
        if len(pairs) < 10:
            continue
        counts = []
        for side in (0, 1):
            views = seen.take(np.array([p[side] for p in pairs]))
            said, _ = free_texts(decoder, views, vocabulary, requests=(Request("describe_region", region),))
            counts.append(sum(REGION.get(n) == region and region_of(n) == region for c in said for n in c))
        rows[region] = {
            "faces": len(pairs), "claims_covered": counts[0], "claims_as_they_are": counts[1],
            "drop": round(1 - counts[0] / max(counts[1], 1), 4),
        }  # fmt: skip
    return rows


def confidence(decoder: Decoder, held: Held) -> dict[str, Any]:
    """The encoder's confidence against the share of people's votes for the label, FER+ `valid`."""
    seen = held.all
    rows = np.flatnonzero(seen.plain & ~np.isnan(seen.human[:, 0]))
    with torch.no_grad():
        given = (
            seen.patches[rows].astype(np.float32),
            seen.summary[rows],
            seen.affect[rows],
            np.zeros((len(rows), len(CUES)), np.float32),
        )
        sure = torch.sigmoid(decoder.memory(*(torch.from_numpy(a) for a in given))[2]).numpy()
    share = seen.human[rows, seen.label[rows]]
    result = {}
    for name, p in (("explainer", sure), ("affect_stage", seen.affect[rows, 11])):
        bins = np.clip((p * 10).astype(int), 0, 9)
        ece = sum(
            abs(p[bins == b].mean() - share[bins == b].mean()) * (bins == b).mean()
            for b in range(10)
            if (bins == b).any()
        )
        result[name] = {
            "soft_ece": round(float(ece), 4),
            "log_score": round(float(-(share * np.log(p + 1e-6) + (1 - share) * np.log(1 - p + 1e-6)).mean()), 4),
        }
    return {"faces": len(rows), **result}


def choose(out: Path, names: Sequence[str]) -> None:
    """Prints how the checkpoints do on development faces: what to ship is decided here."""
    torch.set_num_threads(1)
    held, vocabulary = Held(out, "dev"), Vocabulary()
    some = np.arange(min(ABLATION_FACES, len(held)))
    for name in names:
        said, share = free_texts(load(out / f"{name}.pt"), held.seen.take(some), vocabulary)
        row = scores_of(said, held, some)
        print(name, row["f1"], row["hallucination"], row["recall"], row["absent_claims"], round(share, 4), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--decoder", default="student", help="checkpoint in the bundle")
    parser.add_argument("--bundle", type=Path, help="default: OUT/explainer.zip")
    parser.add_argument("--blind", default="blind", help="checkpoint of the blind language model")
    parser.add_argument("--ablations", nargs="*", default=[], help="NAME or NAME=FOLDER: other checkpoints to measure")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--parts", nargs="*", help="measure only these parts of the results anew")
    parser.add_argument("--choose", nargs="*", help="only compare these checkpoints, on development faces")
    arguments = parser.parse_args()
    if arguments.choose:
        choose(arguments.out, arguments.choose)
        return
    data = data_folder(arguments.data)
    torch.set_num_threads(1)
    out, vocabulary = arguments.out, Vocabulary()
    decoder, held = load(out / f"{arguments.decoder}.pt"), Held(out)
    bundle = ModelBundle.open(arguments.bundle or out / "explainer.zip")
    salience = json.loads((out / "salience.json").read_text())
    known = evidence_known(held, out)
    train = features.read(out / "seen-train.npz")
    sequences, blind_path = Sequences(train, vocabulary, salience, 1), out / f"{arguments.blind}.pt"
    parts: dict[str, Callable[[], Any]] = {
        "swap": lambda: swap(decoder, held, vocabulary),
        "people": lambda: by_people(People(out, data), out, bundle, decoder, train, sequences, blind_path),
        "language": lambda: language_of(held, known, bundle, decoder, train, sequences, blind_path),
        "label_not_told": lambda: label_follows(decoder, held, vocabulary),
        "facts": lambda: facts_auc(held),
        "covered": lambda: mask_regions(decoder, held, vocabulary),
        "shuffled_weights_valid": lambda: shuffled(decoder, held, vocabulary),
        "int8": lambda: agreement(decoder, bundle, Sequences(held.all, vocabulary, salience, 2)),
        "confidence": lambda: confidence(decoder, held),
        "ablations": lambda: ablations(out, arguments.ablations, held, vocabulary),
    }
    record: dict[str, Any] = {}
    if arguments.parts:
        record = json.loads(arguments.results.read_text())
        for name in arguments.parts:
            found = parts[name]()
            record[name] = record.get(name, {}) | found if name == "ablations" else found
            record.setdefault("refreshed", {})[name] = provenance(Path(__file__).parent)["commit"]
            print(name, found, flush=True)
            arguments.results.write_text(json.dumps(record, indent=1) + "\n")
        return
    record |= {
        **provenance(Path(__file__).parent),
        "decoder": arguments.decoder,
        "bundle_bytes": bundle.path.stat().st_size,
        "faces": len(held),
        "pools": dict(zip(*(a.tolist() for a in np.unique(held.pool[held.rows], return_counts=True)), strict=True)),
    }
    said, parsed = free_texts(decoder, held.seen, vocabulary)
    cues: dict[str, Any] = {"free": scores_of(said, held)}
    record["parse_rate"] = round(parsed, 4)
    print("free", cues["free"], parsed, flush=True)
    gated, texts = gated_texts(bundle, held, known[:GATED_FACES], decoder)
    names = [f"{request.intent} {request.slot}" for request in REQUESTS] * 4
    record["texts"] = [f"{name}: {text}" for name, text in zip(names, texts, strict=False)]
    cues["gated"] = scores_of(gated, held, np.arange(GATED_FACES))
    print("gated", cues["gated"], flush=True)
    cues["template"] = scores_of(template_claims(known), held)
    if blind_path.exists():
        cues["blind"] = scores_of(free_texts(load(blind_path), held.seen, vocabulary, blind=True)[0], held)
    cues["nearest"] = scores_of(template_claims(nearest(train, held, sequences)), held)
    cues["oracle"] = scores_of(template_claims(true_faces(held, vocabulary, salience)), held)
    record["cues"] = cues
    for name, row in cues.items():
        print(name, row["f1"], row["hallucination"], flush=True)
    record |= {name: part() for name, part in parts.items()}
    if arguments.results.exists():  # rows of earlier trainings, whose checkpoints are gone
        record["ablations"] = json.loads(arguments.results.read_text()).get("ablations", {}) | record["ablations"]
    arguments.results.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps({k: v for k, v in record.items() if k not in ("cues", "packages")}, indent=1))


def ablations(out: Path, names: Sequence[str], held: Held, vocabulary: Vocabulary) -> dict[str, Any]:
    """Free F1 and hallucination of other checkpoints, on the first `ABLATION_FACES` faces.

    `NAME=FOLDER` is one that sees with other eyes, whose features lie in that folder beside it.
    """
    rows: dict[str, Any] = {}
    for given in names:
        name, _, folder = given.partition("=")
        faces, place = (Held(Path(folder)), Path(folder)) if folder else (held, out)
        some = np.arange(min(ABLATION_FACES, len(faces)))
        said, share = free_texts(load(place / f"{name}.pt"), faces.seen.take(some), vocabulary)
        row = scores_of(said, faces, some)
        rows[name] = {"f1": row["f1"], "hallucination": row["hallucination"], "parse_rate": round(share, 4),
                      "commit": provenance(Path(__file__).parent)["commit"]}  # fmt: skip
        print(name, rows[name], flush=True)
    return rows


if __name__ == "__main__":
    main()
