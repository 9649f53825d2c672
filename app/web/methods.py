"""What a request's method means before any route sees it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOUND = ("endpoint", "route", "path_params")
"""What routing writes into a request, for the layers outside."""


class HeadAsGet:
    """Answers HEAD as GET without the body (RFC 9110, section 9.3.2): monitors and link checkers ask that way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # a copy: the server outside must go on seeing HEAD, or it waits for the body that Content-Length announces
        asked = {**scope, "method": "GET"}
        try:
            await self.app(asked, receive, without_body)
        finally:
            scope.update({name: asked[name] for name in FOUND if name in asked})
