"""The form of names that come from outside: looked at before anything is looked up by them."""

from __future__ import annotations

LONGEST = 128
"""The longest name, in characters."""


def checked(what: str, name: object) -> str:
    """The name, if it is 1 to 128 printable characters. Raises ``ValueError``, without saying the name."""
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST or not name.isprintable():
        raise ValueError(f"{what} must be a text of 1 to {LONGEST} printable characters")
    return name


def short(name: str) -> str:
    """As much of it as a log line may have: whole ids may be secrets."""
    return name if len(name) <= 8 else f"{name[:8]}…"
