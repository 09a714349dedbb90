"""What a link says next, by chapters "Windows", "Heartbeat" and "Ends" of the document. Asked by whoever writes to the
socket, one thing at a time, so that counts are taken when they enter the one queue that there is."""

from __future__ import annotations

from .attachment import Attachment, Link
from .closing import ENDED, GIVEN_UP, TOO_SLOW, UNAUTHORIZED, Farewell
from .frames import Size, size_fields, write
from .session import Session
from .source import End, Entry, Message
from .terms import DEAD_AFTER, MARK

Say = Message | Farewell | None
"""What goes to the socket; a farewell ends it, and ``None`` is nothing for now."""


def say(session: Session, now: float, link: Link) -> Say:
    """The next of it. To be called again until it is ``None``, and then when the link is woken, or at ``deadline``."""
    attachment = link.attachment
    if link.farewell is not None:
        bye, link.bye = link.bye, None
        return bye or link.farewell
    if attachment is None:
        return None
    if link.first:
        link.is_welcomed = True
        return link.first.popleft()
    return _frame(session, now, link, attachment) or _entry(session, now, link, attachment)


def deadline(link: Link) -> float:
    """When there is something to say, whatever else happens."""
    return link.ping_at if link.ack_at is None else min(link.ack_at, link.ping_at)


def look_at_the_clock(session: Session, now: float, link: Link) -> float:
    """Ends the link if its time is over, also one that cannot be written to. Returns when to look again."""
    dead_at = link.heard + DEAD_AFTER * session.terms.heartbeat
    attachment = link.attachment
    if attachment is not None and attachment.link is link:
        if now >= dead_at:
            session.close(now, attachment, Farewell(GIVEN_UP, "no sign of life"))
        elif link.expires_at is not None and now >= link.expires_at:
            session.close(now, attachment, Farewell(UNAUTHORIZED, "the token has expired"))
    return dead_at if link.expires_at is None else min(dead_at, link.expires_at)


def _frame(session: Session, now: float, link: Link, attachment: Attachment) -> str | None:
    is_controller = attachment is session.controller
    if link.is_controller != is_controller:
        link.is_controller = is_controller
        return write("role", controller=is_controller)
    if link.pongs:
        link.pongs = False
        return _counts("pong", link, attachment)
    if now >= link.ping_at:
        link.ping_at = now + session.terms.heartbeat
        return _counts("ping", link, attachment)
    if link.ack_at is not None and now >= link.ack_at:
        return _ack(link, attachment)
    return None


def _ack(link: Link, attachment: Attachment) -> str | None:
    link.ack_at = None
    if link.told == (attachment.received, attachment.consumed):
        return None
    return _counts("ack", link, attachment)


def _counts(kind: str, link: Link, attachment: Attachment) -> str:
    link.told, link.owed, link.ack_at = (attachment.received, attachment.consumed), (0, 0), None
    return write(kind, sent=link.position, received=attachment.received, consumed=attachment.consumed)


def _entry(session: Session, now: float, link: Link, attachment: Attachment) -> Say:
    log, number = session.log, link.position + 1
    if number > log.last:
        if log.ended:
            attachment.has_end = True
            session.close(now, attachment, Farewell(ENDED, log.ended.reason))
            return link.farewell
        return None
    if number < log.oldest:
        session.close(now, attachment, Farewell(TOO_SLOW, "too slow: what comes next is gone"))
        return link.farewell
    entry, cost = log[number]
    if link.outstanding and link.outstanding_cost + cost > session.terms.window:
        return None
    if isinstance(entry, End):
        # After it nothing can be said.
        owed = _ack(link, attachment)
        if owed:
            return owed
    link.hand_over(number, cost)
    attachment.sent = max(attachment.sent, number)
    return _written(entry)


def _written(entry: Entry) -> Message:
    if isinstance(entry, Size):
        return write("size", **size_fields(entry))
    if isinstance(entry, End):
        return write("end", code=entry.code)
    if isinstance(entry, str) and entry.startswith(MARK):
        return MARK + entry
    return entry
