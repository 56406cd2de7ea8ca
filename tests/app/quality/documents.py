"""A document as a job leaves it in the database, without translating anything."""

from sqlalchemy import insert, update

from app.jobs.job import ChunkState, Kind
from app.jobs.rows import packed
from app.jobs.tables import chunks, jobs
from app.storage.engine import Database

ZEROS = dict.fromkeys(
    ("attempts", "not_before", "lease_until", "token", "characters", "billed_characters", "price_nanos",
     "cost_nanos", "compute_ns"), 0,
)  # fmt: skip


def keep(
    database: Database,
    job: str,
    segments: int,
    *,
    tenant: str = "north",
    pair: tuple[str, str] = ("pt", "en"),
    flagged: int = 0,
    untranslated: int = 0,
) -> None:
    """A unit each. The first `flagged` carry a doubt; `untranslated` more that no model translated."""
    units: list[object] = []
    results: list[object] = []
    for number in range(segments + untranslated):
        text = f"Frase {number} de {job}."
        models = [f"starter-{pair[0]}-{pair[1]}"] if number < segments else []
        flags = ["numbers_differ"] if number < flagged else []
        found = {"start": 0, "end": len(text), "source": pair[0], "text": f"Sentence {number} of {job}."}
        units.append([text, f"line {number}", None, []])
        results.append({"models": models, "segments": [{**found, "flags": flags, "models": models}]})
    with database.transaction() as connection:
        connection.execute(
            insert(jobs).values(
                id=job, tenant=tenant, digest="", state="succeeded", name="a.txt", media_type="", format="txt",
                options="{}", target=pair[1], created_at=0, pending=0, notes="[]",
            )
        )  # fmt: skip
        connection.execute(
            insert(chunks).values(
                job=job, number=0, tenant=tenant, kind=Kind.TRANSLATE, state=ChunkState.DONE, units=packed(units),
                result=packed(results), segments=len(units), flags="{}", **ZEROS,
            )
        )  # fmt: skip


def drop(database: Database, job: str) -> None:
    """As deletion leaves it."""
    with database.transaction() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job).values(name=None, state="expired"))
        connection.execute(update(chunks).where(chunks.c.job == job).values(units=None, result=None))
