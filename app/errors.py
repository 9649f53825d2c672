"""What can go wrong, as kinds: the meaning lives here, the HTTP status in ``app.web.problems``.

::

    AppError
    ├── NotFound            what was asked for is not there (or may not be seen)
    ├── Forbidden           the caller may not do this
    │   └── Unauthenticated     … because nobody knows yet who calls
    ├── Conflict            the act contradicts what is already so
    ├── Invalid             the request cannot be understood or accepted
    │   ├── Malformed           its bytes cannot be read
    │   ├── TooLarge            it is bigger than the service takes
    │   └── WrongMediaType      it comes in a format the route does not read
    └── Unavailable         not now; the same request may succeed later
        └── TooMany             … because the caller tries too often

A feature's ``model.py`` subclasses a kind for each thing that happens (``class UnknownCode(NotFound)``)
with a stable ``code`` and a French ``message``.
"""

from typing import ClassVar


def msgid(text: str) -> str:
    """Mark a French sentence for the catalogues; it is translated where it is shown."""
    return text


class AppError(Exception):
    """A refusal with a meaning.

    ``message`` is a French msgid whose ``%(name)s`` placeholders are filled from ``facts`` at the edge.
    Facts named in ``shown`` also become members of the problem document; the others never leave.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    message: str
    shown: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotFound(AppError):
    code = "not-found"
    title = msgid("Introuvable")
    message = msgid("Cette page ou cette ressource n'existe pas.")


class Forbidden(AppError):
    code = "forbidden"
    title = msgid("Accès refusé")
    message = msgid("Vous n'avez pas accès à cette ressource.")


class Unauthenticated(Forbidden):
    code = "unauthenticated"
    title = msgid("Identification nécessaire")
    message = msgid("Identifiez-vous pour continuer.")
    challenge: ClassVar[str] = 'Bearer realm="toise"'


class Conflict(AppError):
    code = "conflict"
    title = msgid("Demande en conflit")
    message = msgid("Cette demande contredit l'état actuel des données ; rechargez puis recommencez.")


class Invalid(AppError):
    code = "invalid"
    title = msgid("Demande refusée")
    message = msgid("La demande contient une valeur qui ne peut pas être acceptée.")


class Malformed(Invalid):
    code = "malformed"
    title = msgid("Demande illisible")
    message = msgid("Le contenu de la demande ne peut pas être lu.")


class TooLarge(Invalid):
    code = "too-large"
    title = msgid("Demande trop volumineuse")
    message = msgid("La demande dépasse la taille acceptée (%(limit)s octets).")
    shown = ("limit",)


class WrongMediaType(Invalid):
    code = "wrong-media-type"
    title = msgid("Format non pris en charge")
    message = msgid("Cette adresse attend le format %(expected)s.")
    shown = ("expected",)


class Unavailable(AppError):
    """``retry_after`` (seconds) may be given as a fact."""

    code = "unavailable"
    title = msgid("Service momentanément indisponible")
    message = msgid("Le service ne peut pas répondre pour l'instant ; réessayez dans quelques secondes.")


class TooMany(Unavailable):
    code = "too-many"
    title = msgid("Trop de demandes")
    message = msgid("Trop d'essais en peu de temps ; réessayez dans %(retry_after)s secondes.")
