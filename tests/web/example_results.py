"""Believable results and their review, for the page examples."""

from dataclasses import replace
from typing import Any

from app.results.report import ResultPage, result_page
from app.web import views
from framework import load
from framework.model import Locale, LocalizedText
from tests.web.example_tasks import reviewed
from tests.web.example_texts import NOW, SHORT, SINGLE, SINGLE_OPTIONS, STARTED, TITLE


def domain(  # noqa: PLR0917 - a line of a table reads best as one
    name: str, theta: float, se: float, level: int, probability: float, levels: tuple[int, int], own: tuple[float, int]
) -> dict[str, Any]:
    framework = load()
    band = framework.band_of(level)
    return {
        "domain": name,
        "theta": theta,
        "se": se,
        "interval": [theta - 1.96 * se, theta + 1.96 * se],
        "level": level,
        "level_probability": probability,
        "level_interval": list(levels),
        "band": band.id,
        "band_probability": min(0.99, probability + 0.3),
        "level_probabilities": [1 / 8] * 8,
        "own_share": own[0],
        "own_answers": own[1],
        "withheld": None,
    }


def withheld(name: str, *, answers: int = 1) -> dict[str, Any]:
    entry = domain(name, 0.1, 0.8, 5, 0.2, (1, 8), (0.2, answers))
    gone = dict.fromkeys(
        ("level", "level_probability", "level_interval", "band", "band_probability", "level_probabilities")
    )
    return {**entry, **gone, "withheld": "too_few_answers"}


CONTRAST = (
    domain("SN1", 0.35, 0.38, 5, 0.46, (4, 6), (0.71, 6)),
    domain("SN2", 1.42, 0.36, 6, 0.52, (5, 8), (0.78, 6)),
    domain("SN3", 0.12, 0.41, 5, 0.41, (3, 6), (0.55, 4)),
    domain("SN4", -0.44, 0.37, 4, 0.49, (2, 5), (0.69, 5)),
    domain("SN5", -1.31, 0.43, 3, 0.47, (1, 4), (0.36, 3)),
)


def document(*domains: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return a result document (schema toise-result/1)."""
    return {
        "schema": "toise-result/1",
        "session": "6f0f2a1e-9a55-4c52-8a37-1d1d2f6c1f10",
        "campaign": {"id": "c", "code": "SN7K2P", "title": {"fr": TITLE.fr, "en": TITLE.en}},
        "participant": {"id": "p", "label": "Camille Roche"},
        "simulated": False,
        "provisional": True,
        "started_at": STARTED.isoformat(),
        "finished_at": NOW.isoformat(),
        "stop_reason": "precision",
        "answers": 24,
        "skipped": 2,
        "versions": {
            "framework": "fr-socle-numerique-sante@2026.1",
            "bank": "socle-sante@1",
            "policy": "",
            "engine": "1",
        },
        "overall": {"theta": 0.05, "se": 0.3, "interval": [-0.54, 0.64]},
        "domains": list(domains or CONTRAST),
        "focus": [
            {"capacity": "SN5.1.b", "reason": "missed"},
            {"capacity": "SN5.2.c", "reason": "untried"},
            {"capacity": "SN4.3.a", "reason": "missed"},
        ],
        **changed,
    }


def result(locale: Locale, *domains: dict[str, Any], **changed: Any) -> ResultPage:
    return result_page(document(*domains, **changed), load(), locale, review_href="/result/review")


def review(locale: Locale) -> views.ReviewPage:
    why = (
        LocalizedText(
            "Ouvrir le lien suffit parfois à installer un logiciel malveillant.",
            "Opening the link is sometimes enough to install malware.",
        ),
        LocalizedText(
            "On vérifie par un canal que l'on connaît déjà, sans rien ouvrir.",
            "You check through a channel you already know, without opening anything.",
        ),
    )
    options = tuple(
        views.ReviewedOption(text.get(locale), chosen=k == 0, correct=k == 1, why=why[min(k, 1)].get(locale))
        for k, text in enumerate(SINGLE_OPTIONS)
    )
    explanation = LocalizedText(
        "Un message d'hameçonnage joue sur l'urgence. Le bon réflexe : vérifier par un autre canal, puis signaler.",
        "Phishing plays on urgency. The right reflex is to check through another channel and to report it.",
    )
    first = views.ReviewedQuestion(
        step=1,
        type="single_choice",
        domain=load().domain("SN2").label.get(locale),
        stem=SINGLE.get(locale),
        outcome="wrong",
        explanation=explanation.get(locale),
        options=options,
        sources=(views.Link("CERT Santé", "https://cyberveille.esante.gouv.fr/"),),
    )
    second = views.ReviewedQuestion(
        step=2,
        type="short_text",
        domain=first.domain,
        stem=SHORT.get(locale),
        outcome="right",
        explanation=explanation.get(locale),
        given="hameçonage" if locale == "fr" else "phishing",
        accepted=("hameçonnage", "phishing") if locale == "fr" else ("phishing",),
        sources=first.sources,
    )
    others = (
        replace(first, **{"options": (), "step": step, "outcome": "partly", **asked})
        for step, asked in enumerate(reviewed(locale), 3)
    )
    return views.ReviewPage(title=TITLE.get(locale), questions=(first, second, *others))
