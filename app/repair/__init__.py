"""A doubtful segment is tried again, cheaper ways first; the best answer by the checks is kept, and that is said."""

from app.repair.ladder import Case, Mended, Mender, doubtful
from app.repair.steps import STEPS, Step

__all__ = ["STEPS", "Case", "Mended", "Mender", "Step", "doubtful"]
