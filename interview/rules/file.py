"""Reading rules from YAML: the defaults, and what a house's own file changes in them."""

from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from interview.errors import ConfigurationError, Invalid
from interview.plan_yaml import read_yaml
from interview.rules.rule import RulesFile

_DEFAULTS = Path(__file__).parent / "defaults.yaml"
_MAX_BYTES = 200_000


@cache
def default_rules() -> RulesFile:
    """Return the rules that hold where a house has none of its own."""
    return _checked(_data_of(_DEFAULTS), _DEFAULTS)


def house_rules(path: Path | None) -> RulesFile:
    """Return the defaults, changed by a house's own file where it has one.

    The file names only what it changes, down to single fields. Raises `ConfigurationError` that says where it is wrong.
    """
    if path is None:
        return default_rules()
    return _checked(_merged(_data_of(_DEFAULTS), _data_of(path)), path)


def _data_of(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the proctoring rules {path} cannot be read: {error}") from error
    if len(text) > _MAX_BYTES:
        raise ConfigurationError(f"the proctoring rules {path} have more than {_MAX_BYTES} characters")
    try:
        data = read_yaml(text)
    except Invalid as error:
        raise ConfigurationError(f"the proctoring rules {path} are wrong: {error.message}") from error
    if not isinstance(data, dict):
        raise ConfigurationError(f"the proctoring rules {path} are wrong: write `version`, `kinds` and `relax`")
    return cast(dict[str, Any], data)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another, all the way down."""
    merged = dict(base)
    for name, value in own.items():
        below = merged.get(name)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[name] = _merged(cast(dict[str, Any], below), cast(dict[str, Any], value)) if both else value
    return merged


def _checked(data: dict[str, Any], path: Path) -> RulesFile:
    try:
        return RulesFile.model_validate(data)
    except ValidationError as error:
        found = [
            ": ".join(filter(None, (".".join(str(part) for part in one["loc"]), one["msg"])))
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise ConfigurationError(f"the proctoring rules {path} are wrong: {'; '.join(found[:5])}") from None
