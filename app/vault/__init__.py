"""Texts at rest: encrypted under a key of each tenant's own, which a master key wraps (docs/privacy.md)."""
