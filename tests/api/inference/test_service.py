"""What the service says of itself, what it replaces, and the delay profile's cue sheets."""

import asyncio
import subprocess
import sys
from pathlib import Path

import aiohttp
import httpx
import numpy as np
import psutil
import pytest
from livekit.agents import stt as agents_stt

from local.tls import TLS
from tests.api.inference.conftest import Running, gone, running, silence, spoken, until
from tests.api.inference.test_listen import listened, of_type, transcript


async def test_health_names_the_engines(inference: Running):
    health = await inference.health()
    assert health["status"] == "ok"
    assert health["engines"]["stt"].startswith("whisper")
    assert health["engines"]["llm"] == "scripted"
    assert health["engines"]["tts"] == "hibari"
    # the service is shared: a German line, spoken by then, would leave its own notice
    assert [notice for notice in health["notices"] if "English alone" not in notice] == []


async def test_a_voice_that_cannot_be_loaded_is_replaced_loudly(tmp_path: Path):
    (tmp_path / "hibari").mkdir()
    (tmp_path / "hibari" / "__init__.py").write_text("raise ImportError('the wheel is broken')\n")
    settings = {"PYTHONPATH": f"{tmp_path}:.", "VIVA_STT": "none", "VIVA_LLM": "none"}
    async with running(tmp_path / "log", **settings) as service:
        health = await service.health()
        assert (health["status"], health["engines"]["tts"]) == ("ok", "espeak")
        assert any("the wheel is broken" in notice and "espeak" in notice for notice in health["notices"])
        assert "espeak speaks instead" in service.said()
        body = {"model": "hibari", "voice": "default", "input": "Hello there.", "response_format": "pcm"}
        async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=service.headers) as client:
            answer = await client.post(f"{service.url}/v1/audio/speech", json=body)
        assert answer.status_code == 200
        assert answer.headers["x-viva-engine"] == "espeak"
        assert (await service.health())["counts"]["tts_fallbacks"] == 2


async def test_a_model_that_is_not_there_is_said_and_the_rest_works(tmp_path: Path):
    settings = {"VIVA_STT_MODEL": str(tmp_path), "VIVA_LLM_MODEL": str(tmp_path / "none.gguf")}
    async with running(tmp_path / "log", **settings) as service:
        async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=service.headers) as client:
            answer = await client.get(f"{service.url}/healthz")
            body = {"model": "qwen", "messages": [{"role": "user", "content": "x"}]}
            refused = await client.post(f"{service.url}/v1/chat/completions", json=body)
        assert answer.status_code == 503
        assert answer.json()["status"] == "failed"
        assert any("VIVA_STT_MODEL" in notice for notice in answer.json()["notices"])
        assert any("VIVA_LLM_MODEL" in notice for notice in answer.json()["notices"])
        assert answer.json()["engines"] == {"stt": None, "llm": None, "tts": "hibari"}
        assert refused.status_code == 503


def test_wrong_settings_are_named():
    ended = subprocess.run(
        [sys.executable, "-m", "local.inference"],
        env={"VIVA_TTS": "gramophone", "VIVA_INFERENCE_PORT": "x", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "VIVA_TTS" in ended.stderr
    assert "VIVA_INFERENCE_PORT" in ended.stderr


async def test_killing_the_service_takes_its_language_model_with_it(thinking: Running, tmp_path: Path):
    async with running(tmp_path / "log", VIVA_LLM="qwen", VIVA_STT="none") as service:
        child = psutil.Process(service.pid).children()[0]
        psutil.Process(service.pid).kill()
        await until(lambda: gone(child), 15)


async def test_cues_are_refused_without_the_profile(inference: Running):
    async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=inference.headers) as client:
        answer = await client.post(
            f"{inference.url}/v1/bench/cues", json={"cues": [{"text": "hello", "duration_s": 1.0}]}
        )
    assert answer.status_code == 404


async def test_cued_speech_is_told_a_quarter_second_after_its_end(hosted: Running):
    said = ["We planned each week on Monday.", "Two workers claimed the same order, so I added a lease to it."]
    clips = [spoken(text) for text in said]
    sheet = [{"text": text, "duration_s": len(clip) / 16000} for text, clip in zip(said, clips, strict=True)]
    async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=hosted.headers) as client:
        answer = await client.post(f"{hosted.url}/v1/bench/cues", json={"cues": sheet})
        assert answer.status_code == 201
    events = await listened(hosted, np.concatenate([silence(0.5), clips[0], silence(1.5), clips[1], silence(1.5)]))
    assert transcript(events) == " ".join(said)
    ends = [0.5 + len(clips[0]) / 16000, 2.0 + (len(clips[0]) + len(clips[1])) / 16000]
    told = [at for at, _ in of_type(events, agents_stt.SpeechEventType.FINAL_TRANSCRIPT)]
    assert 0.15 < told[-1] - ends[-1] < 0.6
    assert any(0.15 < at - ends[0] < 0.6 for at in told)
    assert (await hosted.health())["counts"].get("late_finals", 0) == 0


