"""Adds the models of the installed package to a CycloneDX list of packages.

    python .ci/sbom_models.py PACKAGES.json OUTPUT.json

Run by a Python in which the wheel is installed. Each model is a component of the type `machine-learning-model` with its
version, licence, digest and training data, and a part of edgeaffect.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from edgeaffect._version import __version__
from edgeaffect.models import ModelBundle, ModelSpec
from edgeaffect.models.registry import FILES

# Licences of the models' specs that have a name in SPDX's list.
_SPDX = ("Apache-2.0", "MIT", "CC-BY-4.0", "CC-BY-NC-SA-4.0")


def component(path: Path) -> dict[str, Any]:
    """One model file, or bundle of several."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest: Any = ModelBundle.open(path).manifest if path.suffix == ".zip" else ModelSpec.from_onnx(path)
    licence = str(manifest.licence)
    named = {"id": licence} if licence in _SPDX else {"name": f"{licence}: see LICENSE-WEIGHTS"}
    return {
        "type": "machine-learning-model",
        "bom-ref": f"edgeaffect-model:{path.name}",
        "name": path.stem,
        "version": str(getattr(manifest, "version", __version__)),
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "licenses": [{"license": named}],
        "properties": [
            {"name": "edgeaffect:file", "value": f"edgeaffect/models/files/{path.name}"},
            {"name": "edgeaffect:bytes", "value": str(path.stat().st_size)},
        ],
    }


def main() -> None:
    """Read the packages, write everything."""
    source, target = map(Path, sys.argv[1:])
    document = json.loads(source.read_text("utf-8"))
    models = [component(path) for path in sorted(FILES.glob("*")) if path.suffix in (".onnx", ".zip")]
    own = next(one for one in document["components"] if one["name"] == "edgeaffect")
    # The list names no place on somebody's disk: the wheel lay in a temporary folder when it was installed.
    own.pop("externalReferences", None)
    document["components"] += models
    references = [model["bom-ref"] for model in models]
    dependencies = document.setdefault("dependencies", [])
    entry = next((one for one in dependencies if one["ref"] == own["bom-ref"]), None)
    if entry is None:
        entry = {"ref": own["bom-ref"]}
        dependencies.append(entry)
    entry["dependsOn"] = sorted({*entry.get("dependsOn", []), *references})
    dependencies += [{"ref": reference} for reference in references]
    document.setdefault("metadata", {})["component"] = {
        "type": "library", "bom-ref": "root", "name": "edgeaffect", "version": __version__,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }  # fmt: skip
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    packages = len(document["components"]) - len(models)
    print(f"{target}: {packages} packages, {len(models)} models")


if __name__ == "__main__":
    main()
