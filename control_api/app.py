"""The application: endpoints, error answers and limits put together. Everything that it needs is handed to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from control_api import health, problems
from control_api.addresses import Proxies
from control_api.auth import endpoints as auth
from control_api.document.describe import describe
from control_api.downloads import Downloads
from control_api.headers import SafeHeaders
from control_api.incidents import endpoints as incidents
from control_api.incidents.due import Due
from control_api.invites import endpoints as invites
from control_api.invites import owner_endpoints as own_invites
from control_api.limits import BodyLimits
from control_api.logs import RequestLog
from control_api.material import endpoints as material
from control_api.monitoring import endpoints as monitoring
from control_api.monitoring.monitoring import Monitoring
from control_api.outgoing import endpoints as outgoing
from control_api.pages import endpoints as pages
from control_api.parts import Parts
from control_api.plans import endpoints as plans
from control_api.privacy import endpoints as privacy
from control_api.proposals import endpoints as proposals
from control_api.queue_board import QueueBoard
from control_api.raised import endpoints as raised
from control_api.rates import AddressRates, Rates
from control_api.reports import endpoints as reports
from control_api.reports import house_endpoints as all_reports
from control_api.resumes import endpoints as resumes
from control_api.resumes.reading import ResumeReader
from control_api.schemas import PROBLEMS
from control_api.sessions import endpoints as sessions
from control_api.sessions import owner_endpoints as own_sessions
from control_api.signing import Signer
from control_api.users import endpoints as users
from control_api.users.passwords import Passwords
from control_api.users.service import ensure_first_admin
from control_api.webhooks import endpoints as webhooks
from interview.clock import Clock
from interview.rules import house_rules
from interview.settings import Settings
from interview.storage import Storage
from providers.directory import Directory
from rooms.rooms import Rooms

API_ROUTERS = (
    auth.router,
    users.router,
    sessions.router,
    own_sessions.router,
    own_invites.router,
    resumes.router,
    proposals.router,
    material.router,
    material.schema_router,
    reports.router,
    all_reports.router,
    plans.router,
    raised.router,
    incidents.router,
    invites.router,
    privacy.router,
    privacy.sessions_router,
    webhooks.router,
    monitoring.router,
    outgoing.router,
    health.router,
)


def create_app(
    settings: Settings,
    storage: Storage,
    rooms: Rooms,
    clock: Clock,
    *,
    beside: Callable[[Parts], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """Build the application. Its lifespan makes the first admin; `storage` and `rooms` stay the caller's to close.

    `beside` makes what is entered and left with the lifespan: what a process does besides answering. (After a signal
    uvicorn ends the process as soon as the lifespan is over, so nothing that stands behind `serve` is reached.)
    Raises `ConfigurationError` when `jwt_secret` is too short, `trusted_proxies` names no networks, or
    `proctor_rules_file` or `providers_file` is wrong.
    """
    rates = Rates(settings, storage, clock)
    providers = Directory(settings)
    parts = Parts(
        settings=settings,
        storage=storage,
        rooms=rooms,
        clock=clock,
        passwords=Passwords(),
        signer=Signer(settings.jwt_secret.get_secret_value(), clock),
        queue_board=QueueBoard(storage, clock, seats=settings.max_concurrent_interviews, for_s=settings.queue_board_s),
        rates=rates,
        monitoring=Monitoring(settings, storage, rooms, clock, providers),
        downloads=Downloads(settings),
        resumes=ResumeReader(settings),
        rules=house_rules(settings.proctor_rules_file),
        providers=providers,
        due=Due(),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await ensure_first_admin(storage, clock, email=settings.admin_email, password_file=settings.admin_password_file)
        async with parts.monitoring.running(), parts.due.running(), beside(parts) if beside else nullcontext():
            yield

    app = routed(lifespan=lifespan)
    app.state.parts = parts
    problems.install(app, clock)
    # the last added is the outermost
    app.add_middleware(BodyLimits, clock=clock, wait_s=settings.request_body_s)
    app.add_middleware(AddressRates, rates=rates, proxies=Proxies.parse(settings.trusted_proxies), clock=clock)
    app.add_middleware(problems.LastResort, clock=clock)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestLog, requests=parts.monitoring.requests)
    return app


def routed(**given: Any) -> FastAPI:
    """Return an application with every endpoint and its document, which serves nothing yet; `given` is FastAPI's."""
    app = FastAPI(
        title="Viva control API",
        version="0.1.0",
        description="Structured voice interviews. Every error is an RFC 9457 problem with a stable `code`.",
        openapi_url=None,  # the framework's own pages load scripts from elsewhere; ours are in `pages`
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        **given,
    )
    for router in API_ROUTERS:
        app.include_router(router, responses=PROBLEMS)
    app.include_router(pages.router)
    app.openapi = cache(lambda: describe(app))
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
