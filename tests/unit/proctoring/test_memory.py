"""What a proctor does not load, because each room's process would pay for it."""

import subprocess
import sys

_UNUSED = ("matplotlib", "mediapipe.tasks", "sounddevice", "torch", "tensorflow", "faster_whisper", "ctranslate2")


def test_the_worker_comes_without_what_only_draws_or_trains() -> None:
    program = f"import proctoring.worker, sys; print([name for name in {_UNUSED!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
