"""Whoever adds a column says here whether it holds what callers sent."""

from sqlalchemy import LargeBinary, Text

from app.audit import tables as audit
from app.glossary import tables as glossary
from app.jobs import tables as jobs
from app.ledger import tables as ledger
from app.quality import tables as quality
from app.replay import tables as replay
from app.review import tables as review
from app.tenants import tables as tenants
from app.vault import tables as vault
from app.vault.columns import COLUMNS

NO_TEXT = {
    "job": "id tenant key_id cost_centre idempotency_key digest state media_type format source target "
    "source_blob result_blob result_media_type result_suffix error_code error_message forecast",
    "job_turn": "tenant",
    "job_chunk": "job tenant kind state flags entry_id error_code error_message",
    "job_protection": "job",
    "reply": "entry_id",
    "job_correction": "job reason key_id",
    "memory_entry": "id tenant source target digest key_id place",
    "memory_version": "tenant",
    "glossary": "tenant id",
    "glossary_version": "glossary key_id pairs",
    "review_verdict": "job tenant source target models verdict reason key_id",
}
"""Ids, languages, states, figures, and sentences of our own."""
WHOLLY_WITHOUT = (ledger, quality, tenants, audit, vault)


def test_every_column_is_encrypted_or_holds_no_text() -> None:
    told = {(table, name) for table, names in NO_TEXT.items() for name in names.split()}
    sealed = {(each.table.name, each.name) for each in COLUMNS}
    assert not told & sealed
    found = {
        (table.name, column.name)
        for part in (jobs, replay, review, glossary)
        for table in part.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (Text, LargeBinary))
    }
    assert told | sealed == found


def test_the_tables_without_any_are_named() -> None:
    for part in WHOLLY_WITHOUT:
        assert not {each.table.name for each in COLUMNS} & set(part.metadata.tables)
