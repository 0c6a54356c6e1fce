"""Which providers there are, in which order, with which keys: from `PROVIDERS_FILE`, or from single settings.

The file is YAML, is read again when it changes, and must be readable by its owner only:

    stt:
      - name: deepgram                # in logs, figures and plans
        base_url: https://api.deepgram.com/v1/listen
        model: nova-3
        slots: 10                     # streams at once with one key, over all processes; 0 is any number
        deadline_s: 4                 # slower than this is failed
        keys:
          - {name: main, key: …}
          - {name: second, key: …, slots: 50}
    llm: […]
    tts: […]

For a kind that the file leaves out, the single settings hold. `LOCAL_INFERENCE_URL` adds the engines of
`local.inference` at the end of each.
"""

import logging
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator

from interview.engines import EngineKind
from interview.errors import ConfigurationError, Invalid
from interview.plan_yaml import read_yaml
from interview.record import Line, Record
from interview.settings import Settings
from interview.watched_file import WatchedFile
from providers.prices import LOCAL, Price
from providers.usage import provider_of

log = logging.getLogger(__name__)

Slots = Annotated[int, Field(ge=0, le=10_000)]
Deadline = Annotated[float, Field(gt=0, le=3600)]
_FROM_SETTINGS = "settings"


class Key(Record):
    """One key of a provider; `name` is what logs and the database call it."""

    name: Annotated[Line, Field(max_length=40, pattern=r"^[\w.-]+$")]
    key: SecretStr
    slots: Slots | None = None
    """Instead of the provider's."""

    @field_validator("key")
    @classmethod
    def _is_one(cls, key: SecretStr) -> SecretStr:
        if not key.get_secret_value().strip():
            raise ValueError("the key is empty")
        return key


class Provider(Record):
    """One service of one kind. It speaks Deepgram's protocol for `stt`, and OpenAI's for `llm` and `tts`."""

    name: Annotated[Line, Field(max_length=60, pattern=r"^[\w.-]+$")]
    base_url: Annotated[str, Field(pattern=r"^https?://")]
    model: Line
    voice: str = ""
    """For `tts`: the voice where the plan names none that it has."""
    voices: tuple[str, ...] = ()
    """For `tts`: voices that a plan may name here; the first provider of a chain is asked for any."""
    slots: Slots = 0
    deadline_s: Deadline
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=100)]
    price: Price | None = None
    """Instead of the price table's."""

    @field_validator("keys")
    @classmethod
    def _apart(cls, keys: tuple[Key, ...]) -> tuple[Key, ...]:
        if len({key.name for key in keys}) != len(keys):
            raise ValueError("two keys have the same name")
        return keys

    @property
    def host(self) -> str:
        """By what the price table knows it."""
        return provider_of(self.base_url)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return self.host == LOCAL

    def slots_of(self, key: Key) -> int:
        """Return how many streams may be open at once with a key; 0 is any number."""
        return self.slots if key.slots is None else key.slots


def slot_name(kind: EngineKind, provider: Provider) -> str:
    """Return under which name a provider's slots are counted."""
    return f"{kind}.{provider.name}"


Chains = Mapping[EngineKind, tuple[Provider, ...]]


class Directory:
    """The providers of each kind, best first; what the file says is at most `LOOK_EVERY_S` old."""

    def __init__(self, settings: Settings) -> None:
        """Raises `ConfigurationError` when the file is not there, not private, or wrong."""
        self._settings = settings
        self._file: WatchedFile | None = None
        self._chains: Chains = _with_local(settings, _of_settings(settings))
        if settings.providers_file is not None:
            self._file = WatchedFile(settings.providers_file, setting="PROVIDERS_FILE", holds="the providers")
            self._take(self._file, self._file.read())

    def of(self, kind: EngineKind) -> tuple[Provider, ...]:
        """Return the providers of a kind in their order."""
        file = self._file
        if file is not None and (text := file.changed()) is not None:
            try:
                self._take(file, text)
                log.info("the providers were read anew")
            except (ConfigurationError, OSError) as error:
                file.complain(error)
        return self._chains[kind]

    def slot_limits(self) -> dict[str, int]:
        """Return how many streams may be open at each provider that has a limit, all its keys together."""
        limits: dict[str, int] = {}
        for kind in EngineKind:
            for provider in self.of(kind):
                counted = [provider.slots_of(key) for key in provider.keys]
                if all(counted):
                    limits[slot_name(kind, provider)] = sum(counted)
        return limits

    def _take(self, file: WatchedFile, text: str) -> None:
        file.check_private()
        given = parse(text, self._settings)
        self._chains = _with_local(self._settings, {**_of_settings(self._settings), **given})


