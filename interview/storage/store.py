"""`Storage`: the one object through which a process reaches everything that is shared."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import motor.frameworks.asyncio as motor_threads
from pymongo.errors import ConfigurationError as DriverConfigurationError
from pymongo.errors import InvalidURI

from interview.clock import Clock
from interview.errors import ConfigurationError
from interview.settings import Settings
from interview.storage.account_links import AccountLinks
from interview.storage.audit import Audit
from interview.storage.base import Client, Collection, Database
from interview.storage.browser_events import BrowserEvents
from interview.storage.crypto import Keyring
from interview.storage.deliveries import Deliveries
from interview.storage.dialogue_events import DialogueEvents
from interview.storage.disturbances import Disturbances
from interview.storage.erasure import Tombstones
from interview.storage.evaluations import Evaluations
from interview.storage.files import Files
from interview.storage.idempotency import Idempotency
from interview.storage.incident_reviews import IncidentReviews
from interview.storage.incidents import Incidents
from interview.storage.invites import Invites
from interview.storage.leases import Leases
from interview.storage.migrations import AT_CONNECT, Migrations
from interview.storage.model_replies import ModelReplies
from interview.storage.observations import Observations
from interview.storage.outlines import Outlines
from interview.storage.plans import Plans
from interview.storage.pool import PoolUse
from interview.storage.problems import Problems
from interview.storage.proposals import Proposals
from interview.storage.provider_slots import ProviderSlots
from interview.storage.recordings import Recordings
from interview.storage.refresh_tokens import RefreshTokens
from interview.storage.renderings import Renderings
from interview.storage.replicas import Replicas
from interview.storage.reports import Reports
from interview.storage.resumes import Resumes
from interview.storage.reviews import Reviews
from interview.storage.session_edits import SessionEdits
from interview.storage.sessions import Sessions
from interview.storage.sign_in_failures import SignInFailureCounts
from interview.storage.slots import Slots
from interview.storage.tallies import Tallies
from interview.storage.turns import Turns
from interview.storage.users import Users
from interview.storage.webhooks import Webhooks


class Storage:
    """All repositories over one pool of connections; one per process and event loop.

    Every method of every repository raises `StorageUnavailable` within `MONGODB_WAIT_S` when the database is away,
    and may be repeated.
    """

    def __init__(self, client: Client, database: Database, clock: Clock, pool: PoolUse) -> None:
        self.client = client
        self.pool = pool
        self.keyring = database.keyring
        """Seals what is about to be stored, while it waits elsewhere."""
        self._database = database
        self.files = Files(database)
        self.users = Users(database)
        self.plans = Plans(database, clock)
        self.refresh_tokens = RefreshTokens(database)
        self.account_links = AccountLinks(database)
        self.sign_in_failures = SignInFailureCounts(database, clock)
        self.sessions = Sessions(database, clock)
        self.session_edits = SessionEdits(self.sessions, clock)
        self.invites = Invites(database)
        self.turns = Turns(database)
        self.dialogue_events = DialogueEvents(database)
        self.disturbances = Disturbances(database)
        self.observations = Observations(database)
        self.recordings = Recordings(database, self.files)
        self.browser_events = BrowserEvents(database)
        self.incidents = Incidents(database, self.files)
        self.incident_reviews = IncidentReviews(self.incidents, Tombstones(database))
        self.problems = Problems(database)
        self.evaluations = Evaluations(database, self.turns, clock)
        self.model_replies = ModelReplies(database)
        self.resumes = Resumes(database, self.files)
        self.proposals = Proposals(database, clock)
        self.reports = Reports(database, self.files, clock)
        self.reviews = Reviews(database)
        self.renderings = Renderings(database, self.files, clock)
        self.webhooks = Webhooks(database)
        self.deliveries = Deliveries(database, clock)
        self.audit = Audit(database, clock)
        self.leases = Leases(database, clock)
        self.idempotency = Idempotency(database, clock)
        self.slots = Slots(database, clock)
        self.provider_slots = ProviderSlots(database, clock)
        self.replicas = Replicas(database, clock)
        self.tallies = Tallies(database)
        self.outlines = Outlines(database)
        self.migrations = Migrations(database, self.leases)
        self.database = database
        self._clock = clock

    @classmethod
    async def connect(cls, settings: Settings, clock: Clock, keyring: Keyring | None = None) -> Self:
        """Connect, create the indexes that are missing, and bring documents of older versions up to date.

        `keyring` is what the settings name unless a caller has another reason.
        Raises `ConfigurationError` (address, pool or keys are wrong) and `StorageUnavailable`.
        """
        keyring = keyring or Keyring.of(settings)
        pool = PoolUse(settings.mongodb_pool_max)
        client = _client(settings, pool)
        database = Database(client[settings.mongodb_database], keyring, settings.mongodb_wait_s)
        storage = cls(client, database, clock, pool)
        try:
            await storage.ping()
            await storage._ensure_indexes()
            await storage.migrate()
        except BaseException:
            await storage.close()
            raise
        return storage

    async def close(self) -> None:
        """Close all connections."""
        self.client.close()

    async def ping(self) -> None:
        """Ask the database for a sign of life. Raises `StorageUnavailable`."""
        await self._database.run(lambda: self._database.motor.command("ping"))

    @property
    def collections(self) -> tuple[Collection[Any], ...]:
        """Every collection of records, for what concerns them all."""
        return (
            self.users.collection,
            self.plans.collection,
            self.plans.versions,
            self.refresh_tokens.collection,
            self.account_links.collection,
            self.sign_in_failures.collection,
            self.sessions.collection,
            self.invites.collection,
            self.turns.collection,
            self.dialogue_events.collection,
            self.disturbances.collection,
            self.observations.collection,
            self.recordings.collection,
            self.browser_events.collection,
            self.incidents.collection,
            self.problems.collection,
            self.evaluations.collection,
            self.model_replies.collection,
            self.resumes.collection,
            self.proposals.collection,
            self.reports.collection,
            self.reviews.decisions.collection,
            self.reviews.own_scores.collection,
            self.reviews.corrections.collection,
            self.reviews.releases.collection,
            self.renderings.collection,
            self.webhooks.collection,
            self.deliveries.collection,
            self.audit.collection,
            self.leases.collection,
            self.leases.counters,
            self.idempotency.collection,
            self.slots.collection,
            self.slots.tickets,
            self.provider_slots.collection,
            self.replicas.collection,
            self.tallies.collection,
            self.tallies.days,
            self.migrations.collection,
        )

    async def erase_session(self, session_id: str) -> None:
        """Erase everything about a session but its tombstone and the audit log (ids only).

        The tombstone comes first, so that a writer under way finds it and undoes its write (see `erasure`). A
        repeat is harmless, and finishes what a killed process left. Raises `NotFound`.
        """
        await self.sessions.tombstone(session_id, by="system:erasure")
        for collection in self.collections:
            if collection.shape.session_field is not None:
                await collection.delete({collection.shape.session_field: session_id})
        await self.files.delete_of(session_id)

    async def anonymise_session(self, session_id: str) -> None:
        """Take everything about a person from a session that has ended, and keep figures, scores and times.

        What stays of a record is what its shape says (`Shape.anonymised`); a record whose shape says nothing is
        deleted, and so are all files. The session itself comes first, so that a writer under way finds it and undoes
        its write (see `erasure`). A repeat is harmless, and finishes what a killed process left. Raises `NotFound`,
        and `Conflict` (code `not_ended`).
        """
        await self.sessions.anonymise(session_id)
        for collection in self.collections:
            if collection.shape.session_field is not None:
                await collection.anonymise_of(session_id)
        await self.files.delete_of(session_id)

    async def migrate(self, limit: int = AT_CONNECT) -> int:
        """Bring documents of older versions up to date (see `migrations`); return how many were changed."""
        by_name = {collection.shape.collection: collection for collection in self.collections}
        return await self.migrations.run(by_name, self._clock.now(), limit)

    async def _ensure_indexes(self) -> None:
        await self.files.ensure_indexes()
        for collection in self.collections:
            await collection.ensure_indexes()


def _client(settings: Settings, pool: PoolUse) -> Client:
    wait_ms = max(1, round(settings.mongodb_wait_s * 1000))
    _match_threads(settings.mongodb_pool_max)
    try:
        return Client(
            settings.mongodb_uri,
            appname="viva",
            tz_aware=True,
            minPoolSize=settings.mongodb_pool_min,
            maxPoolSize=settings.mongodb_pool_max,
            waitQueueTimeoutMS=wait_ms,
            serverSelectionTimeoutMS=wait_ms,
            connectTimeoutMS=wait_ms,
            socketTimeoutMS=wait_ms,
            event_listeners=[pool],
        )
    except (InvalidURI, DriverConfigurationError, ValueError) as error:
        # The address may hold a password, and the driver's message quotes it.
        raise ConfigurationError(
            f"MONGODB_URI, MONGODB_POOL_MIN or MONGODB_POOL_MAX is wrong ({type(error).__name__}): the address looks "
            "like mongodb://user:password@host:27017, and the pool's minimum is at most its maximum"
        ) from None


def _match_threads(pool_max: int) -> None:
    """Give the driver as many threads as connections.

    Motor runs each call on a thread of a pool that the whole process shares; it has five a core unless
    MOTOR_MAX_WORKERS was set before the first import, and then two cores never use more than ten connections. The
    smaller pool is not shut down: another thread may be about to use it; it ends when it is collected.
    """
    threads: ThreadPoolExecutor = motor_threads._EXECUTOR  # pyright: ignore[reportPrivateUsage]
    if threads._max_workers < pool_max:
        motor_threads._EXECUTOR = ThreadPoolExecutor(  # pyright: ignore[reportPrivateUsage]
            pool_max, thread_name_prefix="motor"
        )
