"""Addresses are shown without what logs somebody in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect._redact import address_digest, redact


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://host/m.onnx", "https://host/m.onnx"),
        ("https://host:8443/a/b", "https://host:8443/a/b"),
        ("https://me:pw@host/m", "https://***@host/m"),
        ("https://token@host/m", "https://***@host/m"),
        ("https://:pw@host/m", "https://***@host/m"),
        ("https://me:p@w@host/m", "https://***@host/m"),
        ("https://me:p/w@host/m", "https://***@host/m"),
        ("https://me:p@a:b/w@host/m", "https://***@host/m"),
        ("https://host/m?token=pw", "https://host/m?***"),
        ("https://host/m#pw", "https://host/m?***"),
        ("https://host/m?", "https://host/m"),
        ("https://unpkg.com/pkg@1.0/m.onnx", "https://unpkg.com/pkg@1.0/m.onnx"),
        ("https://[::1]:80/m.onnx", "https://[::1]:80/m.onnx"),
        ("https://me:p?w@host/m?a", "https://***@host/m?***"),
        ("https://me:p#w@host/m", "https://***@host/m"),
        ("https://me:12/3@host/m", "https://***@host/m"),
        ("https://m/e:pw@host/m", "https://***@host/m"),
        ("https://me:pw@host/m?mail=a@b", "https://***@host/m?***"),
        ("rtsp://admin:pw@10.0.0.2:554/stream?user=a", "rtsp://***@10.0.0.2:554/stream?***"),
        ("me:pw@host/m", "***@host/m"),
        ("model.onnx", "model.onnx"),
        ("what? a name#1", "what? a name#1"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_shown(address: str, shown: str) -> None:
    assert redact(address) == shown


TEXT = st.text(st.characters(codec="utf-8"), min_size=6, max_size=12).map(lambda t: f"S{t}S")


@given(user=TEXT.filter(lambda t: not set(t) & set("?#")), password=TEXT)
def test_no_password_is_shown(user: str, password: str) -> None:
    shown = redact(f"https://{user}:{password}@host/path")
    # An "@" (or a "/" of the user) and then "?" or "#" reads as a host and its query: the real host is hidden as well.
    ambiguous = set(password if "/" in user else password.partition("@")[2]) & set("?#")
    assert password not in shown and (shown.endswith("host/path") or ambiguous)


def test_what_tells_addresses_apart() -> None:
    one = address_digest("https://host/m?id=1&token=a")
    assert one == address_digest("https://me:pw@HOST/m?id=1&token=b")
    others = ["https://host/m?id=2&token=a", "https://host/n?id=1", "https://other/m?id=1", "http://host/m?id=1"]
    assert len({one, *map(address_digest, others)}) == 5
