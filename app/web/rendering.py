"""Pages from templates: one environment per language, every static address stamped with its content."""

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.web import charts, i18n
from app.web.typography import typeset
from framework.model import Locale

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
STATIC_PATH = "/static"


@cache
def environment(locale: Locale) -> Environment:
    """Return the environment of one language: autoescape, strict names, gettext with named fields."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(i18n.words(locale), newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "time": _time,
        "date": _date,
        "moment": _moment,
        "percent": _percent,
        "number": _number,
        "typeset": _typeset,
        "sentence_name": within_sentence,
    }
    made.globals |= {
        "asset": asset,
        "logo": charts.logo,
        "tall_rule": charts.tall_rule,
        "progress_rule": charts.progress_rule,
        "standing_rods": charts.standing_rods,
        "lying_rods": charts.lying_rods,
        "chart_words": charts.ChartWords,
        "locale": locale,
    }
    return made


def render(
    template: str, view: object, locale: Locale, request: Request | None = None, *, status: int = 200
) -> HTMLResponse:
    """Return one page as a response; ``request`` tells the language form where to come back to."""
    path = request.url.path if request is not None and request.method == "GET" else "/"
    html = environment(locale).get_template(template).render(page=view, path=path)
    return HTMLResponse(html, status, headers={"Content-Language": locale})


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so it may be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"{STATIC_PATH}/{name}?v={digest[:12]}"


def within_sentence(name: str) -> str:
    """Return a name as it reads inside a sentence: « La télésanté » becomes « la télésanté », « INS » stays."""
    return name[:1].lower() + name[1:] if name[1:2].islower() or name[1:2] in " '’" else name


@pass_context
def _time(context: Context, moment: dt.datetime) -> str:
    return i18n.clock_time(moment, locale=context["locale"], timezone=context["page"].timezone)


@pass_context
def _date(context: Context, moment: dt.datetime | dt.date) -> str:
    return i18n.calendar_date(moment, locale=context["locale"], timezone=context["page"].timezone)


@pass_context
def _moment(context: Context, when: dt.datetime) -> str:
    return i18n.moment(when, locale=context["locale"], timezone=context["page"].timezone)


@pass_context
def _percent(context: Context, share: float) -> str:
    return i18n.whole_percent(share, locale=context["locale"])


@pass_context
def _number(context: Context, number: float) -> str:
    return i18n.plain_number(number, locale=context["locale"])


@pass_context
def _typeset(context: Context, text: str) -> str:
    return typeset(text, context["locale"])
