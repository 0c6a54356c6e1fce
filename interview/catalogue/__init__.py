"""What the interviewer says, by language. Code names a line; the words live in `<language>.yaml` beside this file."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from interview.errors import ConfigurationError

_FOLDER = Path(__file__).parent
_LINES = TypeAdapter(dict[str, str | list[str]])


class Catalogue:
    """The lines of one language."""

    def __init__(self, language: str, lines: dict[str, tuple[str, ...]]) -> None:
        self.language = language
        self._lines = lines

    def line(self, key: str, turn: int = 0, /, **values: str) -> str:
        """Return the line of `key`, filled in; `turn` chooses the variant, so the same place says the same words."""
        variants = self._lines[key]
        return variants[turn % len(variants)].format(**values)

    def variants(self) -> dict[str, tuple[str, ...]]:
        """Return all lines by key, not filled in."""
        return dict(self._lines)


def languages() -> frozenset[str]:
    """Return the two-letter codes of the languages that have a catalogue."""
    return frozenset(path.stem for path in _FOLDER.glob("*.yaml"))


@cache
def catalogue(language: str) -> Catalogue:
    """Load the catalogue of a language. Raises `ConfigurationError` when there is none."""
    path = _FOLDER / f"{language}.yaml"
    if language not in languages():
        raise ConfigurationError(
            f"the interviewer speaks no {language!r}; it speaks {', '.join(sorted(languages()))}",
            code="language_unknown",
        )
    lines = _LINES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    return Catalogue(language, {key: (line,) if isinstance(line, str) else tuple(line) for key, line in lines.items()})
