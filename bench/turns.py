"""Turn-taking on people who pause, without a room: `make bench NAME=turns`.

Every silence of the corpus (`bench/pausing.py`) is heard by the voice activity detector and the on-device turn model
that the interviewer uses. Policies are then asked when they would have ended the turn. A pause that is longer than
that is a cut-off; at a true end it is the reply's latency (transport and playing excluded: some 0.1 s in a room).

Writes `build/bench/turns.json`: the policies' figures, and the curve of cut-offs against latency.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import vad
from livekit.local_inference import EOT
from rich.console import Console
from rich.table import Table

from agent import engines, turntaking
from agent.endings import ASKED_AT_S, BEFORE_LINE_S, SOUNDS_APART_S
from agent.turntaking import Evidence, Tuning, quick
from bench import pausing
from interview.settings import Settings
from local import models
from local.inference.delays import HOSTED
from local.listening import percentile_ms
from local.services import PROJECT

_OUTPUT = PROJECT / "build" / "bench" / "turns.json"
_TAKES = 20
"""Each silence of the corpus is drawn so often, with another length each time."""

_HEARD_S = 1.2
"""What the turn model hears: about the last 1.2 s, when the framework asks it, once a silence."""

_DEFAULT_VAD_S = 0.55
_JUDGED_WORDS = 12


@dataclass(frozen=True)
class Heard:
    """A silence as the engines hear it; times count from the last sound."""

    answer: str
    speaker: str
    kind: str
    """`phrase` or `sentence` for a pause, `end` for a true end."""
    text: str
    vad_s: float
    """When voice activity is held to have ended, with this project's settings."""
    probability: float
    spoken_s: float = 0.0
    """How long the candidate spoke since the silence before."""


