"""Plain pages: `/interview` for a candidate, one behind the links for accounts, `/docs` for a programmer.

Nothing is loaded from elsewhere.
"""

import asyncio
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from control_api.access import open_to_all
from control_api.pages.reference import render_reference
from control_api.parts import HasParts
from control_api.schemas import codes
from interview.errors import NotFound

router = APIRouter(
    include_in_schema=False, dependencies=[open_to_all("pages and documentation hold no data of anybody")]
)

_STATIC = Path(__file__).parent / "static"
_CLIENT = "livekit-client.umd.js"
_REFERENCE_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ACCOUNT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_PAGE_FILES = {
    "account.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "interview.css": "text/css",
    "interview.js": "text/javascript",
    "interview.words.js": "text/javascript",
    "reference.css": "text/css",
}


@router.get("/")
async def root() -> RedirectResponse:
    """Send a curious visitor to the documentation."""
    return RedirectResponse("/docs")


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


@router.get("/interview")
async def interview_page(parts: HasParts) -> HTMLResponse:
    """The page on which an interview is done; the link's secret is behind `#` and never reaches the server's log."""
    settings = parts.settings
    headers = {
        "Content-Security-Policy": page_policy(settings.livekit_public_url or settings.livekit_url),
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    }
    return HTMLResponse(_file("interview.html"), headers=headers)


@router.get("/accept-invitation")
@router.get("/reset-password")
async def account_page() -> HTMLResponse:
    """The page behind a one-time link for an account; the link's secret is behind `#`."""
    return HTMLResponse(_file("account.html"), headers={"Content-Security-Policy": _ACCOUNT_CSP})


@router.get("/assets/livekit-client.umd.js", openapi_extra=codes("asset_missing"))
async def livekit_client(parts: HasParts) -> Response:
    """LiveKit's browser client, from the folder that WEB_ASSETS_DIR names."""
    folder = parts.settings.web_assets_dir
    path = folder / _CLIENT if folder else None
    if path is None or not path.is_file():
        raise NotFound(f"WEB_ASSETS_DIR has no {_CLIENT}; `viva up` fetches it", code="asset_missing")
    return Response(path.read_bytes(), media_type="text/javascript", headers={"Cache-Control": "max-age=3600"})


@router.get("/assets/{name}")
async def page_file(name: str) -> Response:
    """A page's own script or style."""
    if name not in _PAGE_FILES:
        raise NotFound("there is no such file")
    return Response(_file(name), media_type=_PAGE_FILES[name])


def page_policy(livekit_url: str) -> str:
    """Return the content security policy of the interview page: our own files, and the one LiveKit server."""
    parsed = urlsplit(livekit_url)
    secure = "s" if parsed.scheme in {"wss", "https"} else ""
    room_server = f"ws{secure}://{parsed.netloc} http{secure}://{parsed.netloc}"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {room_server}; "
        "img-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


@cache
def _file(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
