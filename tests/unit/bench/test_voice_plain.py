"""The plain pipeline is what `voice.json` says that it is."""

from importlib.metadata import version
from typing import Any

from livekit.plugins import silero

from bench.voice import plain
from interview.settings import Settings


async def test_the_plain_pipeline_has_the_defaults_that_are_written_down():
    defaults: dict[str, Any] = {name: field.default for name, field in Settings.model_fields.items()}
    vad = silero.VAD.load()
    session = plain.session_of(Settings.model_construct(**defaults), vad)
    written = plain.DEFAULTS
    assert version("livekit-agents") == written["livekit_agents"]
    options: Any = getattr(vad, "_opts")  # noqa: B009 - it tells nobody otherwise
    for name in ("min_speech_duration", "min_silence_duration"):
        assert getattr(options, name) == written["vad"][name]
    assert getattr(session.turn_detection, "model", "") == written["turn_detection"]
    handling: dict[str, Any] = dict(session.options.turn_handling)
    for part in ("endpointing", "interruption", "preemptive_generation"):
        assert {name: handling[part][name] for name in written[part]} == written[part]
