"""Every page with believable data, in both languages: what the gallery draws and the page tests read."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from app.engine.stopping import StopReason
from app.results.report import ResultPage, result_page
from app.web import views
from app.web.i18n import translate
from framework import load
from framework.model import Locale, LocalizedText

NOW = dt.datetime(2026, 11, 23, 13, 3, tzinfo=dt.UTC)
STARTED = dt.datetime(2026, 11, 23, 12, 38, tzinfo=dt.UTC)
TITLE = LocalizedText("Positionnement de rentrée, première année", "First-year placement test")
FACULTY = "Université de Bourg-la-Rivière"
CONTACT = "numerique-sante@univ-bourg.example"


class Example(NamedTuple):
    name: str
    template: str
    view: object
    status: int = 200


def examples(locale: Locale) -> tuple[Example, ...]:
    return (*_doors(locale), *_sitting(locale), *_after(locale), *_about(), *_team(locale))


def _doors(locale: Locale) -> Iterator[Example]:
    unknown = translate(locale, "Ce code n’est pas connu. Vérifiez-le auprès de la personne qui vous l’a donné.")
    yield Example("home", "home.html", views.HomePage(demo_code="DEMO"))
    yield Example("home-unknown", "home.html", views.HomePage(code="SN7K2Q", problem=unknown), 404)
    yield Example("campaign", "campaign.html", campaign(locale))
    yield Example("campaign-timed", "campaign.html", campaign(locale, timed=True))
    yield Example(
        "entered", "entered.html", views.EnteredPage(code="SN7K2P", title=TITLE.get(locale), resume_code="K7QF-2MXP")
    )
    yield Example("resume", "resume.html", views.ResumePage(code="SN7K2P"))


def campaign(locale: Locale, *, timed: bool = False) -> views.CampaignPage:
    return views.CampaignPage(
        code="SN7K2P",
        title=TITLE.get(locale),
        institution=FACULTY,
        max_questions=40,
        minutes=25,
        kept_days=365,
        identification="number" if timed else "name",
        time_limit_minutes=60 if timed else None,
        extra_time_percent=33 if timed else 0,
        review_allowed=True,
    )


SINGLE = LocalizedText(
    "Vous recevez, sur votre adresse professionnelle, un message qui semble venir du service informatique "
    "de l'hôpital : votre mot de passe expire ce soir, un lien permet de le renouveler. Que faites-vous d'abord ?",
    "A message in your work mailbox seems to come from the hospital's IT department: your password expires tonight and "
    "a link lets you renew it. What do you do first?",
)
SINGLE_OPTIONS = (
    LocalizedText(
        "Je clique sur le lien pour vérifier si la page ressemble à celle de l'hôpital.",
        "Click the link to see whether the page looks like the hospital's.",
    ),
    LocalizedText(
        "Je ne clique pas et j'appelle le service informatique par son numéro habituel.",
        "Leave the link alone and call the IT department on its usual number.",
    ),
    LocalizedText(
        "Je réponds au message pour demander s'il est authentique.",
        "Reply to the message to ask whether it is genuine.",
    ),
    LocalizedText(
        "Je le transfère à l'équipe pour que chacun renouvelle son mot de passe.",
        "Forward it to the team so that everyone renews their password.",
    ),
)
SEVERAL = LocalizedText(
    "Une patiente suivie en téléconsultation vous demande d'envoyer son bilan à son médecin traitant. "
    "Quels moyens conviennent ?",
    "A patient you follow by video asks you to send her test results to her general practitioner. "
    "Which means are suitable?",
)
SEVERAL_OPTIONS = (
    LocalizedText("Une messagerie sécurisée de santé", "A secure health mailbox (MSSanté)"),
    LocalizedText("Mon espace santé", "Mon espace santé, the patient's own record"),
    LocalizedText("Une messagerie instantanée grand public", "A consumer chat application"),
    LocalizedText("Le courriel personnel du médecin", "The doctor's private e-mail"),
)
SHORT = LocalizedText(
    "Quel mot désigne un message trompeur qui pousse à livrer un mot de passe ?",
    "Which word names a deceptive message that leads people to give away a password?",
)


def question(locale: Locale, **changed: Any) -> views.QuestionPage:
    known = {
        "title": TITLE.get(locale),
        "step": 12,
        "answered": 11,
        "type": "single_choice",
        "domain": load().domain("SN2").label.get(locale),
        "stem": SINGLE.get(locale),
        "choices": tuple(views.Choice(id="abcd"[k], text=text.get(locale)) for k, text in enumerate(SINGLE_OPTIONS)),
        "remaining": (8, 15),
        "received_at": NOW,
    }
    return views.QuestionPage(**{**known, **changed})


def _sitting(locale: Locale) -> Iterator[Example]:
    several = tuple(views.Choice("abcd"[k], text.get(locale), chosen=k < 2) for k, text in enumerate(SEVERAL_OPTIONS))
    first = {"step": 1, "answered": 0, "received_at": None, "remaining": (14, 39)}
    yield Example("question", "question.html", question(locale))
    yield Example("question-first", "question.html", question(locale, **first))
    yield Example(
        "question-several",
        "question.html",
        question(
            locale, type="multiple_choice", stem=SEVERAL.get(locale), choices=several, choose=2, seconds_left=1394
        ),
    )
    yield Example(
        "question-short",
        "question.html",
        question(locale, type="short_text", stem=SHORT.get(locale), choices=(), step=24, remaining=(1, 4)),
    )
    yield Example(
        "question-stale",
        "question.html",
        question(
            locale, notice=translate(locale, "Cette question a déjà reçu une réponse. Voici la question en cours.")
        ),
        409,
    )
    yield Example("question-empty", "question.html", question(locale, empty=True, received_at=None), 422)
    yield Example(
        "finished",
        "finished.html",
        views.FinishedPage(title=TITLE.get(locale), answered=23, stop_reason=StopReason.PRECISION, received_at=NOW),
    )


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


def _after(locale: Locale) -> Iterator[Example]:
    yield Example("result", "result.html", result(locale))
    unsure = (*CONTRAST[:2], withheld("SN3"), CONTRAST[3], withheld("SN5", answers=0))
    yield Example("result-withheld", "result.html", result(locale, *unsure, simulated=True))
    even = tuple(domain(f"SN{k}", 0.1 * k, 0.5, 5, 0.34, (3, 7), (0.5, 3)) for k in range(1, 6))
    yield Example("result-even", "result.html", result(locale, *even, focus=[], skipped=0))
    yield Example("review", "review.html", review(locale))
    yield Example("error", "error.html", error(locale), 503)
    yield Example(
        "error-not-found",
        "error.html",
        views.ErrorPage(
            status=404,
            title=translate(locale, "Introuvable"),
            problem=translate(locale, "Cette page ou cette ressource n'existe pas."),
        ),
        404,
    )


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
    return views.ReviewPage(title=TITLE.get(locale), questions=(first, second))


def error(locale: Locale) -> views.ErrorPage:
    return views.ErrorPage(
        status=503,
        title=translate(locale, "Service momentanément indisponible"),
        problem=translate(locale, "Le service ne peut pas répondre pour l'instant ; réessayez dans quelques secondes."),
        answered=14,
        action=views.Link(translate(locale, "Reprendre où vous en étiez"), "/test"),
        request_id="7f3c9a12",
    )


def _about() -> Iterator[Example]:
    yield Example("measure", "about/measure.html", views.AboutPage())
    yield Example("privacy", "about/privacy.html", views.AboutPage(institution=FACULTY, contact=CONTACT))
    yield Example("accessibility", "about/accessibility.html", views.AboutPage())


def _team(locale: Locale) -> Iterator[Example]:
    refused = translate(locale, "Adresse ou mot de passe incorrect.")
    yield Example(
        "sign-in", "team/sign_in.html", views.SignInPage(csrf_token="t", email="a@univ.example", problem=refused), 403
    )
    line = views.CampaignLine("c1", "SN7K2P", TITLE.get(locale), STARTED, None, 1_204, 987)
    demo = views.CampaignLine(
        "c2", "DEMO", "Démonstration", STARTED, NOW + dt.timedelta(days=90), 12, 12, simulated=True
    )
    known = {"csrf_token": "t", "institution": FACULTY, "person": "Alix Martin"}
    yield Example("team", "team/index.html", views.TeamIndexPage(campaigns=(line, demo), **known))
    yield Example("team-empty", "team/index.html", views.TeamIndexPage(campaigns=(), **known))
    people = tuple(_participant(k) for k in range(1, 13))
    yield Example(
        "team-campaign",
        "team/campaign.html",
        views.TeamCampaignPage(
            campaign=line,
            max_questions=40,
            bank="socle-sante@1",
            framework=load().title.get(locale),
            domains=tuple(d.label.get(locale) for d in load().domains),
            participants=people,
            total=1_204,
            table_href="/team/campaigns/c1/results.csv",
            next_href="/team/campaigns/c1?page=2",
            **known,
        ),
    )
    yield Example(
        "team-resume-code",
        "team/resume_code.html",
        views.ResumeCodePage(
            title=TITLE.get(locale),
            label="22200007",
            code="SN7K2P",
            resume_code="K7QF-2MXP",
            back_href="/team/campaigns/c1",
            **known,
        ),
    )


def _participant(k: int) -> views.ParticipantLine:
    cell = views.LevelCell
    levels = (cell(4, 3, 5), cell(6, 5, 7), cell(None, 2, 7), cell(5, 4, 6), cell(3, 2, 4))
    over = k % 4 > 0
    return views.ParticipantLine(
        label=f"2220{k:04d}",
        resume_href=f"/team/participants/p{k}/resume-code",
        started_at=STARTED + dt.timedelta(minutes=k),
        finished_at=NOW if over else None,
        answered=24 if over else 7,
        levels=levels if over else (),
    )
