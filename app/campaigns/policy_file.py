"""A policy written by hand as JSON: read, or refused with every field that is wrong."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from app.errors import Invalid, msgid
from app.sessions.policy import Policy

CAUSES: Final = {
    "missing": msgid("cette valeur manque"),
    "extra_forbidden": msgid("cette règle n’existe pas"),
    "int_type": msgid("un nombre entier est attendu"),
    "int_parsing": msgid("un nombre entier est attendu"),
    "int_from_float": msgid("un nombre entier est attendu"),
    "float_type": msgid("un nombre est attendu"),
    "float_parsing": msgid("un nombre est attendu"),
    "greater_than": msgid("la valeur doit dépasser %(gt)s"),
    "greater_than_equal": msgid("la valeur doit être au moins %(ge)s"),
    "less_than": msgid("la valeur doit être inférieure à %(lt)s"),
    "less_than_equal": msgid("la valeur doit être au plus %(le)s"),
    "literal_error": msgid("les valeurs possibles sont %(expected)s"),
    "model_type": msgid("un groupe de valeurs entre accolades est attendu"),
    "model_attributes_type": msgid("un groupe de valeurs entre accolades est attendu"),
    "value_error": msgid("at_least ne doit pas dépasser at_most"),
    "dict_type": msgid("un groupe de valeurs entre accolades est attendu"),
    "list_type": msgid("une liste entre crochets est attendue"),
}
"""What a person is told for each kind of fault that Pydantic finds."""

ALTERNATIVES: Final = ("constrained-", "dict[")


class BadPolicy(Invalid):
    """``faults``: (field, cause as a msgid, facts of the cause), one for each wrong value."""

    code = "bad-policy"
    message = msgid("Les règles du test ne peuvent pas être lues.")

    def __init__(self, faults: tuple[tuple[str, str, dict[str, Any]], ...]) -> None:
        super().__init__(faults=faults)
        self.faults = faults


def read_policy(path: Path | None) -> Policy:
    """Return the policy of a file, the default one without a file.

    Raise ``BadPolicy`` naming every field, OSError for a file that cannot be read.
    """
    if path is None:
        return Policy()
    content = path.read_bytes()
    try:
        return Policy.model_validate(json.loads(content, object_pairs_hook=_once))
    except _Twice as error:
        raise BadPolicy(((error.key, msgid("cette règle est écrite deux fois"), {}),)) from error
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno, "column": error.colno}
        raise BadPolicy((("", msgid("ligne %(line)s, colonne %(column)s : ce n’est pas du JSON"), facts),)) from error
    except UnicodeDecodeError as error:
        raise BadPolicy((("", msgid("le fichier n’est pas en UTF-8"), {}),)) from error
    except ValidationError as error:
        raise BadPolicy(tuple(_fault(dict(found)) for found in error.errors())) from error


class _Twice(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON keeps the last of two equal keys in silence; a rule must not be lost so."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def _fault(found: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """One fault; the names Pydantic gives to the alternatives of a union are no fields of the file."""
    field = ".".join(str(part) for part in found["loc"] if not str(part).startswith(ALTERNATIVES))
    facts = {**found.get("ctx", {}), "said": found["msg"]}
    return field, CAUSES.get(found["type"], "%(said)s"), facts