def parse(text: str, settings: Settings) -> dict[EngineKind, tuple[Provider, ...]]:
    """Return the providers that a file names. Raises `ConfigurationError`, which quotes nothing from the file."""
    try:
        values = read_yaml(text)
    except Invalid as error:
        raise ConfigurationError(f"PROVIDERS_FILE: {error.message}") from None
    if not isinstance(values, dict):
        raise ConfigurationError("PROVIDERS_FILE: give lists under stt, llm and tts")
    found: dict[EngineKind, tuple[Provider, ...]] = {}
    for name, entries in values.items():
        if name not in set(EngineKind):
            raise ConfigurationError("PROVIDERS_FILE: the kinds are stt, llm and tts; there is another")
        found[EngineKind(name)] = _parsed(EngineKind(name), entries, settings)
    return found


def _parsed(kind: EngineKind, entries: Any, settings: Settings) -> tuple[Provider, ...]:
    if not isinstance(entries, list) or not entries:
        raise ConfigurationError(f"PROVIDERS_FILE: {kind}: give a list of at least one provider")
    providers: list[Provider] = []
    for n, entry in enumerate(entries):
        try:
            given = {"deadline_s": _deadline_s(kind, settings), **entry}
            providers.append(Provider.model_validate(given))
        except TypeError:
            raise ConfigurationError(f"PROVIDERS_FILE: {kind}.{n}: is no provider with a name") from None
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in (kind, n, *first["loc"]))
            raise ConfigurationError(f"PROVIDERS_FILE: {where}: {first['msg']}") from None
    if len({provider.name for provider in providers}) != len(providers):
        raise ConfigurationError(f"PROVIDERS_FILE: {kind}: two providers have the same name")
    return tuple(providers)


def _deadline_s(kind: EngineKind, settings: Settings) -> float:
    of_kind = {
        EngineKind.STT: settings.stt_deadline_s,
        EngineKind.LLM: settings.llm_deadline_s,
        EngineKind.TTS: settings.tts_deadline_s,
    }
    return of_kind[kind]


def _of_settings(settings: Settings) -> Chains:
    """The chains of one that the single settings describe."""

    def one(kind: EngineKind, base_url: str, model: str, key: SecretStr, **more: Any) -> tuple[Provider, ...]:
        name = provider_of(base_url)
        slow = kind is EngineKind.LLM and name == LOCAL  # a model on the CPU takes its time
        return (
            Provider(
                name=name,
                base_url=base_url,
                model=model,
                keys=(Key(name=_FROM_SETTINGS, key=key if key.get_secret_value().strip() else SecretStr("none")),),
                deadline_s=settings.llm_timeout_s if slow else _deadline_s(kind, settings),
                **more,
            ),
        )

    stt_slots = 0 if provider_of(settings.deepgram_base_url) == LOCAL else settings.stt_slots
    return {
        EngineKind.STT: one(
            EngineKind.STT,
            settings.deepgram_base_url,
            settings.stt_model,
            settings.deepgram_api_key,
            slots=stt_slots,
        ),
        EngineKind.LLM: one(EngineKind.LLM, settings.openai_base_url, settings.llm_model, settings.openai_api_key),
        EngineKind.TTS: one(
            EngineKind.TTS,
            settings.tts_base_url,
            settings.tts_model,
            settings.tts_api_key,
            voice=settings.tts_voice,
        ),
    }


def _with_local(settings: Settings, chains: Chains) -> Chains:
    """Put the engines of `local.inference` at the end of each chain that does not have them already."""
    base = settings.local_inference_url.rstrip("/")
    if not base:
        return chains
    engines = {
        EngineKind.STT: (f"{base}/listen", settings.local_inference_stt),
        EngineKind.LLM: (base, settings.local_inference_llm),
        EngineKind.TTS: (base, settings.local_inference_tts),
    }
    longer: dict[EngineKind, tuple[Provider, ...]] = {}
    for kind, chain in chains.items():
        url, model = engines[kind]
        there = any(provider.base_url.startswith(base) or provider.name == LOCAL for provider in chain)
        if model in ("", "none") or there:
            longer[kind] = chain
            continue
        deadline_s = settings.llm_timeout_s if kind is EngineKind.LLM else _deadline_s(kind, settings)
        last = Provider(
            name=LOCAL,
            base_url=url,
            model=model,
            keys=(Key(name=_FROM_SETTINGS, key=settings.local_inference_key),),
            deadline_s=deadline_s,
            voice="default" if kind is EngineKind.TTS else "",
            price=Price(),
        )
        longer[kind] = (*chain, last)
    return longer
