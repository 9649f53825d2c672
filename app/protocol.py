"""HTTP as the server speaks it, with a bound on what comes before the body."""

from http import HTTPStatus
from typing import Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD: Final = 65_536  # bytes of the request line and headers together; browsers stop far below


class BoundedHead(HttpToolsProtocol):
    """Refuses a request whose headers do not end: the parser would keep them all in memory."""

    head = 0
    in_body = False

    @override
    def data_received(self, data: bytes) -> None:
        self.head += len(data)
        super().data_received(data)
        if not self.in_body and self.head > LONGEST_HEAD and not self.transport.is_closing():
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self.transport.write(f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n\r\n".encode())
            self.transport.close()

    @override
    def on_headers_complete(self) -> None:
        self.head, self.in_body = 0, True
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self.head, self.in_body = 0, False
        super().on_message_complete()
