"""How each translation came about: told with it, kept with jobs, signed, and run again."""

from app.provenance.origin import Making, Origin, made
from app.provenance.signing import Signer, verified

__all__ = ["Making", "Origin", "Signer", "made", "verified"]
