"""XLIFF 1.2 and 2: sources without a target, or with one that is marked as still to be translated."""

import re
from collections.abc import Iterator, Sequence

from app.documents.bilingual import Bilingual, already, at, indentation, lay, unit
from app.documents.format import Composed, Document, Options, Translated
from app.documents.markup import Kind, Scanner, attributes
from app.documents.sample import Sample
from app.documents.splice import Builder, Patch, fill
from app.documents.tree import Element, root
from app.documents.written import composed
from app.documents.xml import local, parsed, writer

_ROOT = re.compile(r"<(?:[\w.-]+:)?xliff[\s>]")
_UNITS = frozenset({"trans-unit", "segment"})
_HIDDEN = frozenset({"alt-trans", "matches", "glossary", "header"})
_LANGUAGE = {"xliff": ("srcLang", "trgLang"), "file": ("source-language", "target-language")}
_TODO = {
    "new": "needs-review-translation",
    "needs-translation": "needs-review-translation",
    "initial": "translated",
}
"""States in which a target is to be replaced, and the state it has then: a machine's work is to be looked at."""


class Xliff:
    name = "xliff"
    title = "XLIFF"
    media_types = ("application/xliff+xml", "application/x-xliff+xml")
    suffixes = (".xlf", ".xliff", ".sdlxliff", ".mqxliff")

    def sniff(self, sample: Sample) -> float:
        return 0.98 if sample.text is not None and _ROOT.search(sample.text[:4096]) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        builder = Builder(parsed(data, options.limits), options.limits)
        text = builder.source.text
        changes: list[tuple[Patch, ...]] = []
        skipped = 0
        for pair, language in _pairs(root(text), None):
            found = _changes(text, pair)
            if found is None:
                skipped += 1
            elif _add(builder, pair, language):
                changes.append(found)
        document = builder.document(self.name, notes=already(skipped))
        skeleton = Bilingual(document.skeleton, tuple(changes))
        return Document(self.name, document.units, skeleton, document.notes)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        skeleton: Bilingual = document.skeleton
        template = skeleton.template
        more = [
            patch
            for patches, translated in zip(skeleton.on_change, translations, strict=True)
            if translated is not None
            for patch in patches
        ]
        if target and any(each is not None for each in translations):
            more += _stated(template.source.text, target)
        write = writer(template)
        text = fill(template, document.units, translations, write=write, lay=lay, more=more, always=True)
        return composed(self, template.source, text)


def _pairs(element: Element, language: str | None) -> Iterator[tuple[Element, str | None]]:
    """What holds a source and a target, with the source's language; without what is not to be translated."""
    if element.values.get("translate") == "no" or element.name in _HIDDEN:
        return
    language = element.values.get("srcLang", element.values.get("source-language", language))
    if element.name in _UNITS:
        yield element, language
        return
    for child in element.children:
        yield from _pairs(child, language)


def _changes(text: str, pair: Element) -> tuple[Patch, ...] | None:
    """What changes beside the target of a pair that is to be translated; None where it has its translation."""
    target = pair.child("target")
    stater = pair if pair.name == "segment" else target
    found = list(attributes(text, stater.opening)) if stater else []
    todo = [each for each in found if each.name == "state" and text[each.start : each.end] in _TODO]
    if pair.values.get("approved") == "yes" or (target and target.tokens and not todo):
        return None
    if stater is target and target and target.opening.closed:
        return ()  # its tag is written anew
    return tuple(Patch(each.start, each.end, _TODO[text[each.start : each.end]]) for each in todo)


def _add(builder: Builder, pair: Element, language: str | None) -> bool:
    text, source, target = builder.source.text, pair.child("source"), pair.child("target")
    made = source and unit(
        text, source, location=f"unit {pair.values.get('id', '')}".strip(), language=language
    )
    if not source or not made:
        return False
    place, found = made
    if target and not target.opening.closed:
        place = at(place, *target.inner)
    elif target:
        opening = text[target.opening.start : target.opening.end - 2].rstrip()
        place = at(place, *target.inner, opening=f"{opening}>", closing=f"</{target.opening.name}>")
    else:
        name = source.opening.name.replace("source", "target")
        after = (pair.child("seg-source") or source).end
        before = indentation(text, source.opening.start)
        place = at(place, after, after, opening=f"{before}<{name}>", closing=f"</{name}>")
    return builder.add(place, found)


def _stated(text: str, target: str) -> Iterator[Patch]:
    """The target language, where the file leaves it open."""
    for token in Scanner(text, xml=True).tokens():
        if token.kind is Kind.START and local(token.name) in _LANGUAGE:
            source, name = _LANGUAGE[local(token.name)]
            found = {each.name for each in attributes(text, token)}
            if source in found and name not in found:
                yield Patch(token.end - 1, token.end - 1, f' {name}="{target}"')
