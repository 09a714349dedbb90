"""What a session remembers of an attachment, and of each of its links. Plain data with its sums; what is decided by it
is in ``session``, ``hearing`` and ``saying``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .closing import Farewell
from .frames import Size
from .tokens import Grant


class Link:
    """One WebSocket of an attachment, from its hello on. ``wake`` is called when it may have something to say, and
    ``over`` when it has nothing more to say but goodbye."""

    def __init__(self, wake: Callable[[], None], over: Callable[[], None], now: float) -> None:
        self.wake = wake
        self._over = over
        self.heard = now
        """When the client last said anything."""
        self.attachment: Attachment | None = None
        self.grant: Grant | None = None
        """What its token is good for, where tokens are asked for."""
        self.expires_at: float | None = None
        """When that is over, and the grace with it, on the session's clock."""
        self.first: deque[str] = deque()
        """The frames that come before everything else: the welcome, and a gap."""
        self.is_welcomed = False
        self.position = 0
        """The last output that was handed over, or that the client had before."""
        self.skip_to = 0
        """How far a ``skip`` may go: what the hello has said to be sent."""
        self.stated = (0, 0)
        """What the client has said on this link: received, consumed."""
        self.outstanding: deque[tuple[int, int]] = deque()
        """The numbers and costs of what was handed over and is not consumed."""
        self.outstanding_cost = 0
        self.told = (0, 0)
        """What was said to the client on this link of its input: received, consumed."""
        self.owed = (0, 0)
        """The costs of what was not: received, consumed."""
        self.ack_at: float | None = None
        self.ping_at = now
        self.pongs = False
        self.is_controller = False
        """What it was told of that."""
        self.bye: str | None = None
        """A last frame before the close."""
        self.farewell: Farewell | None = None
        """Once there is one, nothing is read any more, and nothing else is said."""

    @property
    def may_write(self) -> bool:
        """Whether it may send input."""
        return self.grant is None or self.grant.write

    def say_goodbye(self, farewell: Farewell, bye: str | None = None) -> None:
        """Ends it, unless it has ended."""
        if self.farewell is None:
            # Before the welcome there is no `bye`.
            self.farewell, self.bye = farewell, bye if self.is_welcomed else None
            self.first.clear()
            self.wake()
            self._over()

    def hand_over(self, number: int, cost: int) -> None:
        """This entry is on its way."""
        self.position = number
        self.outstanding.append((number, cost))
        self.outstanding_cost += cost

    def consumed(self, number: int) -> None:
        """The client has consumed so far."""
        while self.outstanding and self.outstanding[0][0] <= number:
            self.outstanding_cost -= self.outstanding.popleft()[1]


@dataclass(eq=False)
class Attachment:
    """One tab's place in a session."""

    id: str = field(repr=False)
    secret: str = field(repr=False)
    epoch: str = field(repr=False)
    attempt: int
    base: int
    """The first welcome's ``next`` less one."""
    size: Size | None = None
    """Its terminal's."""
    received: int = 0
    """Input: taken from it."""
    consumed: int = 0
    """Input: consumed by the source."""
    queued: int = 0
    """What the input costs that is taken and not consumed."""
    used: int = 0
    """Higher for whoever was used later."""
    link: Link | None = None
    """The one that speaks for it."""
    latest: Link | None = None
    """The one of the highest attempt."""
    detached_at: float = 0.0
    """When it lost its link; of no meaning while it has one."""
    has_end: bool = False
    """Whether its latest link was given the end and closed."""

    def __post_init__(self) -> None:
        self.sent = self.acked = self.out_consumed = self.base
        """Output: ever handed over, received, and consumed."""
