"""Ports of this machine: the usual one where it is free, another where it is not."""

import random
import socket
from typing import Literal

import psutil

from interview.errors import MachineError

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


def pick(usual: int | None, protocol: Protocol = "tcp", taken: frozenset[int] | set[int] = frozenset()) -> int:
    """Return `usual` where it is free, and else a free port that is not in `taken`."""
    if usual is not None and usual not in taken and is_free(usual, protocol):
        return usual
    for _ in range(_ATTEMPTS):
        port = random.randrange(_LOWEST, _HIGHEST)
        if port not in taken and is_free(port, protocol):
            return port
    raise MachineError(f"found no free {protocol} port from {_LOWEST} to {_HIGHEST} in {_ATTEMPTS} attempts")


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
