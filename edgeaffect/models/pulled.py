"""The store's record: which address each pulled file came from, and the sha256 it had then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .._files import locked, read_bounded, write_atomically
from .._json import load_json
from .._redact import address_digest, redact
from ..errors import Error

RECORD = "pulled.json"
"""Name of the record in a folder of pulled files."""

_MAX_BYTES = 8 << 20


class RecordError(Error, ValueError):
    """The record of pulled files cannot be read."""


@dataclass(frozen=True)
class PulledEntry:
    """What is known about one pulled file."""

    url: str
    """Where it came from, without secrets."""
    sha256: str
    address: str = ""
    """Digest that tells the whole address from others, see `address_digest`; empty in records of old."""

    @classmethod
    def of(cls, url: str, sha256: str) -> PulledEntry:
        """The entry of a file that came from `url`."""
        return cls(redact(url), sha256, address_digest(url))

    def is_from(self, url: str) -> bool:
        """Whether the file came from that address; signatures and tokens in it do not count."""
        return self.address == address_digest(url) if self.address else self.url == redact(url)


def read_record(folder: Path) -> dict[str, PulledEntry]:
    """File name -> entry; empty where nothing was pulled into the folder.

    Raises:
        RecordError: the record is damaged.
    """
    path = folder / RECORD
    try:
        record = load_json(read_bounded(path, _MAX_BYTES), limit=_MAX_BYTES)
        return {
            str(file): PulledEntry(redact(str(e["url"])), str(e["sha256"]), str(e.get("address", "")))
            for file, e in record.items()
        }
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise RecordError(f"{path} is damaged ({error}): delete it, and later pulls record anew") from error


def recorded_digests(folder: Path) -> dict[str, str]:
    """File name -> sha256 of what was pulled into the folder so far.

    Raises:
        RecordError: the record is damaged.
    """
    return {file: entry.sha256 for file, entry in read_record(folder).items()}


def write_entry(folder: Path, file: str, entry: PulledEntry) -> None:
    """Add or replace the entry of one file; two processes may do so at the same time.

    Raises:
        RecordError: the record at hand is damaged.
    """
    with locked(folder / f".{RECORD}.lock", remove=True):
        record: Mapping[str, PulledEntry] = {**read_record(folder), file: entry}
        text = json.dumps({name: asdict(value) for name, value in record.items()}, indent=1, sort_keys=True)
        write_atomically(folder / RECORD, text.encode("utf-8") + b"\n")
