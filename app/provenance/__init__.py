"""How each translation came about: told with it, kept with jobs, signed as a statement, and run again."""

from app.provenance.origin import Origin, made
from app.provenance.signing import Signer, verified
from app.provenance.statement import statement

__all__ = ["Origin", "Signer", "made", "statement", "verified"]
