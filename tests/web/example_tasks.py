"""Questions to compute, order, match and fill, and a case, as their pages show them."""

from collections.abc import Iterator
from typing import Any

from app.web import views
from framework.model import Locale, LocalizedText

Texts = tuple[LocalizedText, ...]


def texts(*pairs: tuple[str, str]) -> Texts:
    return tuple(LocalizedText(*pair) for pair in pairs)


NUMERIC = LocalizedText(
    "La pompe doit passer 250 mL de soluté en 20 heures. Quel débit réglez-vous ?",
    "The pump must deliver 250 mL of fluid over 20 hours. Which rate do you set?",
)
ORDERING = LocalizedText(
    "Le dossier informatisé ne répond plus depuis dix minutes. Dans quel ordre agissez-vous ?",
    "The electronic record has not responded for ten minutes. In which order do you act?",
)
STEPS = texts(
    ("Ouvrir la procédure dégradée du service", "Open the ward's downtime procedure"),
    ("Prévenir l'équipe et le support informatique", "Warn the team and the IT desk"),
    ("Noter sur papier les soins et les prescriptions", "Write care and prescriptions on paper"),
    ("Ressaisir dans le dossier ce qui a été noté", "Enter into the record what was written down"),
)
MATCHING = LocalizedText("Quel moyen convient pour chaque envoi ?", "Which means suits each message?")
MESSAGES = texts(
    ("Un compte rendu d'hospitalisation au médecin traitant", "A discharge report to the general practitioner"),
    ("Un bilan sanguin à la personne soignée", "Blood test results to the patient"),
    ("L'horaire d'une réunion d'équipe", "The time of a team meeting"),
)
MEANS = texts(
    ("Mon espace santé", "Mon espace santé"),
    ("Courriel ordinaire", "Ordinary e-mail"),
    ("Messagerie sécurisée de santé", "Secure health mailbox"),
)
LONG_MEANS = texts(
    ("La messagerie de Mon espace santé, que la personne lit", "The Mon espace santé mailbox, which the patient reads"),
    ("Le courriel ordinaire du service, sans chiffrement", "The ward's ordinary e-mail, without encryption"),
    ("Une messagerie sécurisée de santé, entre professionnels", "A secure health mailbox, between professionals"),
)
FILL = LocalizedText("Complétez la consigne du service.", "Complete the ward's instruction.")
FILLED = LocalizedText(
    "Un compte rendu part par {0} et non par {1} ; un mot de passe ne se communique {2}.",
    "A report is sent by {0}, not by {1}; a password is shared with {2}.",
)
LABELS = texts(("canal d'envoi", "sending channel"), ("canal à éviter", "channel to avoid"), ("à qui", "with whom"))
CHANNELS = texts(("messagerie sécurisée", "secure mailbox"), ("courriel ordinaire", "e-mail"), ("SMS", "text message"))
TITLE = LocalizedText("Une nuit au service de médecine", "A night on the medical ward")
PASSAGE = LocalizedText(
    "Vous prenez votre poste à 21 h. Au cours de la nuit, une infirmière remarque que le dossier d'une personne a été "
    "ouvert plusieurs fois depuis un poste de la salle de pause. Le cadre vous transmet le message et la trace d'accès "
    "ci-dessous.",
    "You start work at 9 pm. During the night a nurse notices that a patient's record has been opened several times "
    "from a workstation in the break room. The manager sends you the message and the access log below.",
)
LINES = {
    "fr": (
        "De : cadre.medecine@hopital.example",
        "Objet : accès au dossier de la chambre 12",
        "",
        "Bonsoir, pouvez-vous regarder ces accès avant demain matin ?",
    ),
    "en": (
        "From: manager.medicine@hospital.example",
        "Subject: access to the record of room 12",
        "",
        "Good evening, could you look at these accesses before tomorrow morning?",
    ),
}
HEADER = texts(("Heure", "Time"), ("Compte", "Account"), ("Poste", "Workstation"), ("Partie ouverte", "Part opened"))
ROWS = (
    texts(("21 h 12", "9:12 pm"), ("m.durand", "m.durand"), ("MED-03", "MED-03"), ("Prescriptions", "Prescriptions")),
    texts(("23 h 47", "11:47 pm"), ("stagiaire2", "trainee2"), ("PAUSE-01", "BREAK-01"), ("Identité", "Identity")),
    texts(("0 h 05", "12:05 am"), ("stagiaire2", "trainee2"), ("PAUSE-01", "BREAK-01"), ("Comptes rendus", "Reports")),
)


def case(locale: Locale, *, again: bool = False) -> views.Case:
    return views.Case(
        TITLE.get(locale),
        (
            views.Block(text=PASSAGE.get(locale)),
            views.Block(title={"fr": "Courriel reçu", "en": "E-mail received"}[locale], lines=LINES[locale]),
            views.Block(
                title={"fr": "Accès au dossier, nuit du 14", "en": "Access to the record, night of the 14th"}[locale],
                header=tuple(cell.get(locale) for cell in HEADER),
                rows=tuple(tuple(cell.get(locale) for cell in row) for row in ROWS),
            ),
        ),
        again=again,
    )


