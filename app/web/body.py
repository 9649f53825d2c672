"""The size of what comes in: refused as soon as it is known to be too much, before it is read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.problems import TooLargeBody


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
