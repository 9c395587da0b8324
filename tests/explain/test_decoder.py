"""The KV cache: step by step equals all at once, for a cache that grows and for one of fixed length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch
from explain_parts import HEAD, HEADS, LAYERS, MEMORY, Shape, TinyDecoder, tiny_decoder, tiny_static_decoder

from edgeaffect.errors import SpecError
from edgeaffect.explain.decoder import Decoder
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime import Session, open_session

TEXT = [1, 7, 39, 0, 22, 5, 13, 13, 2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, ModelFile], TinyDecoder]:
    folder = tmp_path_factory.mktemp("decoder")
    growing, net = tiny_decoder(folder / "decoder.onnx")
    return {"growing": growing, "static": tiny_static_decoder(folder / "static.onnx", net)}, net


@pytest.fixture(params=["growing", "static"])
def session(made: tuple[dict[str, ModelFile], TinyDecoder], request: pytest.FixtureRequest) -> Session:
    return open_session(made[0][request.param])


def memory(seed: int = 0) -> np.ndarray:
    return np.random.RandomState(seed).randn(1, LAYERS, 2, HEADS, MEMORY, HEAD).astype(np.float32)


def expected(net: TinyDecoder, tokens: list[int], seed: int = 0) -> np.ndarray:
    """Logits after the last token by PyTorch, without any cache."""
    past = torch.zeros(LAYERS, 2, 1, HEADS, 0, HEAD)
    with torch.no_grad():
        logits, _ = net(torch.tensor([tokens]), past, torch.from_numpy(memory(seed)))
    return logits[0, -1].numpy()


# Float32 sums of some 40 terms of size 1 in another order.
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.mark.parametrize("prefix", [1, 4, len(TEXT)])  # nine tokens are three runs of four
def test_steps_equal_one_run(made: tuple[dict[str, ModelFile], TinyDecoder], session: Session, prefix: int) -> None:
    decoder = Decoder(session, longest=24, prefix=4)
    decoder.look_at(memory())
    cache, logits = decoder.prefill(TEXT[:prefix])
    np.testing.assert_allclose(logits, expected(made[1], TEXT[:prefix]), **CLOSE)
    for end in range(prefix + 1, len(TEXT) + 1):
        logits = decoder.step(cache, TEXT[end - 1])
        np.testing.assert_allclose(logits, expected(made[1], TEXT[:end]), **CLOSE)
    assert cache.length == len(TEXT)


def test_another_face_starts_anew(made: tuple[dict[str, ModelFile], TinyDecoder], session: Session) -> None:
    decoder = Decoder(session, longest=24, prefix=9)
    for seed in (0, 1):
        decoder.look_at(memory(seed))
        _, logits = decoder.prefill(TEXT)
        np.testing.assert_allclose(logits, expected(made[1], TEXT, seed), **CLOSE)


def test_a_fork_goes_its_own_way(made: tuple[dict[str, ModelFile], TinyDecoder], session: Session) -> None:
    decoder = Decoder(session, longest=24, prefix=9, width=2)
    decoder.look_at(memory())
    cache, _ = decoder.prefill(TEXT[:4])
    other = decoder.fork(cache)
    for token in (3, 30):
        decoder.step(other, token)
    np.testing.assert_allclose(decoder.step(cache, 8), expected(made[1], [*TEXT[:4], 8]), **CLOSE)
    np.testing.assert_allclose(decoder.step(other, 9), expected(made[1], [*TEXT[:4], 3, 30, 9]), **CLOSE)
    with pytest.raises(RuntimeError, match="all 2 caches"):
        decoder.fork(cache)
    decoder.release(other)
    decoder.fork(cache)


def test_no_buffer_is_made_while_it_speaks(session: Session) -> None:
    decoder = Decoder(session, longest=24, prefix=4)
    decoder.look_at(memory())
    cache, logits = decoder.prefill(TEXT[:4])
    bases = {logits.base.__array_interface__["data"][0] if logits.base is not None else 0}
    for token in TEXT * 2:
        logits = decoder.step(cache, token)
        bases.add(logits.base.__array_interface__["data"][0])
    assert len(bases) == 1


def test_limits(session: Session) -> None:
    decoder = Decoder(session, longest=6, prefix=4)
    decoder.look_at(memory())
    for wrong in ([], [1] * 7):
        with pytest.raises(ValueError, match="1 to 6 tokens"):
            decoder.prefill(wrong)
    cache, _ = decoder.prefill([1, 2, 3, 4])
    for token in (-1, 40):
        with pytest.raises(ValueError, match="from 0 to 39"):
            decoder.step(cache, token)
    decoder.step(cache, 5)
    decoder.step(cache, 6)
    with pytest.raises(ValueError, match="cache is full"):
        decoder.step(cache, 7)
    with pytest.raises(ValueError, match="keys_values must be"):
        decoder.look_at(memory()[:, :1])


def test_another_model_is_refused(tmp_path: Path) -> None:
    from edgeaffect.models import find

    with pytest.raises(SpecError, match="a decoder takes tokens, past and keys_values"):
        Decoder(open_session(find(None, "affect")), longest=8, prefix=4)
    # A shape that only the cache's own length can tell apart.
    growing, _ = tiny_decoder(tmp_path / "d.onnx", Shape(vocabulary=9, longest=8))
    assert Decoder(open_session(growing), longest=8, prefix=4).vocabulary == 9
