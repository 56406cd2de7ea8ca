"""How much a document may ask of this machine. Every format keeps to these."""

from dataclasses import dataclass

from app.errors import DamagedDocument, TooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    max_bytes: int = 50_000_000
    """Of the file as it came."""
    max_expanded_bytes: int = 500_000_000
    """Of all that is packed in it together, counted while unpacking: what headers claim is not believed."""
    max_entries: int = 10_000
    """Files in an archive, those of nested archives included."""
    max_depth: int = 200
    """Elements, brackets, groups or messages within each other."""
    max_units: int = 500_000

    def check_bytes(self, size: int) -> None:
        if size > self.max_bytes:
            raise TooLarge(f"The document has {size:,} bytes; this server takes {self.max_bytes:,}.")

    def check_expanded(self, size: int) -> None:
        if size > self.max_expanded_bytes:
            raise TooLarge(f"Unpacked, the document is larger than {self.max_expanded_bytes:,} bytes.")

    def check_entries(self, count: int) -> None:
        if count > self.max_entries:
            raise TooLarge(f"The archive holds more than {self.max_entries:,} files.")

    def check_units(self, count: int) -> None:
        if count > self.max_units:
            raise TooLarge(f"The document has more than {self.max_units:,} pieces of text.")

    def check_depth(self, depth: int) -> None:
        """No honest document is nested so deep: damaged, rather than too large."""
        if depth > self.max_depth:
            raise DamagedDocument(f"The document is nested deeper than {self.max_depth} levels.")
