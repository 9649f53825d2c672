"""Every page with believable data, in both languages: what the gallery draws and the page tests read."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from app.engine.stopping import StopReason
from app.web import views
from app.web.i18n import translate
from framework import load
from framework.model import Locale
from tests.web.example_results import CONTRAST, domain, result, review, withheld
from tests.web.example_tasks import tasks
from tests.web.example_texts import (
    CONTACT,
    FACULTY,
    NOW,
    SEVERAL,
    SEVERAL_OPTIONS,
    SHORT,
    SINGLE,
    SINGLE_OPTIONS,
    STARTED,
    TITLE,
)


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
    yield Example("campaign-running", "campaign.html", replace(campaign(locale), running=True))
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
        review_allowed=True,
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
        question(locale, type="multiple_choice", stem=SEVERAL.get(locale), choices=several, seconds_left=1394),
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
    yield Example("question-empty", "question.html", question(locale, fault="empty", received_at=None), 422)
    for name, asked, status in tasks(locale):
        yield Example(f"question-{name}", "question.html", question(locale, **asked), status)
    yield Example(
        "finished",
        "finished.html",
        views.FinishedPage(title=TITLE.get(locale), answered=23, stop_reason=StopReason.PRECISION, received_at=NOW),
    )


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
