"""A campaign: who is tested, on which bank version, by which rules, from when to when."""

import datetime as dt
import secrets
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from app.errors import Conflict, Invalid, NotFound, msgid
from framework.model import Locale

Identification = Literal["none", "name", "number"]
IDENTIFICATIONS: Final[tuple[Identification, ...]] = get_args(Identification)

CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L, which people take for one another."""
CODE_LENGTH: Final = 6
LONGEST_TITLE: Final = 200
LONGEST_RETENTION: Final = 3650
DEFAULT_RETENTION: Final = 365

_LOOKALIKES: Final = str.maketrans("0O", "QQ")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. ``closes_at`` is None while no end is set; both moments are the server's clock."""

    id: uuid.UUID
    institution_id: uuid.UUID
    code: str
    title: Mapping[Locale, str]
    framework_version_id: uuid.UUID
    bank_version_id: uuid.UUID
    policy_version_id: uuid.UUID
    identification: Identification
    retention_days: int
    opens_at: dt.datetime
    closes_at: dt.datetime | None
    simulated: bool
    created_at: dt.datetime

    def state(self, now: dt.datetime) -> Literal["open", "not_yet", "closed"]:
        if self.closes_at is not None and now >= self.closes_at:
            return "closed"
        return "not_yet" if now < self.opens_at else "open"

    def refuse_unless_open(self, now: dt.datetime, *, also_closed: bool = False) -> None:
        """Raise ``CampaignNotOpenYet``, or ``CampaignClosed`` unless ``also_closed``."""
        state = self.state(now)
        if state == "not_yet":
            raise CampaignNotOpenYet(campaign=self.code, opens_at=self.opens_at)
        if state == "closed" and not also_closed:
            raise CampaignClosed(campaign=self.code, closes_at=self.closes_at)


@dataclass(frozen=True, slots=True)
class Overview:
    """A campaign and how many people began, are on their way, and have finished."""

    campaign: Campaign
    participants: int
    running: int
    finished: int


class UnknownCode(NotFound):
    code = "unknown-code"
    message = msgid("Ce code n’est pas connu. Vérifiez-le auprès de la personne qui vous l’a donné.")


class UnknownCampaign(NotFound):
    code = "unknown-campaign"
    message = msgid("Aucun parcours n’a l’identifiant ou le code « %(campaign)s ».")
    shown = ("campaign",)


class CampaignNotOpenYet(Conflict):
    code = "campaign-not-open-yet"
    message = msgid("Ce parcours n’est pas encore ouvert. Revenez à la date indiquée.")
    shown = ("opens_at",)


class CampaignClosed(Conflict):
    code = "campaign-closed"
    message = msgid("Ce parcours est fermé. Si vous deviez le passer, parlez-en à votre formation.")
    shown = ("closes_at",)


class BadCampaign(Invalid):
    """A value of the campaign itself. ``field`` names it."""

    code = "bad-campaign"
    message = msgid("Ce parcours ne peut pas être créé : %(field)s, %(cause)s.")
    shown = ("field",)


class UnknownNode(Invalid):
    """The policy speaks of a domain or competence that the framework does not have."""

    code = "unknown-node"
    message = msgid(
        "Règle %(field)s : « %(node)s » n’est ni un domaine ni une compétence du référentiel %(framework)s."
    )
    shown = ("field", "node")


class UnknownLevel(Invalid):
    """The policy decides on a level that the framework does not have."""

    code = "unknown-level"
    message = msgid("Règle cut_levels : %(level)s n’est pas un niveau de 2 à %(highest)s du référentiel %(framework)s.")
    shown = ("level",)


class MissingLoading(Invalid):
    code = "missing-loading"
    message = msgid("Règle loading : il manque le domaine %(node)s ; donnez un nombre pour chaque domaine, ou un seul.")
    shown = ("node",)


class InfeasibleBlueprint(Invalid):
    """No test can keep the rules. ``rule`` names the domain, competence or length that cannot be kept."""

    code = "infeasible-blueprint"
    message = msgid(
        "Les règles du test ne peuvent pas être tenues le %(day)s : %(rule)s demande au moins %(needed)s question(s), "
        "et la banque, avec les autres règles, en permet %(possible)s."
    )
    shown = ("rule", "needed", "possible", "day")


class ExposureCapTooLow(Invalid):
    """Even spread evenly, the questions would be seen more often than the cap allows."""

    code = "exposure-cap-too-low"
    message = msgid(
        "Règle exposure_cap : %(cap)s ne peut pas être tenu. %(rule)s demande jusqu’à %(needed)s question(s) parmi "
        "%(size)s : il faut au moins %(least)s."
    )
    shown = ("rule", "cap", "least")


def new_code() -> str:
    """Return a random campaign code: 31^6, some 890 million."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def normal_code(typed: str) -> str:
    """Return what a person typed as codes are written.

    Case, spaces, hyphens and full-width letters do not matter; no code holds 0 or O, and both stand for the
    letter that looks most like them, Q. A text that cannot be a code gives the empty one.
    """
    text = unicodedata.normalize("NFKC", typed[:100]).upper()
    code = "".join(character for character in text if not _between(character)).translate(_LOOKALIKES)
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else ""


def _between(character: str) -> bool:
    """Whether a character only separates: spaces, dashes, dots, and what copying leaves invisible."""
    return character in "._·" or unicodedata.category(character) in {"Zs", "Zl", "Zp", "Pd", "Cf", "Cc"}


def campaign_key(code: str) -> str:
    """Return the directory key of a campaign."""
    return f"campaign:{code}"


def checked_title(title: Mapping[Locale, str]) -> Mapping[Locale, str]:
    """Return the title, tidied, in every language. Raise ``BadCampaign``."""
    tidy: dict[Locale, str] = {}
    for locale in ("fr", "en"):
        text = " ".join(title.get(locale, "").split())
        if not 0 < len(text) <= LONGEST_TITLE or not text.isprintable():
            raise BadCampaign(field=f"title.{locale}", cause=f"1 à {LONGEST_TITLE} caractères imprimables")
        tidy[locale] = text
    return tidy


def refuse_bad_terms(
    *,
    identification: str,
    retention_days: int,
    opens_at: dt.datetime,
    closes_at: dt.datetime | None,
    code: str | None,
) -> None:
    """Raise ``BadCampaign`` naming the first value that cannot be used."""
    if identification not in IDENTIFICATIONS:
        raise BadCampaign(field="identification", cause=f"« {identification} » n’est pas {', '.join(IDENTIFICATIONS)}")
    if code is not None and normal_code(code) != code:
        raise BadCampaign(field="code", cause=f"{CODE_LENGTH} caractères parmi {CODE_ALPHABET}")
    if not 1 <= retention_days <= LONGEST_RETENTION:
        raise BadCampaign(field="retention_days", cause=f"un nombre de jours de 1 à {LONGEST_RETENTION}")
    for field, moment in (("opens_at", opens_at), ("closes_at", closes_at)):
        if moment is not None and moment.tzinfo is None:
            raise BadCampaign(field=field, cause="le fuseau horaire manque")
    if closes_at is not None and closes_at <= opens_at:
        raise BadCampaign(field="closes_at", cause="la fermeture doit suivre l’ouverture")
