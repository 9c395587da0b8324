"""The zoo against the layouts of the published checkpoints: same keys, shapes, dtypes and outputs."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import zoo_reference as reference  # noqa: E402  (needs torch)
from edgeaffect.export import zoo  # noqa: E402
from in_tree import in_tree  # noqa: E402

from edgeaffect.circumplex import EMOTIONS  # noqa: E402
from edgeaffect.models.spec import ModelSpec  # noqa: E402

LAYOUTS = json.loads(reference.FIXTURE.read_text("utf-8"))


def build(layout: str) -> torch.nn.Module:
    name = layout.removesuffix("-seq")
    keys = ("classifier.0.weight",) if layout.endswith("-seq") else ()
    return zoo.get(name).build(keys)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_keys_shapes_and_dtypes(layout: str) -> None:
    with torch.device("meta"):
        built = reference.entries(build(layout))
    assert len(built) == LAYOUTS[layout]["entries"]
    full = reference.FULL_LAYOUTS / f"{layout}.json"
    if full.exists():  # names the first differing key, where the hash cannot
        assert built == [tuple(entry) for entry in json.loads(full.read_text("utf-8"))["state_dict"]]
    assert reference.digest(built) == LAYOUTS[layout]["digest"]


@in_tree
@pytest.mark.parametrize("layout", LAYOUTS)
def test_output_equals_that_of_the_authors_code(layout: str) -> None:
    facts = LAYOUTS[layout]
    module = reference.fill(build(layout))
    with torch.inference_mode():
        output = module(reference.reference_input(facts["input_size"], facts["normalisation"]))
    if isinstance(output, dict):
        assert list(output) == list(facts["output"])
    got, expected = reference.flatten(output), reference.flatten(facts["output"])
    assert np.abs(got - expected).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("name", zoo.ARCHITECTURES)
def test_spec_describes_the_module(name: str) -> None:
    """Size, channels and the columns named by the spec are those of the network."""
    architecture = zoo.get(name)
    spec = architecture.spec
    assert ModelSpec.from_json(spec.to_json()) == spec
    width, height = spec.image.size
    with torch.device("meta"):
        module = architecture.build(()).eval()
        output = module(torch.empty(1, spec.image.channels, height, width))
    tensors = output if isinstance(output, dict) else {"output": output}
    named = {o.name: max(p.slice[1] for p in spec.outputs if p.name == o.name) for o in spec.outputs if o.slice}
    if name.startswith("edgeaffect-"):  # "unknown" and "not a face" follow the emotions and are not labels
        named["output"] += 2
    assert {key: value.shape[1] for key, value in tensors.items() if key in named} == named
    for output_spec in spec.outputs:
        assert set(output_spec.labels) <= set(EMOTIONS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_spec_normalises_as_the_layout_says(layout: str) -> None:
    spec = zoo.get(layout.removesuffix("-seq")).spec
    assert spec.image.size == (LAYOUTS[layout]["input_size"],) * 2
    assert spec.image.color == "rgb"
    assert (spec.image.mean == zoo.IMAGENET_MEAN) == (LAYOUTS[layout]["normalisation"] == "imagenet")


def test_own_networks_are_those_that_training_builds() -> None:
    from edgeaffect.export.zoo.affect_net import CONFIGS

    own = {name.removeprefix("edgeaffect-") for name in zoo.ARCHITECTURES if name.startswith("edgeaffect-")}
    assert own == set(CONFIGS)


def test_labels_replace_the_published_order_or_are_refused() -> None:
    labels = tuple(reversed(zoo.AFFECTNET))
    spec = zoo.get("dan-8", labels).spec
    assert spec.outputs[0].labels == labels
    with pytest.raises(ValueError, match="8 classes; got 2 labels"):
        zoo.get("dan-8", ("a", "b"))


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="emonet-8"):
        zoo.get("emonet-9")
