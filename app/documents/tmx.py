"""TMX translation memories: a variant in the target language is added to every unit that has none."""

import re
from collections.abc import Sequence

from app.documents.bilingual import Bilingual, at, indentation, lay, unit
from app.documents.format import Composed, Document, Options, Translated
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, fill
from app.documents.tree import Element, root
from app.documents.written import composed
from app.documents.xml import parsed, writer
from app.errors import InvalidRequest

_ROOT = re.compile(r"<tmx[\s>]")
_TARGET = "\0"
"""Stands for the target language, which is known when the document is composed."""


class Tmx:
    name = "tmx"
    title = "Translation memory"
    media_types = ("application/x-tmx+xml",)
    suffixes = (".tmx",)

    def sniff(self, sample: Sample) -> float:
        return 0.98 if sample.text is not None and _ROOT.search(sample.text[:4096]) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        builder = Builder(parsed(data, options.limits), options.limits)
        top = root(builder.source.text)
        header = next((each for each in top.below() if each.name == "header"), None)
        languages: list[frozenset[str]] = []
        for number, element in enumerate((each for each in top.below() if each.name == "tu"), 1):
            stated = element.values.get("srclang") or (header.values.get("srclang") if header else None)
            variants = [each for each in element.children if each.name == "tuv"]
            if _add(builder, variants, stated, f"unit {element.values.get('tuid', number)}"):
                languages.append(frozenset(_primary(_language(each)) for each in variants))
        document = builder.document(self.name)
        skeleton = Bilingual(document.skeleton, targets=tuple(languages))
        return Document(self.name, document.units, skeleton, document.notes)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        """Raises InvalidRequest without a target, if there is anything to write."""
        skeleton: Bilingual = document.skeleton
        if target is None and any(each is not None for each in translations):
            raise InvalidRequest(
                "A translation memory needs the target language, which each of its texts states."
            )
        code = target or ""
        missing = [
            None if _primary(code) in have else translated
            for have, translated in zip(skeleton.targets, translations, strict=True)
        ]
        template = skeleton.template
        text = fill(
            template,
            document.units,
            missing,
            write=writer(template),
            lay=lambda written, place: lay(written, place).replace(_TARGET, code),
            always=True,
        )
        return composed(self, template.source, text)


def _add(builder: Builder, variants: Sequence[Element], stated: str | None, location: str) -> bool:
    source = next(
        (each for each in variants if stated and _primary(_language(each)) == _primary(stated)), None
    )
    source = source or next(iter(variants), None)
    segment = source.child("seg") if source else None
    if not source or not segment:
        return False
    text = builder.source.text
    made = unit(text, segment, location=location, language=_language(source))
    if not made:
        return False
    return builder.add(_after(text, made[0], variants[-1]), made[1])


def _after(text: str, place: Place, last: Element) -> Place:
    before = indentation(text, last.opening.start)
    opening = f'{before}<tuv xml:lang="{_TARGET}"><seg>'
    return at(place, last.end, last.end, opening=opening, closing="</seg></tuv>")


def _language(variant: Element) -> str:
    return variant.values.get("xml:lang", variant.values.get("lang", ""))


def _primary(code: str) -> str:
    return code.replace("_", "-").partition("-")[0].lower()