@dataclass
class Figures:
    """What one policy gave."""

    pauses: int = 0
    cut: int = 0
    sounds: int = 0
    """Pauses into which a listening sound was made."""
    by_kind: dict[str, list[int]] = field(default_factory=lambda: {"phrase": [0, 0], "sentence": [0, 0]})
    latency_s: list[float] = field(default_factory=list)
    question_s: list[float] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As written: rates in parts of one, latencies in milliseconds to the first sound and to the line."""
        first, line = self.latency_s, self.question_s
        return {
            "cut_off_rate": round(self.cut / max(1, self.pauses), 4),
            "cut_off_by_kind": {k: round(cut / max(1, n), 4) for k, (cut, n) in self.by_kind.items()},
            "sound_in_pause_rate": round(self.sounds / max(1, self.pauses), 4),
            "p50_ms": percentile_ms(first, 50),
            "p95_ms": percentile_ms(first, 95),
            "line_p50_ms": percentile_ms(line, 50),
            "line_p95_ms": percentile_ms(line, 95),
            "pauses": self.pauses,
            "ends": len(first),
        }


Policy = Callable[[Heard, Evidence], tuple[float, float | None]]
"""A silence → when the turn ends, and when a listening sound is made."""


async def hear(folder: Path) -> list[Heard]:
    """Let the engines hear every silence, each long enough to be asked about at any moment of it."""
    detector, eot = engines.load_vad(), EOT()
    found: list[Heard] = []
    for clip in pausing.clips():
        answer = pausing.answer(clip, folder, pauses_s=(pausing.LONGEST_S,) * (len(clip.phrases) - 1))
        ends_s = await _voice_ends(detector, answer)
        for number, phrase in enumerate(answer.phrases):
            last = number == len(answer.phrases) - 1
            if last and not answer.ends:
                continue
            end_s = _last_sound_s(answer, phrase)
            until = round((end_s + ASKED_AT_S) * pausing.SAMPLE_RATE)
            window = answer.samples[max(0, until - round(_HEARD_S * pausing.SAMPLE_RATE)) : until]
            found.append(
                Heard(
                    answer=answer.name,
                    speaker=answer.speaker,
                    kind="end" if last else answer.pauses[number].kind,
                    text=" ".join(one.text for one in answer.phrases[: number + 1]),
                    vad_s=round(next((t - end_s for t in ends_s if t > end_s), engines.VAD_SILENCE_S), 3),
                    probability=round(float(eot.predict(np.ascontiguousarray(window))), 4),
                    spoken_s=round(end_s - phrase.start_s, 2),
                )
            )
    return found


async def _voice_ends(detector: vad.VAD, answer: pausing.Answer) -> list[float]:
    stream = detector.stream()
    ends: list[float] = []

    async def read() -> None:
        async for event in stream:
            if event.type is vad.VADEventType.END_OF_SPEECH:
                ends.append(event.samples_index / pausing.SAMPLE_RATE)

    reading = asyncio.create_task(read())
    size = pausing.SAMPLE_RATE // 50
    for at in range(0, len(answer.samples), size):
        part = answer.samples[at : at + size]
        stream.push_frame(rtc.AudioFrame(part.tobytes(), pausing.SAMPLE_RATE, 1, len(part)))
    stream.end_input()
    await reading
    await stream.aclose()
    return ends


def _last_sound_s(answer: pausing.Answer, phrase: pausing.Said) -> float:
    """When the phrase's last sound ends: 30 dB below its loud passages, to 10 ms."""
    first, last = (round(at_s * pausing.SAMPLE_RATE) for at_s in (phrase.start_s, phrase.end_s + 0.05))
    hop = pausing.SAMPLE_RATE // 100
    part = answer.samples[first:last].astype(np.float64) / 32768
    energy = (part[: len(part) // hop * hop].reshape(-1, hop) ** 2).mean(axis=1)
    loud = np.flatnonzero(energy > np.percentile(energy, 95) / 1000)
    return phrase.start_s + (int(loud[-1]) + 1) / 100


def fixed(delay_s: float, vad_silence_s: float = engines.VAD_SILENCE_S) -> Policy:
    """Voice activity and one delay."""
    later_s = vad_silence_s - engines.VAD_SILENCE_S
    return lambda heard, _: (max(delay_s, heard.vad_s + later_s, HOSTED.stt_final_s), None)


def modelled(
    min_s: float, max_s: float, threshold: float = 0.36, vad_silence_s: float = engines.VAD_SILENCE_S
) -> Policy:
    """The framework's: one delay where the turn model holds that more is coming, another where not."""
    short, long = fixed(min_s, vad_silence_s), fixed(max_s, vad_silence_s)
    return lambda heard, known: (short if heard.probability >= threshold else long)(heard, known)


def ours(tuning: Tuning, *, sound: bool = True) -> Policy:
    """This project's."""

    def policy(_: Heard, known: Evidence) -> tuple[float, float | None]:
        verdict = turntaking.judge(known, tuning)
        return verdict.end_s, verdict.sound_s if sound else None

    return policy


def try_out(policy: Policy, heard: Iterable[Heard], judged: Callable[[Heard], bool | None]) -> Figures:
    """Play every silence `_TAKES` times; one speaker's answers follow one another in one interview."""
    figures = Figures()
    by_speaker: dict[str, list[Heard]] = {}
    for one in heard:
        by_speaker.setdefault(one.speaker, []).append(one)
    for take in range(_TAKES):
        for speaker, silences in by_speaker.items():
            drawn = np.random.default_rng([take, *speaker.encode()])
            _interview(policy, silences, pausing.drawn_pauses(drawn, len(silences)), judged, figures)
    return figures


def _interview(
    policy: Policy,
    silences: list[Heard],
    lengths_s: tuple[float, ...],
    judged: Callable[[Heard], bool | None],
    figures: Figures,
) -> None:
    known = Evidence("")
    since_sound_s = float("inf")
    for silence, length_s in zip(silences, lengths_s, strict=True):
        # a hosted recogniser has set no full stop yet that tells anything; commas are not told either
        words = silence.text.rstrip(".,:;")
        known = replace(known, text=words, probability=silence.probability, complete=judged(silence))
        end_s, sound_s = policy(silence, known)
        since_sound_s += silence.spoken_s
        if sound_s is not None:
            # one that is due too soon after the last waits
            free_s = SOUNDS_APART_S - since_sound_s
            sound_s = max(sound_s, free_s) if free_s <= sound_s or free_s < end_s - BEFORE_LINE_S else None
        if silence.kind == "end":
            figures.latency_s.append(end_s if sound_s is None else min(sound_s, end_s))
            figures.question_s.append(end_s)
            continue
        cut = length_s > end_s
        lasted_s = min(length_s, end_s)
        since_sound_s = lasted_s - sound_s if sound_s is not None and lasted_s > sound_s else since_sound_s + lasted_s
        figures.pauses += 1
        figures.cut += cut
        figures.sounds += sound_s is not None and length_s > sound_s
        figures.by_kind[silence.kind][0] += cut
        figures.by_kind[silence.kind][1] += 1
        known = replace(known, cut_offs=known.cut_offs + cut, longest_pause_s=max(known.longest_pause_s, lasted_s))


def by_words(silence: Heard) -> bool | None:
    """The scripted judge's: complete from so many words on, wherever the answer stands."""
    return len(silence.text.split()) >= _JUDGED_WORDS


def knowing(silence: Heard) -> bool | None:
    """A judge that is always right: what the best model could add."""
    return silence.kind == "end"


def policies() -> dict[str, tuple[Policy, Callable[[Heard], bool | None]]]:
    """Every policy that is compared, with the judge that it is given."""
    tuning = Tuning()
    return {
        "plain livekit-agents (0.3/2.5 s, VAD 0.55 s)": (modelled(0.3, 2.5, vad_silence_s=_DEFAULT_VAD_S), by_words),
        "decision 6 (0.65/1.0 s)": (modelled(0.65, 1.0), by_words),
        "ours, as it is switched on": (ours(as_set()), by_words),
        "ours": (ours(tuning), by_words),
        "ours, no listening sound": (ours(tuning, sound=False), by_words),
        "ours, a judge that is never wrong": (ours(tuning), knowing),
        "ours, no judge": (ours(tuning), lambda _: None),
    }


def as_set() -> Tuning:
    """The tuning that an interview gets where nobody sets anything."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    return engines.build_endings(Settings.model_construct(**defaults), "en").tuning


def curve() -> dict[str, tuple[Policy, Callable[[Heard], bool | None]]]:
    """The points of the curve."""
    points: dict[str, tuple[Policy, Callable[[Heard], bool | None]]] = {}
    for delay_s in (0.35, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0):
        points[f"fixed {delay_s}"] = (fixed(delay_s), by_words)
    for min_s, max_s in ((0.35, 1.0), (0.5, 1.5), (0.5, 3.0), (0.8, 3.0), (1.2, 3.0), (2.0, 3.0)):
        points[f"turn model {min_s}/{max_s}"] = (modelled(min_s, max_s), by_words)
    for doubtful_s in (0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 2.4, 2.8):
        points[f"ours {doubtful_s}"] = (ours(replace(Tuning(), doubtful_s=doubtful_s)), by_words)
        points[f"ours, quick {doubtful_s}"] = (ours(quick(replace(Tuning(), doubtful_s=doubtful_s))), by_words)
    return points


def show(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    """Print one table."""
    table = Table(title=title, title_justify="left")
    for column in ("policy", "first sound p50", "p95", "line p50", "p95", "cut off", "phrase", "sentence", "sounds"):
        table.add_column(column, justify="left" if column == "policy" else "right")
    for row in rows:
        kinds = row["cut_off_by_kind"]
        rates = (row["cut_off_rate"], kinds["phrase"], kinds["sentence"], row["sound_in_pause_rate"])
        latencies = (row[key] for key in ("p50_ms", "p95_ms", "line_p50_ms", "line_p95_ms"))
        table.add_row(row["policy"], *map(str, latencies), *(f"{rate:.1%}" for rate in rates))
    console.print(table)


def main() -> int:
    """Hear, compare, print, write."""
    console = Console(highlight=False, width=150)
    heard = asyncio.run(hear(models.ensure(["pausing"])["pausing"]))
    tables = {
        title: [{"policy": name} | try_out(policy, heard, judged).as_dict() for name, (policy, judged) in rows.items()]
        for title, rows in (("policies", policies()), ("curve", curve()))
    }
    for title, rows in tables.items():
        show(console, title, rows)
    corpus = {kind: sum(one.kind == kind for one in heard) for kind in ("phrase", "sentence", "end")}
    corpus |= {"speakers": len({one.speaker for one in heard}), "takes": _TAKES}
    written = {"corpus": corpus, **tables, "heard": [asdict(one) for one in heard]}
    _OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    _OUTPUT.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    console.print(f"{corpus}. Written to {_OUTPUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
