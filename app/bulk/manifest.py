"""What a run was asked, beside its output: whoever runs the same command again goes on, or is told what changed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from app.bulk.engine import ENGINE
from app.bulk.parts import written
from app.errors import ConfigurationError

State = Literal["running", "assembled", "done"]
"""running: windows are being translated. assembled: the output is whole and only has to take its name.
done: it has."""


@dataclass(frozen=True, slots=True)
class Manifest:
    job: str
    input: Mapping[str, Mapping[str, Any]]
    """A file's name to what tells it from another: size and checksum, where it has them."""
    options: Mapping[str, Any]
    terms: Mapping[str, Any]
    """Of the engine."""
    models: Mapping[str, str]
    """Id to fingerprint."""
    state: State = "running"
    ranges: Sequence[Mapping[str, Any]] = ()
    """Receipts of the parts that the output is made of."""
    outputs: Mapping[str, str] | None = None
    """Name to sha256, once they are whole."""
    report: Mapping[str, Any] | None = None
    forecast: Mapping[str, Any] | None = None
    """Made before the first window, where it was asked for."""

    def write(self, path: Path) -> None:
        """Raises StorageError."""
        written(path, orjson.dumps(asdict(self), default=str, option=orjson.OPT_INDENT_2) + b"\n")


def read(path: Path) -> Manifest | None:
    """None where there is none. Raises ConfigurationError for a file that is something else."""
    try:
        return Manifest(**orjson.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{path} is not the manifest of a bulk run. Move it away, or say --restart."
        ) from error


def differences(before: Manifest, now: Manifest) -> list[str]:
    """What of the input, the options, the engine or the models is not as it was, a phrase each."""
    told = list(_inputs(before.input, now.input))
    told += _options({**_terms(before), **before.options}, {**_terms(now), **now.options})
    told += _models(before.models, now.models)
    return told


def fingerprint(file: Path) -> dict[str, Any]:
    """Raises OSError."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"bytes": stream.tell(), "sha256": found}


def _terms(found: Manifest) -> Mapping[str, Any]:
    """Without who translates, where it is known what that depends on: whoever has the same models and terms may go on.
    A server of an earlier release does not say.
    """
    known = "dragoman" in found.terms
    return {name: value for name, value in found.terms.items() if name != ENGINE or not known}


def _inputs(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            yield f"the input {name} is gone"
        elif name not in before:
            yield f"the input {name} is new"
        elif before[name] != now[name]:
            yield f"the content of {name} changed"


def _options(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if _plain(before.get(name)) != _plain(now.get(name)):
            yield f"{name} was {_plain(before.get(name))} and is {_plain(now.get(name))}"


def _models(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for model in sorted(before.keys() | now.keys()):
        if before.get(model) != now.get(model):
            what = "is gone" if model not in now else "is new" if model not in before else "changed"
            yield f"the model {model} {what}"


def _plain(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
