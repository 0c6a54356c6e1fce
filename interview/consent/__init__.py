"""What a candidate is told and asked before an interview, by language and version; which of it a plan needs.

The words lie in `texts/VERSION.yaml`. The version names the language. A change of words is a new file and a new line in
`_CURRENT`; old files stay, because consent that was given names them.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from interview.errors import ConfigurationError
from interview.plan import ConsentItem, IncidentKind, Plan, may_be_asked
from interview.record import Record
from interview.session import Session
from interview.signals import OF_THE_PAGE

_TEXTS = Path(__file__).parent / "texts"
_CURRENT = {"en": "2026-11-en-3", "de": "2026-11-de-2"}


class Introduction(Record):
    """The sentences before the questions; each is left out where it does not apply. Old versions have fewer."""

    who: str = ""
    who_unnamed: str = ""
    """Instead, where the house has no name."""
    automated: str
    people_decide: str = ""
    recorded: str = ""
    watched: str = ""
    page: str = ""
    kept: str = ""
    kept_without_limit: str = ""
    rights: str = ""


class ConsentText(Record):
    """One version of the words, in one language."""

    version: str
    language: str
    introduction: Introduction
    items: dict[ConsentItem, str]
    kinds: dict[IncidentKind, str] = {}
    tells_of_watching: bool = False
    """Whether `introduction.watched` says that somebody may also watch, unseen."""
    declined: str = ""
    """What is said to somebody who declines what there is no interview without."""


class Keeping(Record):
    """Who invites, and how long the house keeps things, in days after the end. 0 is without limit."""

    who: str
    """The organisation's name, or empty."""
    house_days: int
    declined_days: int


class ConsentQuestion(Record):
    """One thing that is asked. Without a required one there is no interview; the others may be refused."""

    item: ConsentItem
    text: str
    required: bool


def current_text(language: str) -> ConsentText:
    """Return the present words in a language. Raises `ConfigurationError` when there are none."""
    if language not in _CURRENT:
        raise ConfigurationError(
            f"there is no text of consent in {language!r}; there is one in {', '.join(sorted(_CURRENT))}",
            code="language_unknown",
        )
    return text_of_version(_CURRENT[language])


def languages() -> frozenset[str]:
    """Return the languages in which consent can be asked for."""
    return frozenset(_CURRENT)


def versions() -> frozenset[str]:
    """Return every version that was ever shown."""
    return frozenset(path.stem for path in _TEXTS.glob("*.yaml"))


@cache
def text_of_version(version: str) -> ConsentText:
    """Return the words of a version, present or not. Raises `ConfigurationError` when there is no such."""
    if version not in versions():
        raise ConfigurationError(f"there is no text of consent {version!r}")
    data = yaml.safe_load((_TEXTS / f"{version}.yaml").read_text(encoding="utf-8"))
    return ConsentText.model_validate(data)


def told_of_watching(session: Session) -> bool:
    """Tell whether a candidate agreed to the camera after words which say that somebody may watch unseen."""
    if session.consent is None or not session.consents(ConsentItem.CAMERA):
        return False
    version = session.consent.text_version
    if version not in versions() or not text_of_version(version).tells_of_watching:
        return False
    # the sentence stands with what the camera is watched for, and is left out where it is watched for nothing
    return any(session.plan.proctoring.watches_for(kind) for kind in IncidentKind if kind not in OF_THE_PAGE)


def asked(plan: Plan) -> tuple[ConsentItem, ...]:
    """Return what has to be asked for this plan: nothing about what it does not do."""
    return tuple(item for item in ConsentItem if may_be_asked(plan, item))


def missing(plan: Plan, agreed: dict[ConsentItem, bool]) -> list[ConsentItem]:
    """Return the items that the plan requires and that were not agreed to."""
    return [item for item in plan.consent.required if not agreed.get(item, False)]


def questions_for(text: ConsentText, plan: Plan, keeping: Keeping) -> tuple[ConsentQuestion, ...]:
    """Return the questions for this plan, in words."""
    values = {
        "plan_days": str(plan.retention_days or ""),
        "declined_days": str(min(filter(None, (keeping.declined_days, plan.retention_days)), default="")),
    }
    return tuple(
        ConsentQuestion(item=item, text=text.items[item].format(**values), required=item in plan.consent.required)
        for item in asked(plan)
    )


def introduction_for(text: ConsentText, plan: Plan, keeping: Keeping) -> str:
    """Return what is told before the questions, one paragraph a line: who, what is noted, how long, which rights."""
    words = text.introduction
    watched = [kind for kind in IncidentKind if plan.proctoring.watches_for(kind)]
    seen = _named(text, (kind for kind in watched if kind not in OF_THE_PAGE))
    noted = _named(text, (kind for kind in watched if kind in OF_THE_PAGE))
    paragraphs = [
        (words.who if keeping.who else words.who_unnamed).format(who=keeping.who, title=plan.title),
        words.automated,
        words.people_decide,
        words.recorded if plan.recording.audio else "",
        words.watched.format(seen=seen) if seen else "",
        words.page.format(noted=noted) if noted else "",
        _kept(words, plan, keeping),
        words.rights,
    ]
    return "\n".join(filter(None, paragraphs))


def _kept(words: Introduction, plan: Plan, keeping: Keeping) -> str:
    """Say how long it is kept where that is not asked."""
    if plan.retention_days is not None:
        return ""
    if not keeping.house_days:
        return words.kept_without_limit
    return words.kept.format(days=keeping.house_days)


def _named(text: ConsentText, kinds: Iterable[IncidentKind]) -> str:
    return ", ".join(text.kinds[kind] for kind in kinds)
