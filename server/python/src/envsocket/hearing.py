"""What a link's client says, and what a session makes of it, by chapters "Numbers", "Input" and "Windows" of the
document. A violation ends the link, and does nothing else."""

from __future__ import annotations

from .attachment import Attachment, Link
from .closing import FORBIDDEN, TOO_BIG, Farewell, violation
from .frames import Counts, Frame, Hello, Resize, Skip, Violation, read
from .session import Input, Session
from .source import Message, cost
from .terms import ACK_WITHIN, ENTRY, MARK


def unpack(data: Message) -> Message | Frame:
    """What came over the socket, without its escape. Raises ``Violation``."""
    if isinstance(data, str) and data.startswith(MARK):
        if not data.startswith(MARK + MARK):
            return read(data)
        return data[len(MARK) :]
    return data


def hear(session: Session, now: float, link: Link, data: Message) -> str | None:
    """Takes what came over a link that has been welcomed. Returns a token that takes the place of the link's, for
    whoever knows tokens."""
    attachment = link.attachment
    if link.farewell or attachment is None:
        return None
    link.heard = now
    try:
        heard = unpack(data)
        if isinstance(heard, Counts):
            _counts(session, link, attachment, heard)
        elif isinstance(heard, (str, bytes)):
            _message(session, now, link, attachment, heard)
        elif isinstance(heard, Resize):
            if _input(session, now, link, attachment, Input(None, attachment, 1, ENTRY)):
                attachment.size = heard.size
                if attachment is session.controller:
                    session.apply_size()
        elif isinstance(heard, Skip):
            _skip(session, now, link, attachment, heard.to)
        elif isinstance(heard, Hello):
            raise Violation("hello was said before")
        else:
            return heard.token
    except Violation as why:
        session.close(now, attachment, violation(str(why)))
    return None


def consumed(session: Session, now: float, taken: Input) -> None:
    """The source has taken this."""
    attachment = taken.attachment
    if attachment is None:
        return
    attachment.consumed += taken.numbers
    attachment.queued -= taken.cost
    if session.attachments.get(attachment.id) is not attachment:
        session.orphaned -= taken.cost
    elif attachment.link:
        _owe(session, now, attachment.link, (0, taken.cost))


def _counts(session: Session, link: Link, attachment: Attachment, counts: Counts) -> None:
    received, consumed_before = link.stated
    if counts.sent != attachment.received:
        raise Violation(f"miscount: {counts.sent} sent, {attachment.received} received")
    if counts.received < received:
        raise Violation(f"{counts.kind}: `received` went back")
    if counts.received > link.position:
        raise Violation(f"{counts.kind}: `received` is more than was sent")
    if counts.consumed < consumed_before:
        raise Violation(f"{counts.kind}: `consumed` went back")
    link.stated = (counts.received, counts.consumed)
    link.consumed(counts.consumed)
    attachment.acked = counts.received
    if counts.consumed > attachment.out_consumed:
        attachment.out_consumed = counts.consumed
        if attachment is session.controller:
            session.held_since = None
    if counts.kind == "ping":
        link.pongs = True
    session.settle()


def _message(session: Session, now: float, link: Link, attachment: Attachment, message: Message) -> None:
    size = cost(message)
    if size - ENTRY > session.terms.max_message:
        why = f"a message is longer than {session.terms.max_message} bytes"
        session.close(now, attachment, Farewell(TOO_BIG, why))
        return
    if link.may_write:
        # Before the message, so that a size of its own comes before it.
        _check_credit(session, attachment, size)
        session.used(attachment)
    _input(session, now, link, attachment, Input(message, attachment, 1, size))


def _input(session: Session, now: float, link: Link, attachment: Attachment, taken: Input) -> bool:
    if not link.may_write:
        session.close(now, attachment, Farewell(FORBIDDEN, "this link may only read"))
        return False
    _check_credit(session, attachment, taken.cost)
    attachment.received += taken.numbers
    attachment.queued += taken.cost
    session.queue.append(taken)
    _owe(session, now, link, (taken.cost, 0))
    session.settle()
    return True


def _check_credit(session: Session, attachment: Attachment, size: int) -> None:
    if attachment.queued and attachment.queued + size > session.terms.credit:
        raise Violation(f"more input than the credit of {session.terms.credit} allows")


def _skip(session: Session, now: float, link: Link, attachment: Attachment, to: int) -> None:
    if to <= attachment.received:
        raise Violation("skip: `to` is not beyond what was received")
    if to > link.skip_to:
        raise Violation("skip: `to` is beyond what was ever sent")
    session.queue.append(Input(None, attachment, to - attachment.received, 0))
    attachment.received = to
    _owe(session, now, link, (0, 0))
    session.settle()


def _owe(session: Session, now: float, link: Link, costs: tuple[int, int]) -> None:
    """These costs are not acknowledged: at half of the credit at once, else soon."""
    link.owed = (link.owed[0] + costs[0], link.owed[1] + costs[1])
    if 2 * max(link.owed) >= session.terms.credit:
        link.ack_at = now
    elif link.ack_at is None:
        link.ack_at = now + ACK_WITHIN
    link.wake()
