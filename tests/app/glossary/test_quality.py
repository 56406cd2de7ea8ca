"""Floors under what docs/benchmarks.md publishes of glossaries: the same sentences, the service as it is."""

import pytest
import sacrebleu

from benchmarks.glossary import PAIRS, PATTERN, sentences, terms
from tests.app.serving import Service

LEAST = 0.95
"""Share of the terms that must be there."""


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_terms_are_there_and_the_sentences_are_none_the_worse(
    service: Service, pair: tuple[str, str]
) -> None:
    source, target = pair
    found = sentences(source)
    said = terms()
    asked = {
        "glossary": {term.source: term.target for term in said.of(source, target)},
        "protect": {"names": list(said.protected), "patterns": [PATTERN]},
    }
    texts = [each.source for each in found]
    plain = service.translate(texts, target, source=source)["translations"]
    enforced = service.translate(texts, target, source=source, **asked)["translations"]
    right = sum(each.has(done["text"]) for each, done in zip(found, enforced, strict=True))
    assert right >= LEAST * sum(len(each.marks) for each in found)
    references = [[each.reference for each in found]]
    before, after = (
        sacrebleu.CHRF().corpus_score([each["text"] for each in done], references).score
        for done in (plain, enforced)
    )
    assert after > before + 10
