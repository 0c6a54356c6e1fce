"""A Chromium for the browser tests: the machine's own, or Debian's where this process may install it."""

import os
import shutil
import subprocess

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL_TIMEOUT_S = 600

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
