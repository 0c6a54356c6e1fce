"""Ports of this machine: the usual one where it is free, another where it is not."""

import fcntl
import random
import socket
from typing import IO, Literal

import psutil

from interview.errors import MachineError
from local.caches import cache_dir

Protocol = Literal["tcp", "udp"]

_HOST = "127.0.0.1"
# Below the range from which Linux picks the ports of outgoing connections, so that none takes it meanwhile.
_LOWEST, _HIGHEST = 20_000, 32_000
_ATTEMPTS = 200


def is_free(port: int, protocol: Protocol = "tcp") -> bool:
    """Tell whether a server could listen on this port now."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        if protocol == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


class Reservations:
    """Ports that are promised to one running Viva, from their choice to its end.

    A port is chosen seconds before its server listens on it. Without the promise, another Viva that starts at the
    same time would choose it too, and each would take the other's server for its own.
    """

    def __init__(self) -> None:
        self._held: dict[int, IO[str]] = {}

    def pick(self, usual: int | None, protocol: Protocol = "tcp") -> int:
        """Return `usual` where it is free and nobody else's, and else another such port."""
        if usual is not None and self._reserve(usual, protocol):
            return usual
        for _ in range(_ATTEMPTS):
            port = random.randrange(_LOWEST, _HIGHEST)
            if self._reserve(port, protocol):
                return port
        raise MachineError(f"found no free {protocol} port from {_LOWEST} to {_HIGHEST} in {_ATTEMPTS} attempts")

    def release(self) -> None:
        """Give all of them back."""
        for file in self._held.values():
            file.close()
        self._held.clear()

    def _reserve(self, port: int, protocol: Protocol) -> bool:
        folder = cache_dir() / "ports"
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / f"{port}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        if not is_free(port, protocol):
            file.close()
            return False
        self._held[port] = file
        return True


def holder(port: int) -> str:
    """Who listens on a port, for people: `python (pid 123)`, or `another program` where it cannot be told."""
    try:
        connections = psutil.net_connections("inet")
    except psutil.AccessDenied:
        return "another program"
    for connection in connections:
        listens = connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
        if connection.laddr and connection.laddr.port == port and listens and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.NoSuchProcess:
                break
    return "another program"
