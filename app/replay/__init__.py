"""A request sent again joins the running work, or gets the answer that the first one got."""

from app.replay.answer import Answer
from app.replay.ask import Ask, ask
from app.replay.replays import Replays, Terms, Turn

__all__ = ["Answer", "Ask", "Replays", "Terms", "Turn", "ask"]
