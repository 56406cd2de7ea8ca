"""Where a ciphertext belongs: bound into it, so that it opens nowhere else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    tenant: str
    kind: str
    """`table.column`; of a file, the column that names it."""
    record: str
    """Primary key of the row, joined by colons."""

    def bound(self, header: bytes) -> bytes:
        """Associated data. No two places run together to the same bytes."""
        parts = (
            b"dragoman vault",
            header,
            *(part.encode() for part in (self.tenant, self.kind, self.record)),
        )
        return b"".join(b"%d:%b" % (len(part), part) for part in parts)
