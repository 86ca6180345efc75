"""Listening, and its end: who was accepted last has a handler by then, which closes the connection.

An asyncio server that is closed drops, without a word, the connections that it accepted and made no
transport for yet; their callers wait until something collects the garbage.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from gateways.simulator.settings import Address

_TURNS = 3  # to make the transport, to tell the handler, to begin its task


async def end(listener: asyncio.Server) -> None:
    """Accept nobody more, let the handlers meet those accepted, then close."""
    loop = asyncio.get_running_loop()
    for socket in listener.sockets:
        loop.remove_reader(socket)
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    listener.close()


@asynccontextmanager
async def at(address: Address, server: web.Server) -> AsyncIterator[Address]:
    """Listen while the block runs; yields where, for port 0 too. Raises `OSError` when taken."""
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(server, *address, reuse_address=True)
    try:
        host, port = listener.sockets[0].getsockname()[:2]
        yield host, port
    finally:
        await end(listener)
