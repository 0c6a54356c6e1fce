"""What is used costs what the table says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from interview.clock import VirtualClock
from interview.errors import ConfigurationError
from interview.tallies import Kind, Notes
from interview.usage import Usage
from providers.directory import Key, Provider
from providers.meter import Meter
from providers.prices import FREE, Price, Prices, own_table
from providers.usage import COST

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def provider(name: str, url: str, model: str, price: Price | None = None) -> Provider:
    key = Key(name="main", key=SecretStr("secret"))
    return Provider(name=name, base_url=url, model=model, keys=(key,), deadline_s=1, price=price)


@pytest.mark.parametrize(
    ("price", "used", "micro_usd"),
    [
        (Price(per_m_input_tokens=0.4, per_m_output_tokens=1.6), {"input_tokens": 1000, "output_tokens": 250}, 800),
        (Price(per_m_characters=15), {"characters": 100, "audio_ms": 7000}, 1500),
        (Price(per_minute=0.0077), {"audio_ms": 60_000}, 7700),
        (Price(per_minute=0.015), {"characters": 1, "audio_ms": 4}, 1),
        (FREE, {"input_tokens": 1_000_000}, 0),
    ],
)
def test_a_price_is_multiplied_and_rounded_to_a_millionth_of_a_dollar(
    price: Price, used: dict[str, int], micro_usd: int
):
    assert price.micro_usd(**used) == micro_usd


def test_the_table_of_the_code_has_what_the_defaults_of_hosted_providers_use():
    prices = own_table()
    for name, model in (
        ("api.deepgram.com", "nova-3"),
        ("api.openai.com", "gpt-4.1-mini"),
        ("api.openai.com", "gpt-4o-mini-tts"),
    ):
        assert prices.of(name, model) != FREE


def test_what_has_no_price_is_said_once(caplog: pytest.LogCaptureFixture):
    prices = Prices({})
    assert prices.of("api.example", "m") == prices.of("api.example", "m") == FREE
    assert prices.of("local", "qwen") == FREE
    assert caplog.text.count("no price is known") == 1


def test_a_table_of_ones_own_stands_instead(tmp_path: Path):
    path = tmp_path / "prices.yaml"
    path.write_text(
        "- {provider: llm.example, model: big, per_m_input_tokens: 2, source: contract, checked_on: 2026-01-31}\n"
    )
    assert Prices.read(path).of("llm.example", "big").per_m_input_tokens == 2
    path.write_text("- {provider: llm.example, model: big, per_minute: -1, source: x, checked_on: 2026-01-31}\n")
    with pytest.raises(ConfigurationError, match=r"PRICES_FILE.*per_minute"):
        Prices.read(path)


def test_a_meter_sums_for_a_session_and_notes_for_the_house():
    notes = Notes()
    meter = Meter(own_table(), VirtualClock(NOON), notes)
    ears = provider("ears", "https://api.deepgram.com/v1/listen", "nova-3")
    model = provider("model", "https://api.openai.com/v1", "gpt-4.1-mini")
    meter.heard(ears, 30)
    meter.heard(ears, 30)
    meter.tokens(model, 1000, 250)
    meter.call(model, 0.5, ok=True)

    used = meter.take()

    assert used == Usage(calls=1, heard_ms=60_000, input_tokens=1000, output_tokens=250, cost_micro_usd=8500)
    assert meter.take() == Usage()
    counted = notes.take()
    assert counted[Kind(COST, (("model", "nova-3"), ("provider", "ears")))] == 7700
    assert counted[Kind(COST, (("model", "gpt-4.1-mini"), ("provider", "model")), "2026-11-24")] == 800


def test_a_provider_in_the_file_may_have_a_price_of_its_own():
    meter = Meter(own_table(), VirtualClock(NOON), Notes())
    meter.tokens(provider("own", "https://vllm.example/v1", "llama", Price(per_m_output_tokens=1)), 5, 7)
    assert meter.take().cost_micro_usd == 7
