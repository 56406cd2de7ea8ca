"""Deterministic checks of a translation against its source: doubts to show, never a verdict. No model."""

from app.fidelity.checks import check, loops
from app.fidelity.findings import Finding, find
from app.fidelity.kinds import FLAGS

__all__ = ["FLAGS", "Finding", "check", "find", "loops"]
