"""Our reader of MCAP beside the reference writer: whole, cut off, damaged and hostile files."""

from __future__ import annotations

import resource
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("mcap")

import zstandard
from mcap.writer import CompressionType, Writer

from edgeaffect import SourceError
from edgeaffect.sources.mcap_file import MAGIC, McapFile

SENT = [("/a" if i % 3 else "/b", i * 1000, bytes([i]) * (50 + i)) for i in range(40)]
KIND = {"/a": "pkg/msg/A", "/b": "pkg/msg/B"}


def write(path: Path, compression: CompressionType = CompressionType.ZSTD, *, chunked: bool = True) -> None:
    with open(path, "wb") as file:
        writer = Writer(file, chunk_size=500, compression=compression, use_chunking=chunked)
        writer.start(profile="ros2", library="test")
        channels = {}
        for topic, kind in KIND.items():
            schema = writer.register_schema(kind, "ros2msg", b"uint8[] data")
            channels[topic] = writer.register_channel(topic, "cdr", schema)
        writer.register_channel("/json", "json", 0)
        for topic, time, data in SENT:
            writer.add_message(channels[topic], time, data, time)
        writer.finish()


def read(path: Path) -> dict[str, list[tuple[int, bytes]]]:
    file = McapFile(path, path.name)
    assert all(KIND[topic] == kind for topic, kind in file.topics)
    return {topic: [(one.time_ns, one.data) for one in file.messages(topic)] for topic, _ in file.topics}


def sent(topic: str) -> list[tuple[int, bytes]]:
    return [(time, data) for one, time, data in SENT if one == topic]


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("compression", list(CompressionType))
def test_whole_files(tmp_path, compression, chunked):
    write(tmp_path / "x.mcap", compression, chunked=chunked)
    assert read(tmp_path / "x.mcap") == {topic: sent(topic) for topic in KIND}
    file = McapFile(tmp_path / "x.mcap", "x")
    assert file.topics == {(topic, kind): len(sent(topic)) for topic, kind in KIND.items()}


def test_files_cut_anywhere_give_their_beginning(tmp_path):
    write(tmp_path / "x.mcap")
    whole = (tmp_path / "x.mcap").read_bytes()
    last = -1
    for size in range(len(MAGIC), len(whole), 37):
        (tmp_path / "cut.mcap").write_bytes(whole[:size])
        found = read(tmp_path / "cut.mcap")
        for topic, messages in found.items():
            assert messages == sent(topic)[: len(messages)]
        count = sum(map(len, found.values()))
        assert count >= last
        last = count
    assert last == len(SENT)
    (tmp_path / "cut.mcap").write_bytes(whole[:5])
    with pytest.raises(SourceError, match="no MCAP file"):
        read(tmp_path / "cut.mcap")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damage_is_told_and_nothing_else_happens(tmp_path, changes):
    path = tmp_path / "x.mcap"
    if not path.exists():
        write(path)
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[len(MAGIC) + int(place * (len(data) - len(MAGIC) - 1))] = value
    (tmp_path / "y.mcap").write_bytes(data)
    try:
        read_anything(tmp_path / "y.mcap")
    except SourceError as error:
        told = str(error)
        assert told.startswith("y.mcap is damaged: ")


def read_anything(path: Path) -> None:
    file = McapFile(path, path.name)
    for topic, _ in file.topics:
        for _ in file.messages(topic):
            pass


def chunk(size: int, method: str, data: bytes) -> bytes:
    body = struct.pack("<QQQI", 0, 0, size, 0) + struct.pack("<I", len(method)) + method.encode()
    body += struct.pack("<Q", len(data)) + data
    return MAGIC + struct.pack("<BQ", 0x06, len(body)) + body


@pytest.mark.parametrize("claimed", [1000, 1 << 40])
def test_a_chunk_that_would_fill_the_memory_is_refused(tmp_path, claimed):
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 29))  # half a gigabyte in a few kilobytes
    (tmp_path / "bomb.mcap").write_bytes(chunk(claimed, "zstd", bomb))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceError, match=r"bomb\.mcap is damaged: a (chunk|record)"):
        read(tmp_path / "bomb.mcap")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10  # kilobytes


def test_other_packings_are_named(tmp_path):
    (tmp_path / "x.mcap").write_bytes(chunk(4, "brotli", b"1234"))
    with pytest.raises(SourceError, match="packed by 'brotli'; zstd and lz4 are read"):
        read(tmp_path / "x.mcap")
