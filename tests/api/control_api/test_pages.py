"""Health, the documentation, and how the built pages are served."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.api.control_api.house import House, assert_problem


async def test_health_looks_at_nothing(house_without_livekit: House) -> None:
    assert (await house_without_livekit.http.get("/healthz")).json() == {"status": "ok"}


async def test_the_document_names_every_call_of_the_specification(house: House) -> None:
    document = (await house.http.get("/openapi.json")).json()
    base = "/api/parallel_interview"
    wanted = [
        ("post", f"{base}/create"),
        ("get", f"{base}/sessions"),
        ("get", f"{base}/session/{{session_id}}"),
        ("delete", f"{base}/session/{{session_id}}"),
        *(("post", f"{base}/session/{{session_id}}/{action}") for action in ("consent", "token", "start", "end")),
        ("post", "/api/invites/open"),
        ("post", "/api/auth/login"),
    ]
    for method, path in wanted:
        assert method in document["paths"][path], f"{method} {path}"
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))
    assert {"account", "seat"} <= set(document["components"]["securitySchemes"])
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(document["components"]["schemas"])


async def test_the_documentation_page_shows_them_and_loads_nothing_from_elsewhere(house: House) -> None:
    page = await house.http.get("/docs")
    assert page.status_code == 200
    assert "/api/parallel_interview/session/{session_id}/start" in page.text
    assert "<script" not in page.text
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    assert (await house.http.get("/assets/reference.css")).headers["content-type"].startswith("text/css")
    assert (await house.http.get("/")).headers["location"] == "/app/"


PAGES = ["/interview", "/app", "/app/sessions/x", "/monitoring_dashboard", "/accept-invitation", "/reset-password"]


@pytest.fixture
def built(house: House, tmp_path: Path) -> Iterator[Path]:
    """A build with one script, named in WEB_ASSETS_DIR while the test runs."""
    (tmp_path / "assets").mkdir()
    for name in ("interview", "app"):
        (tmp_path / f"{name}.html").write_text(f"<title>{name}</title>")
    for suffix, content in (("", b"plain"), (".gz", b"zipped"), (".br", b"pressed")):
        (tmp_path / "assets" / f"app-1a2b.js{suffix}").write_bytes(content)
    (tmp_path / "secret.js").write_text("not an asset")
    parts = house.app.state.parts
    house.app.state.parts = replace(parts, settings=parts.settings.model_copy(update={"web_assets_dir": tmp_path}))
    yield tmp_path
    house.app.state.parts = parts


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_may_reach_only_this_house_and_its_livekit(house: House, built: Path, path: str) -> None:
    page = await house.http.get(path)
    assert page.text == f"<title>{'interview' if path == '/interview' else 'app'}</title>"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert house.settings.livekit_url in policy
    assert page.headers["cache-control"] == "no-cache"
    assert ("camera=(self)" in page.headers["permissions-policy"]) is (path == "/interview")


async def test_who_mistypes_an_address_gets_a_page_and_a_program_a_problem(house: House, built: Path) -> None:
    page = await house.http.get("/intervew", headers={"Accept": "text/html,application/xhtml+xml"})
    assert (page.status_code, page.text) == (404, "<title>app</title>")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert_problem(await house.http.get("/intervew"), 404, "not_found")
    assert_problem(await house.http.get("/api/intervew", headers={"Accept": "text/html"}), 404, "not_found")


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_build_a_page_says_what_to_do(house: House, path: str) -> None:
    assert "make web" in assert_problem(await house.http.get(path), 404, "asset_missing")["message"]


@pytest.mark.parametrize(
    ("accepted", "encoding", "content"),
    [("gzip, deflate, br", "br", b"pressed"), ("gzip", "gzip", b"zipped"), ("identity", None, b"plain")],
)
async def test_a_script_is_sent_as_the_browser_takes_it_and_kept_for_a_year(
    house: House, built: Path, accepted: str, encoding: str | None, content: bytes
) -> None:
    request = house.http.build_request("GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": accepted})
    answer = await house.http.send(request, stream=True)
    raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert (answer.headers.get("content-encoding"), raw) == (encoding, content)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["../endpoints.py", "..%2fsecret.js", "secret.js", "app-1a2b.js.gz", "x", "%00"])
async def test_no_other_file_is_served(house: House, built: Path, name: str) -> None:
    assert_problem(await house.http.get(f"/assets/{name}"), 404, "not_found")
