"""models.lock: what a source held when it was first used. What it holds later has to be the same, or is refused.

A JSON object in the model directory: the name of a source to the commit (of a hub) and the sha256 of every file taken.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from models.contracts import InstallError, Untrusted
from models.install.addresses import bare
from models.strictjson import parsed

LOCK_NAME = "models.lock"


@dataclass(frozen=True, slots=True)
class Pin:
    sha256: Mapping[str, str]
    """Digest by file name."""
    revision: str = ""
    """The commit, where the source has them."""


@dataclass(frozen=True, slots=True)
class Pins:
    file: Path
    pins: Mapping[str, Pin] = field(default_factory=dict)

    def of(self, source: str) -> Pin | None:
        return self.pins.get(source)

    def check(self, source: str, found: Pin) -> None:
        """Raises Untrusted if `source` was pinned with other content."""
        pin = self.of(source)
        if pin is None:
            return
        other = sorted(
            name for name in {*pin.sha256, *found.sha256} if pin.sha256.get(name) != found.sha256.get(name)
        )
        if other:
            raise Untrusted(
                f"{source} no longer holds what {self.file} pinned when it was first used: {', '.join(other)} differ. "
                f"If you expected a new version, say --update."
            )

    def keep(self, source: str, pin: Pin) -> "Pins":
        """Writes the file anew, all or nothing."""
        pins = {**self.pins, source: pin}
        body = {
            name: {key: value for key, value in asdict(each).items() if value}
            for name, each in sorted(pins.items())
        }
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(body, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        new.replace(self.file)
        return Pins(self.file, pins)


def read_pins(folder: Path) -> Pins:
    """Raises InstallError for a file that is there and cannot be understood: it must not be passed over."""
    file = folder / LOCK_NAME
    try:
        raw = parsed(file.read_text(encoding="utf-8"))
        pins = {
            _plain(name): Pin(dict(pin["sha256"]), str(pin.get("revision", ""))) for name, pin in raw.items()
        }
    except FileNotFoundError:
        return Pins(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InstallError(
            f"{file} cannot be read; it holds the checksums of your models. Put it back."
        ) from error
    return Pins(file, pins)


def _plain(source: str) -> str:
    """Versions before 2026-11-23 pinned an address with its query."""
    return bare(source) if source.startswith(("https://", "http://")) else source
