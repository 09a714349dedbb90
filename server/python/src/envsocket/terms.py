"""What sessions keep to: what they tell their clients, and what they keep to themselves. Numbers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

V1 = "envsocket.v1"
"""The subprotocol."""
PLAIN = "envsocket.plain"
"""The one that says that there is no protocol."""

MARK = "\0"
"""What a control frame begins with."""
ENTRY = 64
"""What an entry costs besides its bytes."""
MAX_NUMBER = (1 << 53) - 1
"""The largest number of the protocol."""
MAX_CONTROL = 16_384
"""The longest control frame of a client, in bytes, with its mark."""
MAX_REASON = 123
"""What a close frame has room for, in bytes of UTF-8."""
MAX_TOKEN = 8_192
"""The longest token, in bytes of UTF-8."""
HELLO_WITHIN = 5.0
"""How long a hello is waited for, in seconds."""
ACK_WITHIN = 0.5
"""When an ack is said that is not owed at once, in seconds. The document allows 1 s; the network takes some."""
DEAD_AFTER = 2.3
"""How many heartbeats a silent link lives."""


@dataclass(frozen=True)
class Terms:
    """How a session deals with its clients. Costs are bytes, and 64 for each entry."""

    ring: int = 2 << 20
    """The most output that is kept, as costs; one entry that costs more is kept alone."""
    window: int = 1 << 20
    """How much output may be outstanding, as costs; half the ring at most."""
    tail: int = 64 << 10
    """How much of the newest output is kept for those who come new, as costs."""
    credit: int = 1 << 20
    """How much input a client may have outstanding, as costs."""
    max_message: int = 1 << 20
    """The longest message that is taken, in bytes. The server below must take one byte more: uvicorn's
    ``--ws-max-size`` is 16 MiB."""
    heartbeat: float = 15.0
    """How often a client is pinged, in seconds."""
    patience: float = 5.0
    """How long the source is held for a controller that makes no progress, in seconds."""

    def __post_init__(self) -> None:
        for name in ("ring", "window", "credit", "max_message"):
            if not 1 <= getattr(self, name) <= MAX_NUMBER:
                raise ValueError(f"{name} must be from 1 to {MAX_NUMBER}, not {getattr(self, name)}")
        if not 0 <= self.tail <= self.ring:
            raise ValueError(f"tail must be from 0 to the ring's {self.ring}, not {self.tail}")
        if self.window * 2 > max(self.ring, 2):
            raise ValueError(f"window must be at most half the ring's {self.ring}, not {self.window}")
        if self.heartbeat < 0.001:
            raise ValueError(f"heartbeat must be at least a millisecond, not {self.heartbeat} s")
        if self.patience < 0:
            raise ValueError(f"patience must not be negative: {self.patience} s")


@dataclass(frozen=True)
class Limits:
    """What all sessions together keep to."""

    grace: float = 10_800.0
    """How long an attachment is remembered that has no link, in seconds."""
    ended_grace: float = 60.0
    """The same, of one that was given the end of its source. It need not come back, but the web servers below
    do not say whether it heard."""
    memory: int = 256 << 20
    """What all of them may cost together, in bytes."""
    attachments: int = 64
    """How many a session remembers."""
    token_grace: float = 10.0
    """How long a link outlives its token, in seconds, for clocks that differ and networks that are slow."""
    linger: float = 60.0
    """How long a source that nobody is attached to any more may take to take its last input, in seconds."""