async def test_an_announced_answer_is_told_word_by_word_and_becomes_final_at_its_pause(hosted: Running):
    said = ["Two workers claimed the same order,", "so I added a lease to it."]
    clips = [spoken(text) for text in said]
    pause_s = 0.8
    words, at_s = list[dict[str, object]](), 0.0
    for text, clip in zip(said, clips, strict=True):
        each = len(clip) / 16000 / len(text.split())
        for number, word in enumerate(text.split()):
            words.append({"text": word, "start_s": at_s + number * each, "end_s": at_s + (number + 1) * each})
        at_s += len(clip) / 16000 + pause_s
    cue = {"text": " ".join(said), "duration_s": at_s, "words": words}
    async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=hosted.headers) as client:
        answer = await client.post(f"{hosted.url}/v1/bench/cues", json={"cues": [cue], "now": True})
        assert answer.status_code == 201
    audio = np.concatenate([silence(0.5), clips[0], silence(pause_s), clips[1], silence(1.0)])
    events = await listened(hosted, audio)
    finals = [event.alternatives[0].text for _, event in of_type(events, agents_stt.SpeechEventType.FINAL_TRANSCRIPT)]
    assert finals == said
    interims = of_type(events, agents_stt.SpeechEventType.INTERIM_TRANSCRIPT)
    assert interims[0][1].alternatives[0].text.startswith("Two")


async def test_an_engine_breaks_on_purpose_and_is_mended(hosted: Running):
    speech = {"model": "hibari", "voice": "default", "input": "Hello there.", "response_format": "pcm"}
    async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=hosted.headers, timeout=10) as client:

        async def breaks(kind: str, mode: str) -> None:
            answer = await client.post(f"{hosted.url}/v1/bench/breaking", json={"kind": kind, "mode": mode})
            assert answer.status_code == 200

        async def speaks() -> int:
            return (await client.post(f"{hosted.url}/v1/audio/speech", json=speech)).status_code

        await breaks("tts", "down")
        assert await speaks() == 503
        await breaks("tts", "stuck")
        stuck = asyncio.create_task(speaks())
        done, _ = await asyncio.wait({stuck}, timeout=0.5)
        assert not done
        await breaks("tts", "well")
        assert await stuck == 200


async def test_a_recogniser_that_breaks_drops_its_streams_and_takes_no_more(hosted: Running):
    url = f"{hosted.url}/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000"
    async with (
        httpx.AsyncClient(trust_env=False, verify=TLS, headers=hosted.headers) as client,
        aiohttp.ClientSession() as http,
    ):

        async def breaks(mode: str) -> None:
            await client.post(f"{hosted.url}/v1/bench/breaking", json={"kind": "stt", "mode": mode})

        async with http.ws_connect(url, headers=hosted.headers) as socket:
            await breaks("down")
            closed = await socket.receive(timeout=10)
        assert closed.type is aiohttp.WSMsgType.CLOSE
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url, headers=hosted.headers)
        assert refused.value.status == 503
        await breaks("well")
        async with http.ws_connect(url, headers=hosted.headers) as socket:
            assert not socket.closed
