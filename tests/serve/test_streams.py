"""Streams end when their viewer has gone, whatever they are doing at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

pytest.importorskip("starlette")

from edgeaffect.serve.streams import Endless


@pytest.mark.parametrize("turns", range(12))
def test_a_stream_ends_when_its_client_goes_while_a_chunk_is_sent(turns):
    """Each number of turns of the event loop meets another step of a send; Python 3.11's `wait_for` forgets a
    cancellation that comes as a send ends."""
    closed = []

    async def chunks() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"chunk"
        finally:
            closed.append(True)

    async def receive() -> dict[str, Any]:
        for _ in range(turns):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        """To a client that is gone: uvicorn takes everything and says nothing."""

    asyncio.run(asyncio.wait_for(Endless(chunks(), "text/plain")({}, receive, send), 5))
    assert closed == [True]
