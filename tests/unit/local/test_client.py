"""The committed document and the packages of the client; that the types are current needs Node: `make check`."""

import json
import re

from local.client import DOCUMENT, TYPES, WEB, document


def test_the_committed_document_is_the_one_that_the_api_serves() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make client`"


def test_the_types_name_every_path() -> None:
    types = TYPES.read_text(encoding="utf-8")
    assert [path for path in json.loads(document())["paths"] if f'"{path}": {{' not in types] == [], "run `make client`"


def test_the_packages_are_pinned_and_the_lock_names_no_address() -> None:
    package = json.loads((WEB / "package.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), wanted
    lock = json.loads((WEB / "package-lock.json").read_text())["packages"]
    for path, entry in lock.items():
        assert "resolved" not in entry, path
        assert path == "" or entry["integrity"].startswith("sha512-"), path
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
