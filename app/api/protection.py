"""What a request wants enforced, as a body says it, made ready."""

from collections.abc import Mapping

from app.api.schemas import ProtectBody
from app.glossary.matching import PLAIN, Protection
from app.glossary.terms import ANY, Dictionary, Term, Terms
from app.validation import language_code


def protection(
    target: str, *, glossary: Mapping[str, str] | None = None, protect: ProtectBody | None = None
) -> Protection:
    """Raises InvalidRequest for terms or patterns that cannot be."""
    if not glossary and protect is None:
        return PLAIN
    asked = protect or ProtectBody()
    terms = tuple(Term.made(source, wanted) for source, wanted in (glossary or {}).items())
    found = (Dictionary(ANY, language_code(target), terms),) if terms else ()
    made = Terms.made(found, protected=asked.names, patterns=asked.patterns)
    return Protection(made, identifiers=asked.identifiers)
