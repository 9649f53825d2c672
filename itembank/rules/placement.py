"""Rules about what an item measures, and when it serves."""

from collections.abc import Iterator

from framework.model import UnknownNode
from itembank.model import Item
from itembank.problem import shown
from itembank.rules.rule import Context, Finding, Rule

MAX_YEARS = 3


def _competence(item: Item, context: Context) -> Iterator[Finding]:
    if item.competence not in {competence.id for competence in context.framework.competences}:
        facts = {"value": shown(item.competence), "framework": context.framework.name}
        yield Finding("unknown-competence", "competence", facts)


def _capacity(item: Item, context: Context) -> Iterator[Finding]:
    try:
        home = context.framework.competence_of(item.capacity).id
    except UnknownNode:
        yield Finding("unknown-capacity", "capacity", _alternatives(item, context))
        return
    if home != item.competence:
        facts = {"value": item.capacity, "home": home, "competence": shown(item.competence)}
        yield Finding("capacity-elsewhere", "capacity", facts)


def _alternatives(item: Item, context: Context) -> dict[str, str]:
    """The capacities of the competence named, or of the whole framework when there is no such competence."""
    nodes = context.framework.capacities
    own = [node.id for node in nodes if context.framework.competence_of(node.id).id == item.competence]
    allowed = own or [f"{nodes[0].id} … {nodes[-1].id}"]
    return {
        "value": shown(item.capacity),
        "framework": context.framework.name,
        "allowed": ", ".join(allowed),
    }


def _level(item: Item, context: Context) -> Iterator[Finding]:
    levels = context.framework.levels
    if item.level not in levels:
        yield Finding("level-range", "level", {"value": item.level, "lowest": levels[0], "highest": levels[-1]})


def _review(item: Item, _: Context) -> Iterator[Finding]:
    facts = {"review_by": item.review_by.isoformat(), "valid_from": item.valid_from.isoformat()}
    if item.review_by < item.valid_from:
        yield Finding("review-before-start", "review_by", facts)
    start, end = item.valid_from, item.review_by
    if (end.year - MAX_YEARS, end.month, end.day) > (start.year, start.month, start.day):
        yield Finding("review-too-far", "review_by", {**facts, "years": MAX_YEARS})


def _expired(item: Item, context: Context) -> Iterator[Finding]:
    if item.review_by < context.today:
        yield Finding("expired", "review_by", {"review_by": item.review_by.isoformat()})


RULES = (
    Rule(_competence, needs=("competence",)),
    Rule(_capacity, needs=("capacity", "competence")),
    Rule(_level, needs=("level",)),
    Rule(_review, needs=("valid_from", "review_by")),
    Rule(_expired, needs=("review_by",)),
)
