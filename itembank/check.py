"""Check items, whatever file they came from: every problem, and which items are fit to be asked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from framework.model import Framework
from itembank.model import Item
from itembank.problem import Problem, ordered, problem, shown
from itembank.reading import Draft, Place, Reading
from itembank.rules import options, parameters, parts, placement, texts, typed, vignette
from itembank.rules.bank import lone_enemies, longest_keys, repeated_ids
from itembank.rules.rule import Context, Finding, Rule
from itembank.rules.vignette import cases

RULES: tuple[Rule, ...] = (
    *texts.RULES,
    *placement.RULES,
    *options.RULES,
    *typed.RULES,
    *parts.RULES,
    *vignette.RULES,
    *parameters.RULES,
)

# Faults of writing that leave the value beside them as it was meant.
_VALUE_KEPT = frozenset(
    {"duplicate-key", "forbidden-character", "misplaced-key", "misspelt-key", "unknown-key", "yaml-anchor", "yaml-tag"}
)
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. ``accepted``: items without an error; ``refused``: the other drafts, nothing lost."""

    accepted: tuple[Item, ...]
    refused: tuple[Draft, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(found for found in self.problems if found.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(found for found in self.problems if found.severity == "warning")


def check_items(items: Sequence[Item], framework: Framework, *, today: date | None = None) -> tuple[Problem, ...]:
    """Return every problem of items that came from no file; ``today`` is the server's day (UTC) unless given."""
    drafts = tuple(Draft(item, Place(None, {}), ()) for item in items)
    return check(Reading(drafts, (), "", framework.id, framework.version), framework, today=today).problems


def check(reading: Reading, framework: Framework, *, today: date | None = None) -> Report:
    """Check what a reader read: the files, each item, and the items together."""
    context = Context(framework, today or datetime.now(UTC).date())
    drafts = [_add(draft, _findings(draft, context)) for draft in reading.drafts]
    for index, finding in _findings_together(drafts):
        drafts[index] = _add(drafts[index], [finding])
    accepted = tuple(draft.item for draft in drafts if not _has_error(draft))
    whole = [problem(found.code, facts=found.facts) for found in longest_keys(accepted)]
    problems = (found for draft in drafts for found in draft.problems)
    return Report(
        accepted=accepted,
        refused=tuple(draft for draft in drafts if _has_error(draft)),
        problems=ordered([*reading.of_files, *_other_framework(reading, framework), *problems, *whole]),
    )


def _findings(draft: Draft, context: Context) -> Iterator[Finding]:
    """What the rules say of the parts that could be read."""
    if any(found.code == "more-problems" for found in draft.problems):
        return
    lost = [found.where for found in draft.problems if found.code not in _VALUE_KEPT]
    lost_anywhere = {_INDEX.sub("[]", where) for where in lost}
    for rule in RULES:
        if any(_covers(one, part) or _covers(part, one) for one in lost_anywhere for part in rule.needs):
            continue
        for finding in rule.find(draft.item, context):
            if not any(_covers(one, finding.where) for one in lost):
                yield finding


def _covers(whole: str, part: str) -> bool:
    return whole in {"", part} or part.startswith((f"{whole}.", f"{whole}["))


def _findings_together(drafts: Sequence[Draft]) -> Iterator[tuple[int, Finding]]:
    items = [draft.item for draft in drafts]
    places = [_address(draft) for draft in drafts]
    yield from repeated_ids(items, places)
    yield from lone_enemies(items)
    yield from cases(items)


def _address(draft: Draft) -> str:
    line = (draft.place.of("id") or (None, None))[0]
    return ":".join(str(part) for part in (draft.place.file, line) if part is not None) or draft.item.id


def _add(draft: Draft, findings: Iterable[Finding]) -> Draft:
    place, item = draft.place, draft.item
    found = [
        problem(f.code, file=place.file, at=place.of(f.where), item=_owner(item, f), where=f.where, facts=f.facts)
        for f in findings
    ]
    return replace(draft, problems=(*draft.problems, *found))


def _owner(item: Item, finding: Finding) -> str:
    """What is wrong with a case is told once, of the case, and refuses each of its questions."""
    of_case = item.vignette is not None and finding.where.startswith("vignette")
    return item.vignette.id if of_case and item.vignette else item.id


def _has_error(draft: Draft) -> bool:
    return any(found.severity == "error" for found in draft.problems)


def _other_framework(reading: Reading, framework: Framework) -> Iterator[Problem]:
    announced = f"{reading.framework_id}@{reading.framework_version}"
    if reading.framework_id and announced != framework.name:
        facts = {"value": shown(announced), "expected": framework.name}
        files = [draft.place.file for draft in reading.drafts]
        yield problem("other-framework", file=files[0] if files else None, facts=facts)
