"""Logs: an event's name and its facts. Colours in a terminal, JSON elsewhere.

Never a name, an answer's text or a key. Messages of exceptions can quote all three (a constraint that a
name broke, a value that could not be read), so what is logged of an exception is its type and the lines
it passed through, plus the database's error code and constraint.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import TextIO

import structlog
from sqlalchemy.exc import DBAPIError
from structlog.typing import EventDict, Processor, WrappedLogger

from app.settings import Settings

LOUD = ("toise",)
"""Loggers heard from INFO on; libraries are heard from WARNING on."""


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log, ours and the libraries', to one stream in one form."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_facts(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_form(settings, target)],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.INFO)
    structlog.configure(
        processors=[*_facts(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def log() -> structlog.stdlib.BoundLogger:
    """The service's logger."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("toise")
    return logger


def _facts() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        without_messages,
    ]


def _form(settings: Settings, target: TextIO) -> list[Processor]:
    chosen = settings.log_format
    if chosen == "auto":
        chosen = "console" if target.isatty() else "json"
    if chosen == "console":
        return [structlog.dev.ConsoleRenderer(colors=target.isatty())]
    return [structlog.processors.JSONRenderer(ensure_ascii=False)]


def without_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by what may be kept of it."""
    exception = _exception(event.pop("exc_info", None))
    if exception is not None:
        event["error"] = [_name(cause) for cause in _causes(exception)]
        frames = traceback.extract_tb(exception.__traceback__)
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _exception(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        found = given[1]
        return found if isinstance(found, BaseException) else None
    return sys.exc_info()[1] if given else None


def _causes(exception: BaseException | None) -> Iterator[BaseException]:
    while exception is not None:
        yield exception
        exception = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)


def _name(exception: BaseException) -> str:
    name = f"{type(exception).__module__}.{type(exception).__qualname__}"
    if isinstance(exception, DBAPIError):
        diagnostics = getattr(exception.orig, "diag", None)
        known = (getattr(diagnostics, "sqlstate", None), getattr(diagnostics, "constraint_name", None))
        return " ".join([name, *(fact for fact in known if fact)])
    return name
