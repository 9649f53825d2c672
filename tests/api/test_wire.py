"""What only a real connection can do: bodies cut short or without end, headers without end."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from tests.browser.live import live

PATIENCE = 20.0
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
MEGABYTE = 1_000_000


@pytest.fixture
def address(make_app: Callable[..., FastAPI]) -> Iterator[tuple[str, int]]:
    with live(make_app()) as url:
        parts = urlsplit(url)
        yield str(parts.hostname), int(parts.port or 0)


@contextlib.contextmanager
def calling(address: tuple[str, int], *lines: str) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=PATIENCE) as line:
        line.sendall("\r\n".join([*lines, "Host: toise", "", ""]).encode("latin-1"))
        yield line


def heard(line: socket.socket) -> bytes:
    """Everything said until the other side hangs up or falls silent."""
    said = b""
    with contextlib.suppress(OSError):
        while part := line.recv(65536):
            said += part
            if b"\r\n\r\n" in said and (b"}" in said or b"</html>" in said):
                break
    return said


def pour(line: socket.socket, part: bytes, *, at_most: int) -> int:
    """Send until somebody stops us; return the bytes that went."""
    sent = 0
    line.settimeout(2)
    with contextlib.suppress(OSError):
        while sent < at_most:
            line.sendall(part)
            sent += len(part)
    line.settimeout(PATIENCE)
    return sent


def serves(address: tuple[str, int]) -> bool:
    with calling(address, "GET /healthz HTTP/1.1", "Connection: close") as line:
        return heard(line).startswith(b"HTTP/1.1 200")


POST = ("POST /api/v1/sessions HTTP/1.1", "Content-Type: application/json")


def test_a_body_announced_too_big_is_refused_before_it_is_sent(address: tuple[str, int]) -> None:
    with calling(address, *POST, f"Content-Length: {10 * MEGABYTE}") as line:
        said = heard(line)  # not one byte of the body has gone
    assert said.startswith(b"HTTP/1.1 413")
    assert b'"too-large"' in said


def test_a_body_in_chunks_is_refused_while_it_is_sent(address: tuple[str, int]) -> None:
    with calling(address, *POST, "Transfer-Encoding: chunked") as line:
        line.sendall(CHUNK * (2 * MEGABYTE // len(CHUNK)))
        assert heard(line).startswith(b"HTTP/1.1 413")  # the body has not ended
    assert serves(address)


def test_a_body_cut_short_disturbs_nobody(address: tuple[str, int]) -> None:
    for path in ("/api/v1/sessions", "/api/v1/token", "/enter"):
        kind = "application/json" if path == "/api/v1/sessions" else "application/x-www-form-urlencoded"
        with calling(address, f"POST {path} HTTP/1.1", f"Content-Type: {kind}", "Content-Length: 500") as line:
            line.sendall(b'{"code": "SN7')
    assert serves(address)


@pytest.mark.parametrize(
    "first",
    [
        "GET / HTTP/9.9",
        "GET /\x00 HTTP/1.1",
        "\x16\x03\x01\x02\x00",
        "GET",
        "BREW /pot HTTP/1.1",
        "GET /static/../../main.py HTTP/1.1",
        "GET //evil.example/%2e%2e HTTP/1.1",
        "GET /%zz%f HTTP/1.1",
        "GET http://[ HTTP/1.1",
    ],
)
def test_a_request_that_is_none_is_refused_and_the_next_one_served(address: tuple[str, int], first: str) -> None:
    with calling(address, first, "Connection: close") as line:
        said = heard(line)
    assert not said or said.startswith(b"HTTP/1.1 4"), said
    assert b"Traceback" not in said
    assert serves(address)


def test_headers_without_end_are_cut_off(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=PATIENCE) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: toise\r\n")
        sent = pour(line, b"X-Bomb: " + b"a" * 65_536 + b"\r\n", at_most=50 * MEGABYTE)
        said = heard(line) if sent < 50 * MEGABYTE else b""
    assert sent < 10 * MEGABYTE, f"{sent} bytes of headers were taken"
    assert not said or said.startswith(b"HTTP/1.1 4")
    assert serves(address)
