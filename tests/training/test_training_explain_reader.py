"""The reader's network: padding changes nothing, it can learn, and its file is opened by the package."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
pytest.importorskip("training.explain.reader", reason="training/ is only in the source tree")

from edgeaffect.explain.vocabulary import Vocabulary  # noqa: E402
from training.explain.reader import losses, predict, reduced  # noqa: E402
from training.explain.reader_data import examples  # noqa: E402
from training.explain.reader_export import export  # noqa: E402
from training.explain.reader_network import ReaderNet  # noqa: E402
from training.explain.reader_report import open_reader  # noqa: E402
from training.explain.wordings import yes_no  # noqa: E402

VOCABULARY = Vocabulary(("she", "he"))


def small(width=32):
    torch.manual_seed(0)
    learned = torch.zeros(len(VOCABULARY), dtype=torch.bool)
    learned[:5] = True
    return ReaderNet(torch.randn(len(VOCABULARY), 16) * 0.3, learned, width=width)


def test_padding_changes_nothing():
    net, tokens = small().eval(), torch.randint(5, 600, (2, 7))
    longer = torch.nn.functional.pad(tokens, (0, 4))
    for a, b in zip(net(tokens), net(longer), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_it_learns():
    rng = Random(0)
    found = examples([yes_no(rng) for _ in range(48)], VOCABULARY)
    net = small()
    rows = torch.arange(48)
    given = torch.from_numpy(found.tokens[:, :24]).long()
    target = (torch.from_numpy(found.intents), torch.from_numpy(found.slots), torch.from_numpy(found.claims).long())
    match = torch.nn.functional.normalize(torch.randn(20, 64), dim=1)
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    seen = []
    for _ in range(25):
        loss = losses(net(given), *target, rows, match)
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
    assert np.linalg.norm(reading.match) == pytest.approx(1, abs=1e-3)


def test_principal_components_keep_most():
    basis = torch.randn(4, 30)
    vectors = torch.randn(200, 4) @ basis + 0.01 * torch.randn(200, 30)
    kept, share = reduced(vectors, 4)
    assert share > 0.99 and kept.norm(dim=1).mean() == pytest.approx(1, abs=1e-4)
