"""What crosses the border of this package: pairs, tokenised segments, translations, the Backend and the errors.

ModelError
├── InvalidCard        a model's card or folder does not say what is needed to serve it
├── InvalidRoutes      the operator's routes file cannot be read
├── DeviceUnavailable  the device that was asked for is not here, or cannot do what was asked
├── ChecksumMismatch   a file differs from what the card vouches for
├── ModelUnavailable   the engine cannot load the model
│   └── Quarantined    it failed a moment ago and is not tried again yet
├── EngineFailure      the engine raised while translating
├── InstallError       a model cannot be fetched, read, converted or put in its place
│   └── Untrusted      it could be, and is refused: changed since it was pinned, a pickle, a licence, a bundle's seal
└── NoRouteError       no installed model, nor two in a row, leads from one language to the other
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


class ModelError(Exception):
    """Root of this package's errors; never raised itself."""


class InvalidCard(ModelError):
    pass


class InvalidRoutes(ModelError):
    pass


class DeviceUnavailable(ModelError):
    pass


class ChecksumMismatch(ModelError):
    pass


class ModelUnavailable(ModelError):
    pass


class Quarantined(ModelUnavailable):
    """`retry_after`: seconds until the model is tried again."""

    def __init__(self, model: str, reason: str, *, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"Model {model} failed and is set aside; it is tried again in {retry_after:.0f} s. {reason}"
        )


class EngineFailure(ModelError):
    pass


class InstallError(ModelError):
    pass


class AlreadyInstalled(InstallError):
    pass


class Untrusted(InstallError):
    pass


@dataclass(frozen=True, slots=True, order=True)
class LanguagePair:
    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source}-{self.target}"


def _pulls(names: str) -> str:
    """The command for each of `names`, which are joined by "and" where it takes two."""
    return " and ".join(f"`dragoman models pull {name}`" for name in names.split(" and "))


class NoRouteError(ModelError):
    """Carries what is installed and which published models would open the pair."""

    def __init__(
        self, pair: LanguagePair, *, installed: Sequence[str], installable: Sequence[str], reason: str = ""
    ) -> None:
        """`reason`: why what is installed does not count, in place of what could be."""
        self.pair = pair
        self.installed = tuple(installed)
        self.installable = tuple(installable)
        have = ", ".join(self.installed) or "nothing"
        could = reason or (
            f"OPUS-MT publishes {' or '.join(self.installable)}: {_pulls(self.installable[0])}"
            if self.installable
            else "OPUS-MT publishes no model for it that is known here"
        )
        super().__init__(f"No model translates {pair.source} into {pair.target}. Installed: {have}. {could}.")


Span = tuple[int, int]
"""A half-open range of characters."""


@dataclass(frozen=True, slots=True)
class Link:
    """A piece of the source and a piece of the translation."""

    source: Span
    target: Span
    weight: float
    """From 0 to 1: of the attention that the piece of the translation paid. Small ones may be left out."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How an answer is looked for, where it is to differ from the engine's own way."""

    beam_size: int = 0
    """Hypotheses; 0: as many as the engine's options say. More than one are looked for one segment at a time, so
    that the answer depends on no neighbour."""
    no_repeat: int = 0
    """No run of so many pieces may come twice; 0: any may."""
    scored: bool = False
    """With the score of the answer, which costs the engine a softmax that it spares itself otherwise."""
    others: bool = False
    """With the next best, too, by a beam as wide as that takes: slower, and the best may be another."""


PLAIN = Decoding()


@dataclass(frozen=True, slots=True)
class TokenizedSegment:
    tokens: tuple[str, ...]
    """Subword pieces, as the engine takes them: target token and end marker included where the model wants them."""
    unknown: int = 0
    """How many pieces the model has never seen and so cannot translate."""
    places: tuple[Span, ...] = ()
    """Where each token is in the text; a marker has no width. Only where links are asked for."""
    decoding: Decoding = PLAIN

    @property
    def length(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True, slots=True)
class Translation:
    text: str
    tokens: int
    """Target pieces generated."""
    truncated: bool = False
    """The engine was still going when it met the length limit."""
    links: tuple[Link, ...] = ()
    """From the segment's text to this one, where the segment has places."""
    score: float | None = None
    """Mean natural logarithm of its pieces' probabilities; None where it was not asked for, or there are none."""
    others: tuple[str, ...] = ()
    """The next best, where they were asked for, the best first."""


MOST_OTHERS = 3
"""Next best translations of a segment."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    threads: int = 1
    """Batches the engine can run at once, each on one core."""
    compute_type: str = "default"
    beam_size: int = 1
    strict: bool = False
    """Answers equal to the last bit whatever the neighbours: see models/exact.py."""
    device: str = "cpu"
    device_indexes: tuple[int, ...] = (0,)
    """Of several each gets its share of `threads`."""
    gives_way: bool = False
    """Whether bulk work computes on engine threads of its own, as many, that give way to all others. They take the
    weights once more."""


class Backend(Protocol):
    """One loaded model. `translate` may be called from several threads at once; every method blocks."""

    @property
    def token_limit(self) -> int:
        """Longest segment to hand over, in tokens."""

    @property
    def footprint(self) -> int:
        """Bytes of memory its weights take."""

    @property
    def compute_type(self) -> str:
        """What it computes in, as the engine resolved EngineOptions.compute_type; "" without an engine."""

    def tokenize(
        self, texts: Sequence[str], pair: LanguagePair, *, placed: Collection[int] = ()
    ) -> list[TokenizedSegment]:
        """`placed`: numbers of the texts whose translation is to have links."""

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        """One engine call, or several under `strict` and where the segments' decodings want it.

        The answer to a segment does not depend on its neighbours.

        Raises EngineFailure.
        """

    def snug(self, length: int) -> int:
        """How long the longest segment of a batch with one of `length` should be, for nothing to be filled up."""

    def behind(self) -> "Backend":
        """The same, for work that nobody waits for: it computes on what the system has left beside all else.

        The first call may load weights once more.
        """

    def close(self) -> None: ...
