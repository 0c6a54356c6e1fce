"""A patch to a server's modules is applied as it was made, or not at all."""

import shutil
import subprocess
from pathlib import Path

import pytest

from interview.errors import MachineError
from local.servers import build
from local.servers.patches import apply_patch

SONG = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
PATCH = """Why it is there.

--- a/songs/song.txt
+++ b/songs/song.txt
@@ -1,3 +1,4 @@
 one
-two
+2
+2.5
 three
@@ -6,2 +7 @@
 six
-seven
--- /dev/null
+++ b/songs/new.txt
@@ -0,0 +1,2 @@
+a
+b
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder that is patched."""
    folder = tmp_path / "vendor"
    (folder / "songs").mkdir(parents=True)
    (folder / "songs" / "song.txt").write_text(SONG)
    return folder


def applied(root: Path, text: str) -> dict[str, str]:
    """Apply a patch of that text and return what `root` holds."""
    patch = root.parent / "song.patch"
    patch.write_text(text)
    apply_patch(patch, root)
    return {path.name: path.read_text() for path in root.rglob("*.txt")}


def test_lines_are_replaced_and_files_added(root: Path) -> None:
    assert applied(root, PATCH) == {"song.txt": "one\n2\n2.5\nthree\nfour\nfive\nsix\n", "new.txt": "a\nb\n"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PATCH.replace("-seven", "-eight"), "line 6 of .*song.txt and those after it are not what it was made for"),
        (PATCH.replace("@@ -1,3", "@@ -2,3"), "line 2 of .*song.txt"),
        (PATCH.replace("songs/song", "songs/gone"), "gone.txt is missing"),
        (PATCH.replace("new.txt", "song.txt"), "song.txt is there already"),
        (PATCH.replace("@@ -0,0 +1,2 @@", "@@ -0,0 +1,3 @@"), "not as long as it says"),
        (PATCH.replace("@@ -0,0 +1,2 @@", "@@ -0,0 +1 @@"), "line 18 is neither a file's name nor"),
        ("Why it is there.\n", "it names no file"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(root: Path, text: str, words: str) -> None:
    with pytest.raises(MachineError, match=f"song.patch does not fit: .*{words}") as failed:
        applied(root, text)

    assert failed.value.code == "patch_failed"
    assert [path.name for path in root.rglob("*.txt")] == ["song.txt"]
    assert (root / "songs" / "song.txt").read_text() == SONG


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on this machine's PATH")
def test_a_server_is_built_from_patched_modules_and_anew_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "sources" / "talker"
    words = tmp_path / "sources" / "words"
    for folder, files in {
        sources: {
            "go.mod": "module viva/talker\n\ngo 1.20\n\nrequire viva/words v0.0.0\n\nreplace viva/words => ../words\n",
            "go.sum": "",
            "main.go": 'package main\n\nimport "viva/words"\n\nfunc main() { print(words.Greeting) }\n',
        },
        words: {"go.mod": "module viva/words\n\ngo 1.20\n", "words.go": 'package words\n\nconst Greeting = "hello"\n'},
    }.items():
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text.replace("../words", str(words)))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "_SOURCES", tmp_path / "sources")
    monkeypatch.setattr(build, "SERVERS", {"talker": build.Server("talker", "the talker", ".")})

    def said() -> str:
        return subprocess.run([build.ensure_server("talker", progress=False)], capture_output=True, text=True).stderr

    before = said()
    hunk = '@@ -3 +3 @@\n-const Greeting = "hello"\n+const Greeting = "patched"\n'
    (sources / "words.patch").write_text(f"--- a/viva/words/words.go\n+++ b/viva/words/words.go\n{hunk}")

    assert (before, said()) == ("hello", "patched")
    assert 'Greeting = "hello"' in (words / "words.go").read_text()
    kept = [path for path in (tmp_path / "cache" / "viva" / "servers").iterdir() if path.is_dir()]
    assert len(kept) == 2, "a folder of the build was left behind"
