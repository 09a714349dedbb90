"""Who may come in: what an application says of a token. Keeps no token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Grant:
    """What a good token is good for, in the environment that the link is for."""

    subject: str
    """Whose it is. Sessions belong to their subject."""
    write: bool = True
    """Whether messages may be sent, or only read."""
    expires: float | None = None
    """When it expires, in seconds since 1970, as ``time.time()`` counts them; ``None``: never."""


Admit = Callable[[str | None], Grant | Awaitable[Grant]]
"""Looks at the token of a hello, or at one that takes its place; ``None`` if there is none. Raises
``Refused(4401)`` for one that is not good, ``Refused(4403)`` if its owner may not reach this environment, and
``Refused(4404)`` if its owner may, and there is none. Compare tokens in constant time."""
