"""The whole error tree.

    VivaError
    ├── ConfigurationError    a setting is missing or wrong
    ├── MachineError          this machine lacks what is needed: a port, disk, network, a program
    ├── NotFound              no such thing, or not yours
    ├── Conflict              the thing is in a state that forbids this
    │   ├── IllegalTransition     a session's lifecycle
    │   └── StaleAttempt          the writer has been replaced (fencing)
    ├── Invalid               the request's content is wrong
    ├── NotAllowed            signed in, but this role may not
    ├── NotAuthenticated      no identity, or one that is no longer good
    ├── TooMany               too often; again after a while
    ├── NotMadeYet            a file that is made on demand is not there yet
    ├── StorageError          the database cannot do it
    │   ├── StorageUnavailable    it is away; try again
    │   └── CannotDecrypt         no key opens this, or it was altered
    ├── RoomServiceUnavailable    LiveKit is away, slow, or refuses us; try again
    └── ProviderError         a speech or language model service failed
        ├── ProviderUnavailable   it is away, slow, or refused
        └── ProviderReplied       it answered with what cannot be used

Each carries a stable `code` for programs, and `details` that are safe to show to the caller.
"""

import math
from typing import Any


class VivaError(Exception):
    """Base of all errors that Viva raises on purpose."""

    code = "error"
    status = 500

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details = details


class ConfigurationError(VivaError):
    """A setting is missing or wrong; the message says which and how to mend it."""

    code = "configuration"


class MachineError(VivaError):
    """This machine lacks what is needed (a port, disk, network, a program); the message says how to mend it."""

    code = "machine"


class NotFound(VivaError):
    """No such thing, or it belongs to somebody else: the caller is not told which."""

    code = "not_found"
    status = 404


class Conflict(VivaError):
    """The thing is in a state that forbids this."""

    code = "conflict"
    status = 409


class IllegalTransition(Conflict):
    """A session cannot move from its present status to the wanted one."""

    code = "illegal_transition"


class StaleAttempt(Conflict):
    """The writer's attempt has been replaced by a newer one; it must stop."""

    code = "stale_attempt"


class Invalid(VivaError):
    """The request's content is wrong."""

    code = "invalid"
    status = 422


class NotAuthenticated(VivaError):
    """No identity was given, or it is no longer good."""

    code = "not_authenticated"
    status = 401


class NotAllowed(VivaError):
    """The caller is known but may not do this."""

    code = "not_allowed"
    status = 403


class TooMany(VivaError):
    """It was asked for too often; `retry_after_s` in the details says when to come again (`Retry-After`)."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, *, retry_after_s: float, code: str | None = None, **details: Any) -> None:
        super().__init__(message, code=code, retry_after_s=max(1, math.ceil(retry_after_s)), **details)


class NotMadeYet(VivaError):
    """A file that is made on demand is not there yet, or could not be made; the call may be repeated."""

    code = "rendering_under_way"
    status = 503


class StorageError(VivaError):
    """The database cannot do what was asked."""

    code = "storage"


class StorageUnavailable(StorageError):
    """The database is away; the call may be repeated."""

    code = "storage_unavailable"
    status = 503


class CannotDecrypt(StorageError):
    """No configured key opens this value, or it was altered."""

    code = "cannot_decrypt"


class RoomServiceUnavailable(VivaError):
    """The LiveKit server is away, too slow, or refuses our key; the call may be repeated."""

    code = "room_service_unavailable"
    status = 503


class ProviderError(VivaError):
    """A speech or language model service failed."""

    code = "provider"
    status = 502


class ProviderUnavailable(ProviderError):
    """The provider is away, too slow, or refuses."""

    code = "provider_unavailable"
    status = 503


class ProviderReplied(ProviderError):
    """The provider answered with something that cannot be used."""

    code = "provider_replied"
