"""How terms are best put into a translation, and what that costs it: docs/benchmarks.md, "Glossaries".

`python -m benchmarks.glossary` prints the tables; FLORES is read from ../shared where it is there. The sentences of
glossary_sentences.tsv are this project's own: `{1 term}` marks what glossary_terms.tsv, a name or a pattern is about.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import sacrebleu

from app.glossary.matching import Protection
from app.glossary.terms import Dictionary, Term, Terms
from app.results import TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from benchmarks.texts import shared
from models.catalogue import installed
from models.contracts import EngineOptions, LanguagePair, TokenizedSegment
from models.marian import MarianBackend

PAIRS = (("en", "pt"), ("pt", "en"))
NAMES = ("Operation Kestrel", "Niche RMS", "Thornbury Lane", "CrimeTrack")
PATTERN = r"REP-\d{4}/[a-z]"
HERE = Path(__file__).parent
MARK = re.compile(r"\{(\d) ([^}]*)\}")
STAND_INS: Mapping[str, Callable[[str], str]] = {
    "KX71": lambda number: f"KX7{number}",
    "XZ1": lambda number: f"XZ{number}",
    "A10": lambda number: f"A{number}0",
    "XX1XX": lambda number: f"XX{number}XX",
    "TERM1": lambda number: f"TERM{number}",
    "_1_": lambda number: f"_{number}_",
    "[1]": lambda number: f"[{number}]",
    "%1": lambda number: f"%{number}",
    "{1}": lambda number: "{%s}" % number,  # noqa: UP031 - braces within braces
    "<1>": lambda number: f"<{number}>",
    "#1": lambda number: f"#{number}",
}
COMMON = {
    "city": "cidade", "war": "guerra", "government": "governo", "president": "presidente", "water": "água",
    "country": "país", "river": "rio", "island": "ilha", "school": "escola", "police": "polícia",
    "hospital": "hospital", "doctor": "médico", "food": "comida", "fire": "incêndio", "train": "trem",
    "team": "equipe", "game": "jogo", "player": "jogador", "law": "lei", "court": "tribunal", "car": "carro",
    "road": "estrada", "ship": "navio", "scientist": "cientista", "virus": "vírus", "mountain": "montanha",
    "animal": "animal", "church": "igreja", "bridge": "ponte", "airport": "aeroporto", "minister": "ministro",
    "army": "exército", "century": "século", "culture": "cultura", "language": "idioma", "storm": "tempestade",
}  # fmt: skip
"""Words of FLORES for which the reference is asked whether it uses this translation, of several that would do."""


@dataclass(frozen=True, slots=True)
class Sentence:
    source: str
    reference: str
    marks: Mapping[str, tuple[str, str]]
    """By its number in the source: the term there and what the reference says."""
    marked: str

    def shown(self, instead: Mapping[str, str]) -> str:
        """The source with something else for each of its terms."""
        return MARK.sub(lambda mark: instead[mark[1]], self.marked)

    def has(self, translation: str) -> int:
        return sum(_count(translation, wanted) > 0 for _, wanted in self.marks.values())


def terms() -> Terms:
    pairs = [line.split("\t") for line in _lines("glossary_terms.tsv")]
    there = tuple(Term(here, wanted) for here, wanted in pairs)
    back = tuple(Term(wanted, here) for here, wanted in pairs)
    return Terms.made(
        [Dictionary("en", "pt", there), Dictionary("pt", "en", back)], protected=NAMES, patterns=[PATTERN]
    )


def sentences(source: str) -> list[Sentence]:
    found = []
    for line in _lines("glossary_sentences.tsv"):
        here, there = line.split("\t") if source == "en" else line.split("\t")[::-1]
        wanted = dict(MARK.findall(there))
        marks = {number: (term, wanted[number]) for number, term in MARK.findall(here)}
        found.append(Sentence(MARK.sub(r"\2", here), MARK.sub(r"\2", there), marks, here))
    return found


async def translated(
    running: Runtime, texts: Sequence[str], pair: tuple[str, str], protection: Protection
) -> TranslationResult:
    source, target = pair
    request = TranslationRequest(list(texts), target, source, protection=protection)
    return await running.translation.translate(request)


def score(name: str, found: Sequence[Sentence], outputs: Sequence[str], note: str = "") -> None:
    total = sum(len(each.marks) for each in found)
    right = sum(each.has(output) for each, output in zip(found, outputs, strict=True))
    chrf = _chrf(outputs, [each.reference for each in found])
    print(f"  {name:34} {right:4}/{total}  {100 * right / total:5.1f} %  chrF {chrf:5.1f}  {note}")


async def own(running: Runtime, pair: tuple[str, str]) -> None:
    found = sentences(pair[0])
    texts = [each.source for each in found]
    print(f"{pair[0]}-{pair[1]}: {len(found)} sentences of our own")
    plain: list[str] = []
    for name, protection in (("plain", Protection(identifiers=False)), ("as served", Protection(terms()))):
        started = time.process_time()
        result = await translated(running, texts, pair, protection)
        seconds = time.process_time() - started
        outputs = [each.text or "" for each in result.texts]
        missed = sum("glossary_missed" in each.flags for each in result.texts)
        plain = plain or outputs
        score(name, found, outputs, f"{seconds:.2f} s of processor, {missed} flagged")
    _alone(found, pair, plain)


def _alone(found: Sequence[Sentence], pair: tuple[str, str], plain: Sequence[str]) -> None:
    """Each means by itself; where it fails, the plain translation."""
    engine = Engine(pair)
    inline = engine.answers(
        [each.shown({at: wanted for at, (_, wanted) in each.marks.items()}) for each in found]
    )
    score("the target's term in the source", found, inline)
    score("other words for the model's own", found, list(_edited(engine, found, plain)))
    score("decoding forced at its place", found, list(_forced(engine, found, plain)))
    for name, make in STAND_INS.items():
        outputs, kept, sent = [], 0, 0
        answers = engine.answers([each.shown({at: make(at) for at in each.marks}) for each in found])
        for each, answer, before in zip(found, answers, plain, strict=True):
            here = [_count(answer, make(number)) == 1 for number in each.marks]
            kept, sent = kept + sum(here), sent + len(here)
            for number, (_, wanted) in each.marks.items():
                answer = _replaced(answer, make(number), wanted)  # noqa: PLW2901
            outputs.append(answer if all(here) else before)
        score(f"stand-in {name}", found, outputs, f"{100 * kept / sent:.1f} % come back")


class Engine:
    """The bare model, without what the service does round it."""

    def __init__(self, pair: tuple[str, str]) -> None:
        card = installed(None).card(f"starter-{pair[0]}-{pair[1]}")
        assert card is not None  # noqa: S101 - it is in the package
        self._backend = MarianBackend(card, EngineOptions(threads=1))
        self._translator = ctranslate2.Translator(str(card.path), inter_threads=1, intra_threads=1)
        self._pair = LanguagePair(*pair)

    def answers(self, texts: Sequence[str]) -> list[str]:
        return [each.text for each in self._backend.translate(self._tokens(texts))]

    def continued(self, text: str, beginning: str) -> str:
        """The translation that begins so, as far as the model goes on with it."""
        prefix = [piece for piece in self._tokens([beginning])[0].tokens if piece != "</s>"]
        (source,) = self._tokens([text])
        found = self._translator.translate_batch([list(source.tokens)], target_prefix=[prefix], beam_size=1)
        return self._backend._tokenizer.decode([found[0].hypotheses[0]])[0]  # noqa: SLF001

    def _tokens(self, texts: Sequence[str]) -> list[TokenizedSegment]:
        return self._backend.tokenize(list(texts), self._pair)


def _edited(engine: Engine, found: Sequence[Sentence], plain: Sequence[str]) -> Iterator[str]:
    """What the model says for the term alone is replaced where it stands in the plain translation once."""
    for each, before in zip(found, plain, strict=True):
        text = before
        for term, wanted in each.marks.values():
            alone = engine.answers([term])[0].rstrip(".")
            if not _count(text, wanted) and alone and _count(text, alone) == 1:
                text = _replaced(text, alone, wanted)
        yield text


def _forced(engine: Engine, found: Sequence[Sentence], plain: Sequence[str]) -> Iterator[str]:
    """The same place; but the model goes on by itself from the term that is forced there."""
    for each, before in zip(found, plain, strict=True):
        text = before
        for term, wanted in each.marks.values():
            alone = engine.answers([term])[0].rstrip(".")
            if not _count(text, wanted) and alone and _count(text, alone) == 1:
                place = re.search(rf"(?<!\w){re.escape(alone)}(?!\w)", text, re.IGNORECASE)
                if place is not None:
                    text = engine.continued(each.source, text[: place.start()] + wanted)
        yield text


async def flores(running: Runtime, folder: Path, pair: tuple[str, str]) -> None:
    """Terms that the reference uses, in sentences of FLORES: what being told them does to the rest."""
    codes = {"en": "eng", "pt": "por"}
    here, there = (
        (folder / "data" / "flores" / f"{codes[each]}.txt").read_text(encoding="utf-8").splitlines()
        for each in pair
    )
    words = COMMON if pair[0] == "en" else {wanted: term for term, wanted in COMMON.items()}
    dictionary = Dictionary(*pair, tuple(Term(term, wanted) for term, wanted in words.items()))
    protection = Protection(Terms.made([dictionary]), identifiers=False)
    chosen = []
    for source, reference in zip(here, there, strict=True):
        matches = protection.find(source, *pair)
        if matches and all(_count(reference, match.wanted) for match in matches):
            marks = {str(at): (source[m.start : m.end], m.wanted) for at, m in enumerate(matches)}
            chosen.append(Sentence(source, reference, marks, source))
    print(f"{pair[0]}-{pair[1]}: {len(chosen)} sentences of FLORES")
    for name, asked in (("plain", Protection(identifiers=False)), ("as served", protection)):
        result = await translated(running, [each.source for each in chosen], pair, asked)
        score(name, chosen, [each.text or "" for each in result.texts])


async def main() -> None:
    folder = shared()
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data_dir=Path(data), cache="off")
        async with open_runtime(settings, unlimited=True) as running:
            for pair in PAIRS:
                await own(running, pair)
                if folder is not None:
                    await flores(running, folder, pair)


def _lines(name: str) -> list[str]:
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def _chrf(outputs: Sequence[str], references: Sequence[str]) -> float:
    return float(sacrebleu.CHRF().corpus_score(list(outputs), [list(references)]).score)


def _count(text: str, form: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(form)}(?!\w)", text, re.IGNORECASE))


def _replaced(text: str, form: str, wanted: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", lambda _: wanted, text, flags=re.IGNORECASE)


if __name__ == "__main__":
    asyncio.run(main())
