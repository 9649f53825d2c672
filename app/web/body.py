"""The size of what comes in: refused as soon as it is known to be too much, before it is read."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOO_LARGE = 413


class TooLargeBody(HTTPException):
    """Raised while a body is read; FastAPI lets only its own kind of error through there."""

    def __init__(self, limit: int) -> None:
        super().__init__(TOO_LARGE)
        self.limit = limit


class BodyLimit:
    """Counts a request's body while the application reads it, and looks at the announced length first."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read = 0
        announced = _announced(scope)

        async def counted() -> Message:
            nonlocal read
            if announced > self.limit:
                raise TooLargeBody(self.limit)
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                raise TooLargeBody(self.limit)
            return message

        await self.app(scope, counted, send)


def _announced(scope: Scope) -> int:
    """Bytes that Content-Length announces, 0 where it says nothing usable: the body is counted anyway."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(length) if length.isdigit() else 0
