"""What is done of a run: runs of windows with their answers, one file each, whole or not there.

A part is written by one call, from any process on any machine that sees the folder; the corpus is put together from
them at the end. Its first line is the receipt, with checksums of what was asked and of what follows; then comes a line
a window, `[number, digest, [answers of a record, …]]`.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from app.bulk.added import Answers, kept
from app.bulk.engine import Answer, Body
from app.bulk.record import Window
from app.errors import StorageError
from app.storage.files import durable

_SUFFIX = ".part"


@dataclass(frozen=True, slots=True)
class Charge:
    """What windows came to, summed."""

    billed_characters: int = 0
    price: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    currency: str = ""
    compute_seconds: float = 0.0

    def __add__(self, usage: Body) -> "Charge":
        return Charge(
            self.billed_characters + usage["billed_characters"],
            self.price + Decimal(usage["price"]),
            self.cost + Decimal(usage["cost"]),
            usage["currency"] or self.currency,
            self.compute_seconds + usage["compute_seconds"],
        )


@dataclass(frozen=True, slots=True)
class Done:
    """A window and what was answered, record by record."""

    number: int
    digest: str
    answers: Sequence[Answers]


@dataclass(frozen=True, slots=True)
class Receipt:
    first: int
    last: int
    asked: str
    """Digest over the digests of its windows."""
    sha256: str
    """Of everything after the receipt."""
    charge: Charge
    seconds: float
    """On the clock, from the part before to this one."""

    @property
    def name(self) -> str:
        return f"{self.first:010}-{self.last:010}{_SUFFIX}"


def done(window: Window, answer: Answer, fingerprints: Mapping[str, str]) -> Done:
    """`fingerprints`: of models, by id."""
    translations = iter(answer.translations)
    answers = [
        [None if text is None else kept(next(translations), fingerprints) for text in record.texts]
        for record in window.records
    ]
    return Done(window.number, window.digest, answers)


def digest(digests: Iterable[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()


class Parts:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, run: Sequence[Done], charge: Charge, *, seconds: float) -> Receipt:
        """`run`: consecutive windows. On the disk when this returns. Raises StorageError."""
        content = b"".join(orjson.dumps([each.number, each.digest, each.answers]) + b"\n" for each in run)
        receipt = Receipt(
            run[0].number,
            run[-1].number,
            digest(each.digest for each in run),
            hashlib.sha256(content).hexdigest(),
            charge,
            seconds,
        )
        written(self.folder / receipt.name, orjson.dumps(asdict(receipt), default=str) + b"\n" + content)
        return receipt

    def receipts(self) -> list[Receipt]:
        """In the order of their windows, each window once. A damaged part is removed, to be made anew."""
        found: list[Receipt] = []
        for file in sorted(self.folder.glob(f"*{_SUFFIX}")):
            receipt = _receipt(file)
            if receipt is None:
                file.unlink()
            elif not found or receipt.first > found[-1].last:
                found.append(receipt)
        return found

    def answers(self, receipts: Iterable[Receipt]) -> Iterator[Done]:
        """Raises StorageError for a part that is not what its receipt says."""
        for receipt in receipts:
            file = self.folder / receipt.name
            if _receipt(file) != receipt:
                raise StorageError(f"{file} was changed. Run the same command again: it is made anew.")
            with file.open("rb") as lines:
                next(lines)
                for line in lines:
                    yield Done(*orjson.loads(line))


def written(path: Path, content: bytes) -> None:
    """Whole and on the disk when this returns, or as it was. Raises StorageError."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        made.write_bytes(content)
        durable(made)
        made.replace(path)
        durable(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error


def _receipt(file: Path) -> Receipt | None:
    """None where the file is not whole."""
    try:
        with file.open("rb") as stream:
            stated = orjson.loads(stream.readline())
            found = _parsed(stated)
            same = hashlib.file_digest(stream, "sha256").hexdigest() == found.sha256
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if same and found.name == file.name else None


def _parsed(stated: dict[str, Any]) -> Receipt:
    charge = dict(stated["charge"])
    charge["price"], charge["cost"] = Decimal(charge["price"]), Decimal(charge["cost"])
    return Receipt(**{**stated, "charge": Charge(**charge)})
