"""Health, the documentation, and the plain interview page."""

import re
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
    assert (await house.http.get("/")).headers["location"] == "/docs"


async def test_the_interview_page_may_reach_only_this_house_and_its_livekit(house: House) -> None:
    page = await house.http.get("/interview")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert house.settings.livekit_url in policy
    assert "style=" not in page.text
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert path.startswith("/assets/")
        if "livekit-client" not in path:
            assert (await house.http.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/accept-invitation", "/reset-password"])
async def test_the_pages_behind_the_links_for_accounts_reach_only_this_house(house: House, path: str) -> None:
    page = await house.http.get(path)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    for file in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert (await house.http.get(file)).status_code == 200
    script = (await house.http.get("/assets/account.js")).text
    assert set(re.findall(r'\bat\("([a-z-]+)"\)', script)) <= set(re.findall(r'id="([a-z-]+)"', page.text))
    for endpoint in re.findall(r'"(/api/[^"]+)"', script):
        assert_problem(
            await house.http.post(endpoint, json={"secret": "x" * 43, "password": "x"}), 404, "link_not_found"
        )


async def test_every_element_that_the_script_touches_is_on_the_page(house: House) -> None:
    page = (await house.http.get("/interview")).text
    script = (await house.http.get("/assets/interview.js")).text
    wanted = set(re.findall(r'\bat\("([a-z-]+)"\)', script)) | {"consent", "room", "ended"}
    assert wanted <= set(re.findall(r'id="([a-z-]+)"', page))


async def test_the_client_library_comes_from_the_assets_folder(house: House, tmp_path: Path) -> None:
    assert_problem(await house.http.get("/assets/livekit-client.umd.js"), 404, "asset_missing")
    (tmp_path / "livekit-client.umd.js").write_text("/* the client */")
    parts = house.app.state.parts
    house.app.state.parts = replace(parts, settings=parts.settings.model_copy(update={"web_assets_dir": tmp_path}))
    try:
        answer = await house.http.get("/assets/livekit-client.umd.js")
    finally:
        house.app.state.parts = parts
    assert (answer.status_code, answer.text) == (200, "/* the client */")


@pytest.mark.parametrize("name", ["../endpoints.py", "..%2fendpoints.py", "interview.html", "x", "%00"])
async def test_no_other_file_is_served(house: House, name: str) -> None:
    assert_problem(await house.http.get(f"/assets/{name}"), 404, "not_found")
