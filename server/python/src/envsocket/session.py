"""One session: who is attached to it, and how they come and go, by chapter "Handshake" of the document.

All of it is synchronous, knows no socket, and takes the time as an argument. What clients say is heard in ``hearing``,
what they are told is said in ``saying``.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass

from .attachment import Attachment, Link
from .closing import FORBIDDEN, SLOW_DOWN, SUPERSEDED, VIOLATION, Farewell, Refused, is_for_good
from .frames import Hello, Size, size_fields, write
from .log import Log
from .source import Entry, Message
from .terms import Limits, Terms


@dataclass
class Input:
    """What the source is to take next."""

    what: Message | Size | None
    """A message, a size, or nothing: numbers that are consumed when their turn comes."""
    attachment: Attachment | None
    """Whose it is; none for a size that has no number."""
    numbers: int
    cost: int


class Session:
    """The state of one session. After each call ``changed`` is true if its driver has something to look at."""

    def __init__(self, terms: Terms, limits: Limits) -> None:
        self.terms = terms
        self.limits = limits
        self.log = Log(terms.ring, terms.tail)
        self.attachments: dict[str, Attachment] = {}
        self.controller: Attachment | None = None
        self.queue: deque[Input] = deque()
        self.orphaned = 0
        """What the input costs that is queued of attachments that were forgotten."""
        self.size: Size | None = None
        """What the source was told last of its terminal's size."""
        self.held_since: float | None = None
        """Since when the source is held without any progress of the controller."""
        self._uses = 0

    # Coming.

    def attach(self, now: float, link: Link, hello: Hello) -> None:
        """Gives the link the place that its hello asks for, and has it say a welcome.

        Raises ``Refused``; then the link has no place, but an older one of the same attachment may be fenced.
        """
        known = self.attachments.get(hello.attachment)
        if known:
            if not secrets.compare_digest(known.secret, hello.secret):
                raise Refused(FORBIDDEN, "the attachment has another secret")
            if hello.attempt <= known.attempt:
                raise Refused(SUPERSEDED, "superseded")
            known.attempt, known.latest = hello.attempt, link
            self.close(now, known, Farewell(SUPERSEDED, "superseded"))
        if known and hello.epoch in (None, known.epoch):
            attachment, position = known, self._resume(known, hello)
            link.skip_to = hello.sent
        elif known and known.received == 0 and known.acked == known.base:
            # The welcome of its present epoch was lost.
            attachment, position = known, known.base
        else:
            attachment = self._fresh(link, hello)
            position = attachment.base
        self._place(now, link, attachment, position, hello.size)

    def _resume(self, known: Attachment, hello: Hello) -> int:
        position = known.base if hello.epoch is None else hello.received
        if not hello.acked <= known.received <= hello.sent:
            raise Refused(VIOLATION, "hello: the input does not fit what was received")
        if position < known.acked:
            raise Refused(VIOLATION, "hello: `received` is less than was said before")
        if position > known.sent:
            raise Refused(VIOLATION, "hello: `received` is more than was ever sent")
        return position

    def _fresh(self, link: Link, hello: Hello) -> Attachment:
        old = self.attachments.get(hello.attachment)
        if old:
            self.forget(old)
        if self.orphaned > self.terms.credit:
            raise Refused(SLOW_DOWN, "the session has no room for another attachment")
        if len(self.attachments) >= self.limits.attachments:
            away = [one for one in self.attachments.values() if one.link is None]
            if not away:
                raise Refused(SLOW_DOWN, "the session has no room for another attachment")
            self.forget(min(away, key=lambda one: one.detached_at))
        attachment = Attachment(
            hello.attachment,
            hello.secret,
            epoch=secrets.token_hex(16),
            attempt=hello.attempt,
            base=self.log.first_of_tail() - 1,
        )
        attachment.latest = link
        self.attachments[hello.attachment] = attachment
        return attachment

    def _place(self, now: float, link: Link, attachment: Attachment, position: int, size: Size | None) -> None:
        attachment.link, attachment.acked = link, position
        attachment.out_consumed = max(attachment.out_consumed, position)
        attachment.has_end = False
        link.attachment, link.position, link.stated = attachment, position, (position, 0)
        # The welcome says nothing of `consumed`.
        link.told = (attachment.received, 0)
        link.heard, link.ping_at = now, now + self.terms.heartbeat
        if not link.may_write and attachment is self.controller:
            self.controller = None
        if self.controller is None:
            self._choose_controller()
        if size is not None and link.may_write:
            attachment.size = size
        link.is_controller = attachment is self.controller
        self._welcome(link, attachment)
        self.apply_size()
        self.settle()

    def _welcome(self, link: Link, attachment: Attachment) -> None:
        log, position = self.log, link.position
        is_short = log.oldest > position + 1
        link.first.append(
            write(
                "welcome",
                epoch=attachment.epoch,
                received=attachment.received,
                next=position + 1,
                live=log.last,
                heartbeatMs=max(1, round(self.terms.heartbeat * 1000)),
                window=self.terms.window,
                credit=self.terms.credit,
                maxMessage=self.terms.max_message,
                controller=link.is_controller,
                readOnly=not link.may_write,
                **size_fields(None if is_short else log.size_at(position)),
            )
        )
        if is_short:
            link.position = log.oldest - 1
            attachment.sent = max(attachment.sent, link.position)
            link.first.append(
                write(
                    "gap",
                    **{"from": position + 1},
                    to=link.position,
                    reason="evicted",
                    snapshot=False,
                    **size_fields(log.size_at(link.position)),
                )
            )

    # Going.

    def close(self, now: float, attachment: Attachment, farewell: Farewell, bye: str | None = None) -> None:
        """Ends an attachment's link, if it has one. It is detached at once, however long the closing takes."""
        if attachment.link:
            attachment.link.say_goodbye(farewell, bye)
            self._detach(now, attachment)

    def gone(self, now: float, link: Link, code: int | None) -> None:
        """A link's socket is no more. ``code`` is of the client's own close frame; without one it is ``None``."""
        attachment = link.attachment
        if attachment is None or attachment.latest is not link:
            return  # It was refused, or fenced.
        if attachment.link is link:
            self._detach(now, attachment)
        if code is not None and is_for_good(code):
            self.forget(attachment)

    def forget(self, attachment: Attachment) -> None:
        """It is unknown from now on. What it has sent is still taken."""
        if self.attachments.get(attachment.id) is not attachment:
            return
        del self.attachments[attachment.id]
        self.orphaned += attachment.queued
        if attachment is self.controller:
            self.controller = None
            self._choose_controller()
            self.apply_size()
        self.settle()

    def expire(self, now: float) -> None:
        """Forgets those whose grace is over."""
        for attachment in list(self.attachments.values()):
            if attachment.link is None and self._grace_ends(attachment) <= now:
                self.forget(attachment)

    def next_expiry(self) -> float | None:
        """When there is somebody to forget."""
        away = (self._grace_ends(one) for one in self.attachments.values() if one.link is None)
        return min(away, default=None)

    def _grace_ends(self, attachment: Attachment) -> float:
        limits = self.limits
        return attachment.detached_at + (limits.ended_grace if attachment.has_end else limits.grace)

    def _detach(self, now: float, attachment: Attachment) -> None:
        attachment.link = None
        attachment.detached_at = now
        self.settle()

    # What all of them share.

    @property
    def is_attached(self) -> bool:
        """Whether anybody has a link."""
        return any(one.link for one in self.attachments.values())

    @property
    def cost(self) -> int:
        """What the session keeps, in bytes."""
        queued = sum(one.queued for one in self.attachments.values())
        return self.log.cost + queued + self.orphaned

    def append(self, entry: Entry) -> None:
        """The source has said this."""
        self.log.append(entry)
        self.settle()

    def settle(self) -> None:
        """After every change: drops what nobody lacks, and wakes whoever may have something to say."""
        lacking = (one.acked for one in self.attachments.values())
        self.log.trim(min(lacking, default=self.log.last) + 1)
        for attachment in self.attachments.values():
            if attachment.link:
                attachment.link.wake()

    # The source, and who holds it back.

    def room_at(self, now: float, cost: int) -> float | None:
        """When the source may say something of this cost: ``None`` for now, else a time to look again at, unless
        something changes before that."""
        controller = self.controller
        lacks = self.log.cost_after(controller.out_consumed) if controller else 0
        if not controller or not controller.link or lacks == 0 or lacks + cost <= self.terms.window:
            self.held_since = None
            return None
        if self.held_since is None:
            self.held_since = now
        patience_ends = self.held_since + self.terms.patience
        return patience_ends if now < patience_ends else None

    def used(self, attachment: Attachment) -> None:
        """It has sent a message: it is the controller."""
        self._uses += 1
        attachment.used = self._uses
        if attachment is not self.controller:
            self.controller = attachment
            self.held_since = None
            self.apply_size()

    def apply_size(self) -> None:
        """Tells the source the controller's size, if it is news."""
        size = self.controller.size if self.controller else None
        if size is not None and size != self.size:
            self.size = size
            self.queue.append(Input(size, None, 0, 0))

    def _choose_controller(self) -> None:
        able = [one for one in self.attachments.values() if one.link and one.link.may_write]
        self.controller = max(able, key=lambda one: one.used, default=None)
        self.held_since = None