def choices(options: Texts, locale: Locale, ids: str = "123456") -> tuple[views.Choice, ...]:
    return tuple(views.Choice(name, text.get(locale)) for name, text in zip(ids, options, strict=False))


def ordering(locale: Locale, values: str = "") -> dict[str, Any]:
    places = tuple(views.Choice(str(k), str(k)) for k in range(1, len(STEPS) + 1))
    shown = (STEPS[2], STEPS[0], STEPS[3], STEPS[1])
    fields = tuple(
        views.Field(f"part{k}", text.get(locale), places, values[k - 1 : k]) for k, text in enumerate(shown, 1)
    )
    return {"type": "ordering", "stem": ORDERING.get(locale), "choices": (), "fields": fields}


def matching(locale: Locale, means: Texts = MEANS, values: str = "") -> dict[str, Any]:
    options = choices(means, locale, "ABC")
    fields = tuple(
        views.Field(f"part{k}", text.get(locale), options, values[k - 1 : k]) for k, text in enumerate(MESSAGES, 1)
    )
    return {"type": "matching", "stem": MATCHING.get(locale), "choices": (), "fields": fields}


def gaps(locale: Locale, *, typed: bool, values: tuple[str, ...] = ("", "", "")) -> dict[str, Any]:
    options = () if typed else choices(CHANNELS, locale)
    fields = [
        views.Field(f"part{k}", label.get(locale), options, value)
        for k, (label, value) in enumerate(zip(LABELS, values, strict=True), 1)
    ]
    words = [word.partition("}")[2] or word for word in FILLED.get(locale).split("{")]
    pieces = [words[0], *(piece for pair in zip(fields, words[1:], strict=True) for piece in pair)]
    kind = "gap_text" if typed else "inline_choice"
    held = {"fields": tuple(fields), "pieces": tuple(pieces)}
    return {"type": kind, "stem": FILL.get(locale), "choices": (), **held}


def numeric(locale: Locale) -> dict[str, Any]:
    return {"type": "numeric", "stem": NUMERIC.get(locale), "choices": (), "unit": "mL/h"}


def tasks(locale: Locale) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Name of the example, what is asked, status of the page."""
    yield "numeric", numeric(locale), 200
    yield "numeric-words", {**numeric(locale), "text": "douze", "fault": "number"}, 422
    yield "ordering", ordering(locale), 200
    yield "ordering-twice", {**ordering(locale, "1223"), "fault": "places"}, 422
    yield "matching", matching(locale), 200
    yield "matching-long", {**matching(locale, LONG_MEANS), "reuse": True}, 200
    yield "matching-incomplete", {**matching(locale, values="C"), "fault": "incomplete"}, 422
    yield "inline", gaps(locale, typed=False), 200
    yield "gaps", gaps(locale, typed=True), 200
    yield "gaps-incomplete", {**gaps(locale, typed=True, values=("courriel", "", "")), "fault": "incomplete"}, 422
    yield "case", {"case": case(locale)}, 200
    yield "case-again", {**matching(locale), "case": case(locale, again=True)}, 200


def reviewed(locale: Locale) -> tuple[dict[str, Any], ...]:
    """Questions of every type with their keys."""
    why = {"fr": "La consigne du service le dit ainsi.", "en": "The ward's instruction says so."}[locale]
    part = views.ReviewedPart
    order = tuple(
        part(text.get(locale), given, str(k), given == str(k), why)
        for k, (text, given) in enumerate(zip(STEPS, ("1", "3", "2", "4"), strict=True), 1)
    )
    means = [text.get(locale) for text in MEANS]
    match = tuple(
        part(text.get(locale), given, right, given == right, why, None)
        for text, given, right in zip(MESSAGES, (means[2], means[1], None), (means[2], means[0], means[1]), strict=True)
    )
    channels = [text.get(locale) for text in CHANNELS]
    filled = tuple(
        part(label.get(locale), given, right, given == right, why, None if given == right else why)
        for label, given, right in zip(LABELS, (channels[0], channels[2], None), channels, strict=True)
    )
    return (
        {"type": "numeric", "stem": NUMERIC.get(locale), "given": "125", "accepted": ("12,5 ± 0,05 mL/h",)},
        {"type": "ordering", "stem": ORDERING.get(locale), "parts": order, "case": case(locale)},
        {"type": "matching", "stem": MATCHING.get(locale), "parts": match},
        {
            "type": "inline_choice",
            "stem": FILL.get(locale),
            "parts": filled,
            "filled": FILLED.get(locale).format(*(f"[{channel}]" for channel in channels)),
        },
    )
