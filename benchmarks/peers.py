"""Where the programs we are compared with live: environments of their own, made by `make bench-peers`."""

from pathlib import Path

from app.bench.machine import ROOT

PEERS = ROOT / ".cache" / "peers"


def program(peer: str, name: str) -> Path | None:
    """An executable of a peer's environment; None where it was never made."""
    file = PEERS / peer / "bin" / name
    return file if file.exists() else None
