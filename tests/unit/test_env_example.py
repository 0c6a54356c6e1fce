"""`.env.example` and `interview.settings` say the same."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from interview.settings import Settings

EXAMPLE = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
DOCUMENTED = re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE)


def default_of(field: FieldInfo) -> str:
    """What the file says about a setting: its default, or nothing where there is none."""
    if field.is_required() or field.default is None:
        return ""
    default = field.default
    return default.get_secret_value() if isinstance(default, SecretStr) else str(default)


def test_every_setting_is_documented_once_and_nothing_else() -> None:
    names = [name for name, _ in DOCUMENTED]
    assert len(names) == len(set(names))
    assert set(names) == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(("name", "value"), DOCUMENTED)
def test_the_documented_default_is_the_real_one(name: str, value: str) -> None:
    assert value == default_of(Settings.model_fields[name.lower()])


def test_settings_stand_in_the_order_of_the_code() -> None:
    assert [name.lower() for name, _ in DOCUMENTED] == list(Settings.model_fields)


def test_nothing_in_it_is_set_as_it_stands() -> None:
    assert not re.search(r"^[A-Z]", EXAMPLE, re.MULTILINE)
