"""What a command says when a file or a machine will not do."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.console import refuse, told
from app.psychometrics.calibrating import Hopeless
from app.psychometrics.execution import NoCluster
from app.psychometrics.model import BadFile


@contextmanager
def refusing() -> Iterator[None]:
    """Turn refusals into their sentences and exit code 1."""
    try:
        yield
    except Hopeless as error:
        refuse(*(_sentence(each) for each in error.troubles))
    except BadFile as error:
        refuse(_sentence(error))
    except NoCluster as error:
        refuse(error.message, facts=error.facts)


def _sentence(error: BadFile) -> str:
    return f"{told(error.place, error.facts)} {told(error.cause, error.facts)}"
