"""Speech that many interviews need, on disk: whoever makes a line first makes it for the others on this machine.

Only words of the plan or the catalogue lie here, never a candidate's name or anything made from an answer.
"""

import hashlib
import logging
import os
import wave
from pathlib import Path

from livekit import rtc

log = logging.getLogger(__name__)

_SUFFIX = ".wav"
_SAMPLE_BYTES = 2
_LOOK_EVERY = 20
"""After so many new files of this process the folder is looked through for what is too much."""


class SpeechStore:
    """Audio files by text and voice, in a folder that processes share. `voice` names engine, voice and speed.

    What was not used for longest goes when the folder grows beyond `max_bytes`. A file that cannot be read or written
    costs its synthesis, and is logged.
    """

    def __init__(self, folder: Path, voice: str, max_bytes: int) -> None:
        self._folder = folder
        self._voice = voice
        self._max_bytes = max_bytes
        self._written = 0

    def get(self, text: str) -> rtc.AudioFrame | None:
        """Return the audio of `text`, or None."""
        path = self._path(text)
        try:
            with wave.open(str(path), "rb") as file:
                frame = rtc.AudioFrame(
                    data=file.readframes(file.getnframes()),
                    sample_rate=file.getframerate(),
                    num_channels=file.getnchannels(),
                    samples_per_channel=file.getnframes(),
                )
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValueError, wave.Error) as error:
            log.warning("speech that was kept cannot be read and is made anew: %s", type(error).__name__)
            return None
        return frame

    def put(self, text: str, audio: rtc.AudioFrame | None) -> None:
        """Keep the audio of `text`, whole or not at all."""
        if audio is None:
            return
        path = self._path(text)
        partial = path.with_name(f".{path.stem}.{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with wave.open(str(partial), "wb") as file:
                file.setnchannels(audio.num_channels)
                file.setsampwidth(_SAMPLE_BYTES)
                file.setframerate(audio.sample_rate)
                file.writeframes(bytes(audio.data))
            partial.replace(path)
            self._written += 1
            if self._written % _LOOK_EVERY == 1:
                self._make_room()
        except OSError as error:
            log.warning("speech could not be kept: %s", type(error).__name__)
            partial.unlink(missing_ok=True)

    def _make_room(self) -> None:
        files = sorted(
            ((entry.stat().st_mtime, entry.stat().st_size, Path(entry.path)) for entry in os.scandir(self._folder)),
            reverse=True,
        )
        total = 0
        for _, size, path in files:
            total += size
            if total > self._max_bytes:
                path.unlink(missing_ok=True)

    def _path(self, text: str) -> Path:
        name = hashlib.sha256(f"{self._voice}\n{text}".encode()).hexdigest()
        return self._folder / f"{name}{_SUFFIX}"
