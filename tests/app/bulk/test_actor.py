"""What a Ray actor does, without a cluster: what it is given goes through pickle, as there."""

import pickle
from pathlib import Path

from app import __version__
from app.bulk.actor import EngineActor
from app.bulk.local import fingerprints
from app.glossary.matching import Protection
from app.glossary.terms import Dictionary, Term, Terms
from app.results import TranslationRequest
from app.runtime import open_runtime
from app.settings import Settings

TERMS = Terms.made(
    [Dictionary("en", "pt", (Term("van", "carrinha"),))], protected=["ACME"], patterns=["R-[0-9]+"]
)


async def test_it_enforces_what_it_was_opened_with(tmp_path: Path, identity_models: Path) -> None:
    settings = Settings(data_dir=tmp_path, model_dir=identity_models, cache="off", replay_window=0)
    async with open_runtime(settings, unlimited=True) as running:
        models = fingerprints(running.catalogue)
    protection = Protection(TERMS)
    protection.find("The van.", "en", "pt")
    actor = EngineActor()
    given = pickle.loads(pickle.dumps((settings, models, __version__, protection)))  # noqa: S301
    await actor.open(*given)
    result = await actor.answer(TranslationRequest(["The van of ACME, R-12."], "pt", "en"))
    assert result.texts[0].text == "The carrinha of ACME, R-12."
    assert result.entry.glossary == TERMS.digest
    await actor._open.aclose()
