"""Another reader, or other evidence, into a finished bundle: `python -m training.explain.repack --reader FILE`.

The parts that are not named stay as they are, and so does the pair: a reader depends on the vocabulary's reading words
only, which come with it (`--vocabulary`), evidence on nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import tempfile
from pathlib import Path

from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle, write_bundle
from edgeaffect.models.registry import FILES
from training.explain.export import stamped


def repack(
    bundle: ModelBundle,
    target: Path,
    *,
    reader: Path | None = None,
    vocabulary: Path | None = None,
    evidence: Path | None = None,
    version: str | None = None,
) -> ModelBundle:
    """Writes `target`, of another `version` if one is given, and returns it.

    Raises:
        ValueError: a reader without its vocabulary, or the other way round.
    """
    if (reader is None) != (vocabulary is None):
        raise ValueError("a reader and its vocabulary.json go together: give both")
    manifest = bundle.manifest
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = {role: Path(shutil.copy(bundle.part(role), folder)) for role in manifest.parts}
        if reader is not None and vocabulary is not None:
            parts["reader"] = stamped(reader, manifest.pair_id, folder / "reader.onnx")
            words = Vocabulary.from_json(vocabulary.read_bytes())
            text = dataclasses.replace(words, pair_id=manifest.pair_id).to_json()
            parts["vocabulary"] = folder / "vocabulary.json"
            parts["vocabulary"].write_text(text)
        if evidence is not None:
            data = {**json.loads(evidence.read_text()), "pair_id": manifest.pair_id}
            parts["evidence"] = folder / "evidence.json"
            parts["evidence"].write_text(json.dumps(data, separators=(",", ":")) + "\n")
        return write_bundle(
            target, parts, name=manifest.name, version=version or manifest.version, task=manifest.task,
            pair_id=manifest.pair_id, licence=manifest.licence, training_data=manifest.training_data,
            recipe=manifest.recipe,
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=FILES / "explainer.zip")
    parser.add_argument("--target", type=Path, help="default: the bundle itself; SHA256SUMS beside it is not touched")
    parser.add_argument("--reader", type=Path)
    parser.add_argument("--vocabulary", type=Path, help="vocabulary.json beside the reader")
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--version", help="of the new bundle; default: as before")
    arguments = parser.parse_args()
    found = repack(
        ModelBundle.open(arguments.bundle), arguments.target or arguments.bundle, reader=arguments.reader,
        vocabulary=arguments.vocabulary, evidence=arguments.evidence, version=arguments.version,
    )  # fmt: skip
    print(found.path, found.size_bytes)


if __name__ == "__main__":
    main()
