"""How each translation came about: told with it, kept with jobs, signed, and run again."""

from app.provenance.origin import Origin, made
from app.provenance.signing import Signer, verified

__all__ = ["Origin", "Signer", "made", "verified"]
