"""Which hosts are this machine itself."""

from __future__ import annotations

import pytest

from edgeaffect._hosts import is_loopback


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.8.9.1", "::1"])
def test_these_lead_back(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.example", "127.0.0.1.example", "0.0.0.0", "192.168.0.1", "::", "[::1]", "127.1", "0x7f.1"]
)
def test_these_do_not_or_nobody_knows(host: str) -> None:
    assert not is_loopback(host)
