"""Requests whose texts are markup: taken apart into units, and put together again with their translations."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal

from app.documents.format import Document, DocumentFormat, Options, Translated, Unit
from app.documents.registry import by_name
from app.ledger.counting import Counts, count
from app.results import Status, TextResult, TranslationRequest, TranslationResult

Markup = Literal["html", "xml"]
UNDETERMINED = "und"
_MARK = "\ufeff"
"""Before the text: it is Unicode already, whatever encoding it says it is in."""
_ROOT, _ROOT_END = '<dragoman xml:space="preserve">', "</dragoman>"
"""Round a piece of XML, which need not be one element."""
_NOTHING = Unit("")
"""Of markup that says nothing: it is answered and counted all the same."""


@dataclass(frozen=True, slots=True)
class Marked:
    sent: tuple[str, ...]
    form: DocumentFormat
    documents: tuple[Document, ...]
    """One a text sent."""

    @classmethod
    def read(cls, sent: Sequence[str], markup: Markup, options: Options) -> "Marked":
        """Blocking. Raises the errors of documents."""
        form = by_name(markup)
        written = [f"{_ROOT}{text}{_ROOT_END}" if markup == "xml" else text for text in sent]
        documents = tuple(form.extract((_MARK + text).encode(), options) for text in written)
        return cls(tuple(sent), form, documents)

    def asked(self, wanted: TranslationRequest, *, counted: bool) -> TranslationRequest:
        """`wanted` for the units. `counted`: markup is charged like text."""
        units = [unit for document in self.documents for unit in _units(document)]
        return replace(
            wanted,
            texts=[unit.text for unit in units],
            tagged={number: unit for number, unit in enumerate(units) if unit.tags},
            markup=self._markup() if counted else (),
        )

    def answered(self, found: TranslationResult) -> TranslationResult:
        """One text a text sent. Blocking."""
        texts = tuple(
            self._whole(number, results) for number, results in enumerate(self.by_text(found.texts))
        )
        return replace(found, texts=texts)

    def by_text(self, results: Sequence[TextResult]) -> list[Sequence[TextResult]]:
        """The units' results, for each text sent."""
        ends = accumulate((len(_units(document)) for document in self.documents), initial=0)
        return [results[start:end] for start, end in pairwise(ends)]

    def _markup(self) -> tuple[Counts, ...]:
        """What was sent beside the units' own text; it is counted with the first of them."""
        found: list[Counts] = []
        for sent, document in zip(self.sent, self.documents, strict=True):
            units = _units(document)
            found.append(replace(count(sent), characters_without_markup=0) - _read(units))
            found += [Counts()] * (len(units) - 1)
        return tuple(found)

    def _whole(self, number: int, results: Sequence[TextResult]) -> TextResult:
        document = self.documents[number]
        failed = all(result.status is Status.FAILED for result in results)
        units = [_translated(each) for each in results]
        composed = self.form.compose(document, units[: len(document.units)], target=results[0].target)
        text = composed.data.decode().removeprefix(_MARK).removeprefix(_ROOT).removesuffix(_ROOT_END)
        return replace(
            _merged(results),
            text=None if failed else text,
            characters=len(self.sent[number]),
            flags=tuple(sorted({flag for result in results for flag in result.flags})),
        )


def _units(document: Document) -> Sequence[Unit]:
    return document.units or (_NOTHING,)


def _read(units: Sequence[Unit]) -> Counts:
    read = sum((count(unit.text) for unit in units), Counts())
    return replace(read, characters_without_markup=0)


def _translated(result: TextResult) -> Translated | None:
    """None for a unit that stands as it was."""
    if result.status is not Status.TRANSLATED:
        return None
    return result.placed or Translated(result.text or "")


def _merged(results: Sequence[TextResult]) -> TextResult:
    """As one text: what is said of its language is said of the one of most characters."""
    sizes: Counter[str] = Counter()
    for result in results:
        for language, share in result.languages.items():
            sizes[language] += round(share * result.characters)
    total = sum(sizes.values())
    language = next((each for each, _ in sizes.most_common() if each != UNDETERMINED), UNDETERMINED)
    mine = [result for result in results if result.source == language] or list(results)
    longest = max(mine, key=lambda result: (result.status is Status.TRANSLATED, result.characters))
    return replace(
        longest,
        status=_status(results),
        confidence=_confidence(mine),
        languages={each: size / total for each, size in sizes.most_common()} if total else {},
        failure=next((result.failure for result in results if result.failure is not None), None),
        segments=tuple(
            replace(segment, unit=number)
            for number, result in enumerate(results)
            for segment in result.segments
        ),
    )


def _confidence(results: Sequence[TextResult]) -> float | None:
    """Mean over the characters; None where the language was named."""
    total = sum(result.characters for result in results)
    if not results[0].detected or not total:
        return results[0].confidence
    return sum((result.confidence or 0.0) * result.characters for result in results) / total


def _status(results: Sequence[TextResult]) -> Status:
    found = {result.status for result in results}
    if Status.TRANSLATED in found:
        return Status.TRANSLATED
    return Status.FAILED if found == {Status.FAILED} else Status.UNCHANGED
