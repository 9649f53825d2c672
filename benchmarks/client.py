"""A small HTTP client: keeps its connection, sends JSON, reads JSON; cheap enough not to be what is measured."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes

    def data(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, path: str, value: object, *, token: str | None = None) -> Reply:
        body = json.dumps(value).encode()
        sign = "" if token is None else f"Authorization: Bearer {token}\r\n"
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{sign}Content-Type: application/json\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return await self._reply()

    async def _reply(self) -> Reply:
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        name = head.lower().index(b"\r\ncontent-length:") + len(b"\r\ncontent-length:")
        length = int(head[name : head.index(b"\r\n", name)])
        return Reply(status, await self.reader.readexactly(length))


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()
