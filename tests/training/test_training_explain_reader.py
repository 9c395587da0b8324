"""The reader's network: padding changes nothing, it begins as MiniLM, it learns, its file is opened by the package."""

from __future__ import annotations

from random import Random

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
pytest.importorskip("training.explain.reader", reason="training/ is only in the source tree")

from edgeaffect.explain.cues import ASPECTS  # noqa: E402
from edgeaffect.explain.vocabulary import Vocabulary  # noqa: E402
from training.explain.minilm import MiniLM  # noqa: E402
from training.explain.reader import disagreement, losses, predict  # noqa: E402
from training.explain.reader_begin import begin_as, word_table  # noqa: E402
from training.explain.reader_data import UNKNOWN, examples  # noqa: E402
from training.explain.reader_export import export  # noqa: E402
from training.explain.reader_network import ReaderNet  # noqa: E402
from training.explain.reader_opened import open_reader  # noqa: E402
from training.explain.wordings import yes_no  # noqa: E402

VOCABULARY = Vocabulary(("she", "he"))


def small(width=32):
    torch.manual_seed(0)
    learned = torch.zeros(len(VOCABULARY), dtype=torch.bool)
    learned[:5] = True
    return ReaderNet(torch.randn(len(VOCABULARY), 16) * 0.3, learned, layers=2, inner=48, width=width, heads=4)


def test_padding_changes_nothing():
    net, tokens = small().eval(), torch.randint(5, 600, (2, 7))
    longer = torch.nn.functional.pad(tokens, (0, 4))
    for a, b in zip(net(tokens), net(longer), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_it_learns():
    rng = Random(0)
    found = examples([yes_no(rng) for _ in range(48)], VOCABULARY)
    net = small()
    given = torch.from_numpy(found.tokens[:, :24]).long()
    target = (torch.from_numpy(found.intents), torch.from_numpy(found.slots), torch.from_numpy(found.claims).long())
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    seen = []
    for _ in range(25):
        loss = losses(net(given), *target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        seen.append(loss.item())
    assert seen[-1] < 0.75 * seen[0]
    assert predict(net.eval(), given)[0].shape[0] == 48


def test_the_file_is_opened_by_the_package(tmp_path):
    net = small()
    export(net, VOCABULARY, tmp_path / "reader.onnx")
    (tmp_path / "vocabulary.json").write_text(VOCABULARY.to_json())
    reader = open_reader(tmp_path / "reader.onnx", tmp_path / "vocabulary.json")
    reading = reader.read("Is she smiling?")
    assert sum(reading.intents.values()) == pytest.approx(1, abs=1e-4)
    assert all(0 <= claim.mentioned <= 1.001 for claim in reading.claims.values())


def test_what_nobody_wrote_down_does_not_count():
    tokens, net = torch.randint(5, 600, (3, 6)), small().eval()
    intents, claims = torch.zeros(3, dtype=torch.long), torch.zeros(3, len(ASPECTS), dtype=torch.long)
    claims[0, 3], claims[1] = 2, -1
    slots = torch.tensor([1, UNKNOWN, UNKNOWN])
    out = [part.detach() for part in net(tokens)]
    changed = [part.clone() for part in out]
    changed[1][1:] += 5
    changed[2][1] += 5
    changed[3][2] += 5
    same = [losses(tuple(part), intents, slots, claims).item() for part in (out, changed)]
    assert same[0] == pytest.approx(same[1], abs=1e-5)
    changed[3][0, 3] += 5
    assert losses(tuple(changed), intents, slots, claims).item() > same[0] + 0.1
    nothing = losses(tuple(out), intents, torch.full((3,), UNKNOWN), torch.full_like(claims, -1))
    assert torch.isfinite(nothing)


@pytest.fixture
def mini_lm(tmp_path):
    """The teacher's code with weights of chance and a few words."""
    generator, width, inner = torch.Generator().manual_seed(1), 384, 1536
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "is", "she", "smil", "##ing", "no", "frown", "at", "all"]
    shapes = {"word_embeddings": (len(pieces), width), "position_embeddings": (64, width)}
    shapes = {f"embeddings.{name}.weight": shape for name, shape in shapes.items()}
    shapes |= {"embeddings.token_type_embeddings.weight": (2, width)}
    matrices = {name: (width, width) for name in ("query", "key", "value")}
    matrices = {f"attention.self.{name}": shape for name, shape in matrices.items()} | {
        "attention.output.dense": (width, width), "intermediate.dense": (inner, width), "output.dense": (width, inner),
        "attention.output.LayerNorm": (width,), "output.LayerNorm": (width,),
    }  # fmt: skip
    matrices = {f"encoder.layer.{i}.{name}": shape for i in range(6) for name, shape in matrices.items()}
    for name, shape in (matrices | {"embeddings.LayerNorm": (width,)}).items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    safetensors = pytest.importorskip("safetensors.torch")
    weights = {name: torch.randn(shape, generator=generator) * 0.05 for name, shape in shapes.items()}
    safetensors.save_file(weights, str(tmp_path / "model.safetensors"))
    (tmp_path / "vocab.txt").write_text("\n".join(pieces))
    return MiniLM(tmp_path)


def test_with_all_its_units_it_is_mini_lm(mini_lm):
    text, words = "Is she smiling", ["is", "she", "smiling", "frown"]
    table, axes, share = word_table(mini_lm, words, 384)
    assert share == pytest.approx(1, abs=1e-5)
    # The word "smiling" is one token here and two pieces there: a text without it is read alike.
    closing = mini_lm.weight("embeddings.word_embeddings.weight")[3] @ axes
    table = torch.cat([torch.zeros(1, 384), table, closing[None]])
    net = ReaderNet(table, torch.zeros(len(table), dtype=torch.bool), layers=6, inner=1536).eval()
    begin_as(net, mini_lm, axes, [text])
    seen = []
    net.leave.register_forward_hook(lambda module, given, out: seen.append(given[0]))
    with torch.no_grad():
        net(torch.tensor([[1, 2, 4, 5]]))
    ours = torch.nn.functional.normalize(seen[0][0].mean(0), dim=0)
    torch.testing.assert_close(ours, mini_lm.embed(["is she frown"])[0], atol=1e-4, rtol=1e-3)


def test_units_that_add_most_are_kept(mini_lm):
    weight = mini_lm.weight("encoder.layer.1.output.dense.weight")
    loud = torch.tensor([7, 300, 1500])
    weight[:, loud] *= 50
    net = ReaderNet(torch.zeros(5, 384), torch.zeros(5, dtype=torch.bool), layers=2, inner=3)
    begin_as(net, mini_lm, torch.eye(384), ["is she smiling"])
    torch.testing.assert_close(net.layers[1].down.weight.data, weight[:, loud])


def test_wordings_of_one_meaning_are_pulled_together():
    logits = torch.tensor([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]], requires_grad=True)
    alone = disagreement(logits, torch.tensor([0, 1, 2]))
    together = disagreement(logits, torch.tensor([0, 0, 1]))
    assert alone.item() == pytest.approx(0, abs=1e-6) and together.item() > 0.1
    together.backward()
    assert logits.grad[0, 0] > 0 > logits.grad[1, 0] and logits.grad[2].abs().max() < 1e-6
