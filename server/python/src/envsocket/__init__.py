"""The server side of ``envsocket.v1`` for FastAPI and Starlette.

``Sessions`` serves WebSockets whose clients come back after a broken link to exactly what they lack; ``Questions``
and ``Hub`` are two things that are often built on one.
"""

from .closing import Refused
from .frames import Size
from .hub import Hub
from .questions import Question, QuestionError, Questions
from .sessions import MakeSource, Sessions
from .source import End, Gone, Message, Output, Source
from .terms import Limits, Terms
from .tokens import Admit, Grant

__all__ = [
    "Admit",
    "End",
    "Gone",
    "Grant",
    "Hub",
    "Limits",
    "MakeSource",
    "Message",
    "Output",
    "Question",
    "QuestionError",
    "Questions",
    "Refused",
    "Sessions",
    "Size",
    "Source",
    "Terms",
]
