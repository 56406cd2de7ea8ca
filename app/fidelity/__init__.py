"""Deterministic checks of a translation against its source: doubts to show, never a verdict. No model."""

from app.fidelity.checks import check
from app.fidelity.dates import Order, order
from app.fidelity.findings import Finding, find
from app.fidelity.glance import Glance
from app.fidelity.kinds import FLAGS
from app.fidelity.repetition import loops

__all__ = ["FLAGS", "Finding", "Glance", "Order", "check", "find", "loops", "order"]
