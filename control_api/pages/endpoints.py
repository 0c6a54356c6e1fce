"""The pages: built ones for candidates and for those with an account, and `/docs` for a programmer.

The built ones lie in the folder that WEB_ASSETS_DIR names (`local/pages.py` builds them). Nothing is loaded from
elsewhere.
"""

import asyncio
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from control_api.access import open_to_all
from control_api.pages.built import BuiltPages
from control_api.pages.reference import render_reference
from control_api.parts import HasParts, Parts
from control_api.schemas import codes
from interview.errors import NotFound

router = APIRouter(
    include_in_schema=False, dependencies=[open_to_all("pages and documentation hold no data of anybody")]
)

_STATIC = Path(__file__).parent / "static"
_OWN_FILES = {"icon.svg": "image/svg+xml", "reference.css": "text/css"}
_REFERENCE_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOR_A_YEAR = "public, max-age=31536000, immutable"


@router.get("/")
async def root() -> RedirectResponse:
    """Send whoever comes without a link to the place where one signs in."""
    return RedirectResponse("/app/")


@router.get("/openapi.json")
async def document(request: Request) -> JSONResponse:
    """The API for machines (OpenAPI 3.1)."""
    # made at the first call, off the event loop: it takes some tenths of a second
    return JSONResponse(await asyncio.to_thread(request.app.openapi))


@router.get("/docs")
async def reference(request: Request) -> HTMLResponse:
    """The API in words, from its OpenAPI document."""
    page = render_reference(await asyncio.to_thread(request.app.openapi))
    return HTMLResponse(page, headers={"Content-Security-Policy": _REFERENCE_CSP})


@router.get("/interview", openapi_extra=codes("asset_missing"))
async def interview_page(parts: HasParts) -> HTMLResponse:
    """The candidate's page; the link's secret is behind `#` and never reaches the server's log."""
    return _page(parts, "interview.html", "camera=(self), microphone=(self), geolocation=()")


@router.get("/app", openapi_extra=codes("asset_missing"))
@router.get("/app/{path:path}", openapi_extra=codes("asset_missing"))
@router.get("/monitoring_dashboard", openapi_extra=codes("asset_missing"))
@router.get("/accept-invitation", openapi_extra=codes("asset_missing"))
@router.get("/reset-password", openapi_extra=codes("asset_missing"))
async def app_page(parts: HasParts) -> HTMLResponse:
    """The pages of those who have an account, and those behind the one-time links for one; the page reads its path."""
    return _page(parts, "app.html", "camera=(), microphone=(), geolocation=()")


@router.get("/assets/{name}")
async def page_file(name: str, parts: HasParts, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """A page's script or style. Its name holds a digest of its content: it never changes, and is kept for a year."""
    if name in _OWN_FILES:
        return Response(_file(name), media_type=_OWN_FILES[name], headers={"Cache-Control": "public, max-age=3600"})
    folder = parts.settings.web_assets_dir
    found = BuiltPages.of(folder).asset(name, accept_encoding) if folder else None
    if found is None:
        raise NotFound("there is no such file")
    headers = {"Cache-Control": _FOR_A_YEAR, "Vary": "Accept-Encoding"}
    if found.encoding:
        headers["Content-Encoding"] = found.encoding
    return FileResponse(found.path, media_type=found.media_type, headers=headers)


@router.get("/{name}", openapi_extra=codes("asset_missing"))
async def lost(name: str, parts: HasParts, accept: Annotated[str, Header()] = "") -> HTMLResponse:
    """Say in words that there is no such page, to whoever typed an address; a program is told as everywhere."""
    if "text/html" not in accept:
        raise HTTPException(404)
    page = _page(parts, "app.html", "camera=(), microphone=(), geolocation=()")
    page.status_code = 404
    return page


def page_policy(livekit_url: str) -> str:
    """Return the content security policy of the pages: our own files, and the one LiveKit server."""
    parsed = urlsplit(livekit_url)
    secure = "s" if parsed.scheme in {"wss", "https"} else ""
    room_server = f"ws{secure}://{parsed.netloc} http{secure}://{parsed.netloc}"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {room_server}; "
        "img-src 'self' blob:; media-src 'self' blob:; worker-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _page(parts: Parts, name: str, permissions: str) -> HTMLResponse:
    folder = parts.settings.web_assets_dir
    page = BuiltPages.of(folder).page(name) if folder else None
    if page is None:
        raise NotFound(
            "the pages are not built: run `make web`, or name their folder in WEB_ASSETS_DIR", code="asset_missing"
        )
    settings = parts.settings
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": page_policy(settings.livekit_public_url or settings.livekit_url),
        "Permissions-Policy": permissions,
    }
    return HTMLResponse(page, headers=headers)


@cache
def _file(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
