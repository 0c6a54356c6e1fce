"""Everything that is shared between processes, in MongoDB. The only package that knows the driver."""

from interview.storage.crypto import Keyring
from interview.storage.store import Storage

__all__ = ["Keyring", "Storage"]
