"""Plans as YAML: how they are exported, imported, and how the ready-made ones are written.

A file comes from outside, so only plain data is read: no tags, no anchors (a few of them can stand for gigabytes), no
key twice, and nothing deep or long.
"""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

import yaml
from pydantic import ValidationError

from interview.errors import Invalid
from interview.plan import PlanContent
from interview.record import path_and_words

T = TypeVar("T", bound=PlanContent)

_MAX_EVENTS = 20_000
_MAX_DEPTH = 20
_MAX_ERRORS = 20
_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class _Reader(yaml.CSafeLoader):
    """The safe loader, which also refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is not plain text", key.start_mark)
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(None, None, "a key stands twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


class _Writer(yaml.SafeDumper):
    """The safe dumper, with long texts as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a text that occurs twice twice: the reader takes no anchors."""
        return True


def _text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]


_Writer.add_representer(str, _text)


def read_plan(text: str) -> PlanContent:
    """Read a plan from YAML.

    Raises `Invalid`: `malformed_yaml` with the `line`, or `invalid` with the `errors` by path, as for a JSON body.
    """
    return validated(PlanContent, read_yaml(text))


def read_yaml(text: str) -> Any:
    """Read plain data from YAML. Raises `Invalid` (code `malformed_yaml`) with the `line`."""
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Reader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _malformed(error.problem or "it is not YAML", mark.line + 1 if mark else 1) from None
    except (yaml.YAMLError, ValueError, RecursionError):  # a character that YAML has not, or a date that is none
        raise _malformed("it is not YAML", 1) from None


def validated(kind: type[T], data: Any) -> T:
    """Make a plan of plain data. Raises `Invalid` with the `errors` by path; no value is quoted."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        errors = [_where_and_what(cast(dict[str, Any], item)) for item in found[:_MAX_ERRORS]]
        words = "; ".join(f"{e['where']}: {e['what']}" for e in errors[:3])
        raise Invalid(f"the plan is wrong: {words}", errors=errors, error_count=len(found)) from None


def write_plan(content: PlanContent) -> str:
    """Write a plan as YAML that `read_plan` reads back as the same plan."""
    data = content.model_dump(mode="json")
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100)


def _check_events(text: str) -> None:
    depth = 0
    events = cast(Iterator[Any], yaml.parse(text, Loader=yaml.CSafeLoader))  # pyright: ignore[reportUnknownMemberType]
    for n, event in enumerate(events):
        line = int(event.start_mark.line) + 1
        if n > _MAX_EVENTS:
            raise _malformed("it has too many entries to be a plan", line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _malformed("anchors and aliases (& and *) are not read", line)
        if isinstance(event, _OPENING):
            depth += 1
            if depth > _MAX_DEPTH:
                raise _malformed("it is nested too deeply", line)
        elif isinstance(event, _CLOSING):
            depth -= 1


def _malformed(what: str, line: int) -> Invalid:
    return Invalid(f"line {line}: {what}", code="malformed_yaml", line=line)


def _where_and_what(item: dict[str, Any]) -> dict[str, str]:
    path, what = path_and_words(item)
    where = ".".join(part[:80] for part in path)
    return {"where": where or "plan", "what": what[:300], "kind": str(item["type"])[:80]}
