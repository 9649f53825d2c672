"""PRIORS.json: what is believed of item parameters before the answers are seen."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from app.engine.beliefs import Belief, Beliefs, Role
from app.errors import msgid
from app.psychometrics.files import open_text
from app.psychometrics.model import BadFile

KEYS: Final = {"mean", "sd", "estimated"}


def read_beliefs(path: Path) -> Beliefs:
    """Read ``{"slope": {"mean": 0, "sd": 0.5}, "guess": {"mean": -1.4, "sd": 0.5}}``.

    The scales are those of the calibration: logarithm of the slope, logits of difficulties, logit of the lower
    asymptote. A role that is not named has a flat prior; ``"estimated": true`` lets the answers move mean and sd.

    Raises
    ------
    BadFile
        If the file is not that, naming the role and what was expected.
    """
    with open_text(path) as stream:
        try:
            content = json.load(stream)
        except ValueError as error:
            raise BadFile(path.name, _expected(), said=str(error)) from error
    if not isinstance(content, dict):
        raise BadFile(path.name, _expected(), said=type(content).__name__)
    return {_role(path, name): _belief(path, name, given) for name, given in content.items()}


def _expected() -> str:
    return msgid('attendu : {"slope": {"mean": 0, "sd": 0.5}, "guess": {"mean": -1.4, "sd": 0.5}} (%(said)s)')


def _role(path: Path, name: str) -> Role:
    if name not in set(Role):
        cause = msgid("paramètre inconnu ; attendu : %(known)s")
        raise BadFile(path.name, cause, column=name, known=", ".join(Role))
    return Role(name)


def _belief(path: Path, name: str, given: Any) -> Belief:  # noqa: ANN401 - JSON
    if not isinstance(given, Mapping) or not {"mean", "sd"} <= given.keys() <= KEYS:
        raise BadFile(path.name, msgid('attendu : {"mean": …, "sd": …}, et "estimated" au besoin'), column=name)
    mean, sd, estimated = given["mean"], given["sd"], given.get("estimated", False)
    if not _number(mean) or not _number(sd) or not sd > 0 or not isinstance(estimated, bool):
        cause = msgid("mean est un nombre, sd un nombre positif, estimated true ou false ; reçu : %(got)s")
        raise BadFile(path.name, cause, column=name, got=json.dumps(dict(given)))
    return Belief(float(mean), float(sd), estimated=estimated)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
