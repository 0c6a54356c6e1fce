"""What httpx needs for each client, made once: it takes 20 ms of a core, and much here makes a client a second."""

import ssl

TLS = ssl.create_default_context()
"""Handed to httpx as `verify`; between the parts on one machine nothing is encrypted, and it is never used."""
