"""A Chromium for tests and benchmarks of pages: the machine's own, or Debian's where this process may install it."""

import os
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL_TIMEOUT_S = 600

ARGUMENTS = (
    *("--no-sandbox", "--disable-background-networking", "--no-first-run", "--use-fake-device-for-media-stream"),
    "--autoplay-policy=no-user-gesture-required",
)
"""What it is started with: nothing of its own goes out, and its devices are not those of the machine."""
ALLOWING = "--use-fake-ui-for-media-stream"
"""Gives camera and microphone to whoever asks."""

HOW = "Chromium is missing: install it (Debian and Ubuntu: apt-get install chromium) and run this again"


def find() -> str | None:
    """Return the program of a Chromium on this machine, or None."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def ensure() -> str | None:
    """Return it, installed from Debian's packages where it is not there and that is allowed; None otherwise."""
    found = find()
    if found or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return found
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        # where it fails, the tests say that there is none, and how to get one
        subprocess.run(
            ["apt-get", "-qq", *command], env=environment, check=False, capture_output=True, timeout=_INSTALL_TIMEOUT_S
        )
    return find()


def quiet_microphone(path: Path) -> str:
    """Write a room in which nobody speaks (5 s, 48 kHz), and return the argument that makes it the microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.random.default_rng(7).normal(0, 12, 5 * 48_000).astype("<i2").tobytes())
    return f"--use-file-for-fake-audio-capture={path}"
