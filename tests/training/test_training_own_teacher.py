"""What somebody's own larger model said of pictures, made into targets: only what the face bears out is learnt."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
own = pytest.importorskip("training.explain.own_teacher", reason="training/ is only in the source tree")
import torch  # noqa: E402

from edgeaffect.explain import Explainer  # noqa: E402
from edgeaffect.explain.meaning import CLAIM_OF, Claim  # noqa: E402
from edgeaffect.explain.parsing import parse, plan_of, words_of  # noqa: E402
from edgeaffect.explain.vocabulary import Vocabulary  # noqa: E402
from edgeaffect.models.registry import FILES  # noqa: E402
from training.explain import features  # noqa: E402
from training.explain.decoder import Decoder, DecoderConfig  # noqa: E402
from training.explain.distil import Texts  # noqa: E402
from training.explain.network import SeeingNet  # noqa: E402
from training.explain.sequences import Sequences  # noqa: E402
from training.explain.speak import Recipe, loss_of  # noqa: E402

PICTURES = Path(__file__).parents[2] / "examples"
pytestmark = [
    pytest.mark.skipif(not any(FILES.glob("explainer*")), reason="no bundled explainer in this tree"),
    pytest.mark.skipif(not (PICTURES / "portrait.jpg").is_file(), reason="the portrait is in the source tree"),
]
LINES = [
    {"image": "portrait.jpg", "text": "She is smiling. Her eyes are closed. She smiles because she got the job.",
     "label": "happiness", "probabilities": {"happiness": 0.8, "neutral": 0.2}},
    {"image": "portrait.jpg", "action_units": ["AU12", "AU4", "AU9"], "label": "happiness", "confidence": 0.9},
    {"image": "portrait.jpg", "text": "She looks furious. Her eyes are closed."},
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    out = tmp_path_factory.mktemp("own")
    lines = out / "teacher.jsonl"
    lines.write_text("\n".join(map(json.dumps, LINES)) + "\n\n")
    torch.manual_seed(0)
    with Explainer() as explainer:
        return out, own.adapt(own.read_lines(lines), PICTURES, explainer, SeeingNet().eval(), out)


def test_only_what_the_face_bears_out_is_learnt(made: tuple[Path, dict[str, int]]) -> None:
    out, counts = made
    assert counts["lines"] == 3 and counts["pictures"] == 2 and counts["nothing_left"] == 1
    assert 0 < counts["kept"] < counts["asked"]
    for line in np.load(out / "texts-own.npz")["texts"].tolist():
        tokens = json.loads(line)["tokens"]
        assert tokens[-1] == "<eos>"
        claims = parse(words_of(tokens[:-1]))
        assert claims == plan_of(tokens[:-1]) and Claim("emotion", "happiness") in claims
        cues = {claim.name: claim.state for claim in claims if claim.kind == "cue"}
        assert cues == {"smile": "present"} and Claim("cue", "smile", is_reason=True) in claims
        assert all(token in CLAIM_OF or not token.startswith("<") for token in tokens[:-1] if token != "<because>")


def test_shares_teach_how_sure_to_be(made: tuple[Path, dict[str, int]]) -> None:
    human = np.load(made[0] / "seen-own.npz")["human"]
    np.testing.assert_allclose(human[0], [0.2, 0.8, 0, 0, 0, 0, 0, 0], atol=1e-6)
    assert human[1, 1] == pytest.approx(0.9) and human[1].sum() == pytest.approx(1)


def test_a_student_learns_from_them(made: tuple[Path, dict[str, int]]) -> None:
    out, vocabulary = made[0], Vocabulary()
    seen = features.read(out / "seen-own.npz")
    assert {f.name for f in fields(seen)} == set(np.load(out / "seen-own.npz").files)
    salience = json.loads((Path(own.__file__).parent / "SALIENCE.json").read_text())
    sequences = Sequences(seen, vocabulary, {"least_salience": 0.1, **salience}, 0)
    batch = Texts(out / "texts-own.npz", sequences).next(2)
    torch.manual_seed(0)
    student = Decoder(DecoderConfig(vocabulary.speakable_end, layers=1, width=32, heads=2, inner=32), None)
    optimiser = torch.optim.Adam(student.parameters(), 1e-2)
    recipe, losses = Recipe(vad=0, soft_vad=0, match=0, honest=0.5), []
    for _ in range(12):
        loss, parts = loss_of(student, batch, recipe)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0] and parts["false"] >= 0


@pytest.mark.parametrize(("line", "message"), [
    ("{", "no JSON"), ("[1]", "must be texts"), ('{"text": "x"}', "must be texts"), ('{"image": "a"}', "are needed"),
    ('{"image": "a", "action_units": ["smile"]}', "like AU12"), ('{"image": "a", "action_units": 3}', "like AU12"),
    ('{"image": "a", "text": "x", "confidence": 3}', "between 0 and 1"),
    ('{"image": "a", "text": "x", "probabilities": {"anger": "much"}}', "must be numbers"),
])  # fmt: skip
def test_wrong_lines_are_named(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(line)
    with pytest.raises(own.LineError, match=message) as caught:
        list(own.read_lines(path))
    assert "line 1" in str(caught.value)


def test_units_and_labels_of_others() -> None:
    told = own.told('{"image": "a", "action_units": {"AU12": 0.9, "AU4": 0.1}, "label": "boredom"}', "here")
    assert told.units == (12,) and told.label is None and told.shares == {}
