"""Glossaries by DeepL's own client, unchanged."""

from collections.abc import Iterator
from pathlib import Path

import deepl
import pytest
from deepl.api_data import MultilingualGlossaryDictionaryEntries

from app.settings import Settings
from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from tests.app.api.deepl.test_clients import Guarded
from tests.app.api.deepl.test_schema import valid
from tests.app.serving import serving

ENTRIES = {"van": "carrinha", "search warrant": "mandado de busca"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Guarded]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        model_dir=identity_models,
        preload=False,
        cache="off",
        auth="required",
    )
    with serving(settings) as service:
        directory = Directory(service.runtime.database)
        directory.create_tenant("north")
        directory.create_tenant("south")
        yield Guarded(service, directory, directory.create_key("north").secret)


def client_of(guarded: Guarded, key: str | None = None) -> deepl.DeepLClient:
    return deepl.DeepLClient(key or guarded.secret, server_url=guarded.url, send_platform_info=False)


def test_a_glossary_of_one_pair(guarded: Guarded) -> None:
    client = client_of(guarded)
    made = client.create_glossary("Statements", "EN", "PT-PT", ENTRIES)
    assert (made.name, made.ready, made.source_lang, made.target_lang, made.entry_count) == (
        "Statements", True, "EN", "PT", 2,
    )  # fmt: skip
    assert client.get_glossary(made.glossary_id).creation_time == made.creation_time
    assert client.get_glossary_entries(made) == ENTRIES
    assert made.glossary_id in [each.glossary_id for each in client.list_glossaries()]
    done = client.translate_text("The van left.", source_lang="EN", target_lang="PT-PT", glossary=made)
    assert isinstance(done, deepl.TextResult)
    assert done.text == "The carrinha left."
    client.delete_glossary(made)
    for gone in (
        lambda: client.get_glossary(made.glossary_id),
        lambda: client.translate_text("A", source_lang="EN", target_lang="PT-PT", glossary=made.glossary_id),
    ):
        with pytest.raises(deepl.DeepLException, match="Glossary not found"):
            gone()


def test_from_csv(guarded: Guarded) -> None:
    client = client_of(guarded)
    made = client.create_glossary_from_csv("CSV", "EN", "PT", "van,carrinha,en,pt\nbus,autocarro,en,pt\n")
    assert client.get_glossary_entries(made) == {"van": "carrinha", "bus": "autocarro"}


def test_a_glossary_of_several_pairs(guarded: Guarded) -> None:
    client = client_of(guarded)
    pair = MultilingualGlossaryDictionaryEntries
    made = client.create_multilingual_glossary(
        "Both", [pair("EN", "PT", ENTRIES), pair("PT", "EN", {"carrinha": "van"})]
    )
    assert [(each.source_lang, each.target_lang, each.entry_count) for each in made.dictionaries] == [
        ("EN", "PT", 2), ("PT", "EN", 1),
    ]  # fmt: skip
    ident = made.glossary_id
    assert ident not in [each.glossary_id for each in client.list_glossaries()]
    assert ident in [each.glossary_id for each in client.list_multilingual_glossaries()]
    assert client.update_multilingual_glossary_name(ident, "Renamed").name == "Renamed"
    client.update_multilingual_glossary_dictionary(ident, pair("PT", "EN", {"navalha": "knife"}))
    found = client.get_multilingual_glossary_entries(ident, "PT", "EN")
    # Its client says that this is a dict, and hands on the text.
    assert str(found.dictionaries[0].entries) == "carrinha\tvan\nnavalha\tknife\n"
    assert (
        client.replace_multilingual_glossary_dictionary(ident, pair("PT", "EN", {"arma": "gun"})).entry_count
        == 1
    )
    done = client.translate_text(
        "A arma e a carrinha.",
        source_lang="PT",
        target_lang="EN-GB",
        glossary=client.get_multilingual_glossary(ident),
    )
    assert isinstance(done, deepl.TextResult)
    assert done.text == "A gun e a carrinha."
    client.delete_multilingual_glossary_dictionary(ident, source_lang="PT", target_lang="EN")
    with pytest.raises(deepl.DeepLException, match="No dictionary found for language pair"):
        client.translate_text("A arma.", source_lang="PT", target_lang="EN-GB", glossary=ident)
    client.delete_multilingual_glossary(ident)
    with pytest.raises(deepl.GlossaryNotFoundException):
        client.get_multilingual_glossary(ident)


def test_several_glossaries_at_once(guarded: Guarded) -> None:
    client = client_of(guarded)
    one = client.create_glossary("One", "EN", "PT", {"van": "carrinha"})
    two = client.create_glossary("Two", "EN", "PT", {"van": "furgão", "bus": "autocarro"})
    done = client.translate_text(
        "The van and bus.", source_lang="EN", target_lang="PT-PT", glossary_ids=[one, two]
    )
    assert isinstance(done, deepl.TextResult)
    assert done.text == "The carrinha and autocarro."


def test_a_document(guarded: Guarded, tmp_path: Path) -> None:
    client = client_of(guarded)
    made = client.create_glossary("Statements", "EN", "PT", ENTRIES)
    source, out = tmp_path / "a.txt", tmp_path / "b.txt"
    source.write_text("The van left.\n", encoding="utf-8")
    client.translate_document_from_filepath(source, out, source_lang="EN", target_lang="PT-PT", glossary=made)
    assert out.read_text(encoding="utf-8") == "The carrinha left.\n"


def test_a_glossary_that_changed_is_not_answered_from_memory(guarded: Guarded) -> None:
    client = client_of(guarded)
    pair = MultilingualGlossaryDictionaryEntries
    made = client.create_multilingual_glossary("Change", [pair("EN", "PT", {"van": "carrinha"})])

    def ask() -> str:
        done = client.translate_text(
            "My van.", source_lang="EN", target_lang="PT-PT", glossary=made.glossary_id
        )
        assert isinstance(done, deepl.TextResult)
        return done.text

    assert ask() == "My carrinha."
    client.replace_multilingual_glossary_dictionary(made, pair("EN", "PT", {"van": "furgão"}))
    assert ask() == "My furgão."


def test_tenants_and_scopes(guarded: Guarded) -> None:
    made = client_of(guarded).create_glossary("Own", "EN", "PT", ENTRIES)
    south = client_of(guarded, guarded.directory.create_key("south").secret)
    with pytest.raises(deepl.GlossaryNotFoundException):
        south.get_glossary(made.glossary_id)
    assert south.list_glossaries() == []
    reader = guarded.directory.create_key("north", scopes=frozenset({Scope.TRANSLATE})).secret
    assert client_of(guarded, reader).get_glossary(made.glossary_id).name == "Own"
    with pytest.raises(deepl.AuthorizationException):
        client_of(guarded, reader).delete_glossary(made)


def test_answers_have_the_fields_of_deepls(guarded: Guarded) -> None:
    client, headers = guarded.service.client, {"Authorization": f"DeepL-Auth-Key {guarded.secret}"}
    entries = {"source_lang": "EN", "target_lang": "PT", "entries": "van\tcarrinha", "entries_format": "tsv"}
    one = client.post("/v2/glossaries", json={"name": "A", **entries}, headers=headers)
    ident = valid(one, "glossary", 201)["glossary_id"]
    valid(client.get(f"/v2/glossaries/{ident}", headers=headers), "glossary")
    several = client.post("/v3/glossaries", json={"name": "A", "dictionaries": [entries]}, headers=headers)
    valid(several, "multilingual_glossary", 201)
    valid(client.get(f"/v3/glossaries/{ident}", headers=headers), "multilingual_glossary")
    for wrong in (
        {},
        {**entries, "entries": ""},
        {**entries, "entries": "van"},
        {**entries, "entries_format": "tbx"},
        {**entries, "target_lang": "xx?"},
        {**entries, "target_lang": "EN"},
    ):
        valid(client.post("/v2/glossaries", json={"name": "A", **wrong}, headers=headers), "error", 400)
    valid(client.post("/v2/glossaries", json=entries, headers=headers), "error", 400)


def form_of(*dictionaries: dict[str, str], **fields: str) -> dict[str, str]:
    """As deepl-node sends it."""
    numbered = {
        f"dictionaries[{n}].{name}": value
        for n, each in enumerate(dictionaries)
        for name, value in each.items()
    }
    return fields | numbered


def test_a_form_of_dictionaries_as_deepl_node_sends_it(guarded: Guarded) -> None:
    client, headers = guarded.service.client, {"Authorization": f"DeepL-Auth-Key {guarded.secret}"}
    there = {"source_lang": "en", "target_lang": "pt", "entries": "bus\tautocarro", "entries_format": "tsv"}
    back = {"source_lang": "pt", "target_lang": "en", "entries": "carrinha,van\n", "entries_format": "csv"}
    made = client.post("/v3/glossaries", data=form_of(there, back, name="A"), headers=headers)
    glossary = f"/v3/glossaries/{valid(made, 'multilingual_glossary', 201)['glossary_id']}"
    changed = client.patch(
        glossary,
        content="dictionaries[0].source_lang=en&dictionaries[0].target_lang=pt"
        "&dictionaries[0].entries=van%09carrinha&dictionaries[0].entries_format=tsv",
        headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
    )
    told = valid(changed, "multilingual_glossary")["dictionaries"]
    assert {each["source_lang"]: each["entry_count"] for each in told} == {"en": 2, "pt": 1}
    pair = {"source_lang": "en", "target_lang": "pt"}
    found = client.get(f"{glossary}/entries", params=pair, headers=headers).json()
    assert found["dictionaries"][0]["entries"] == "bus\tautocarro\nvan\tcarrinha\n"
    short = form_of({"source_lang": "en", "target_lang": "pt"}, name="B")
    valid(client.patch(glossary, data=short, headers=headers), "error", 400)
    assert client.get(glossary, headers=headers).json()["name"] == "A"


@pytest.mark.parametrize("nothing", [{}, {"bogus": 1}, {"dictionaries": []}, {"dictionaries": ["van"]}])
def test_a_change_that_says_nothing(guarded: Guarded, nothing: dict[str, object]) -> None:
    client, headers = guarded.service.client, {"Authorization": f"DeepL-Auth-Key {guarded.secret}"}
    made = client_of(guarded).create_glossary("Same", "EN", "PT", ENTRIES)
    glossary = f"/v3/glossaries/{made.glossary_id}"
    valid(client.patch(glossary, json=nothing, headers=headers), "error", 400)
    valid(client.patch(glossary, data={"bogus": "1"}, headers=headers), "error", 400)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 415),
        ("text/csv, text/html", 415),
        ("text/tab-separated-values", 200),
        ("application/json, text/plain, */*;q=0.1", 200),
        ("", 200),
    ],
)
def test_entries_are_tsv_or_nothing(guarded: Guarded, accept: str, status: int) -> None:
    made = client_of(guarded).create_glossary("Kept", "EN", "PT", {"van": "carrinha"})
    headers = {"Authorization": f"DeepL-Auth-Key {guarded.secret}", "Accept": accept}
    answer = guarded.service.client.get(f"/v2/glossaries/{made.glossary_id}/entries", headers=headers)
    assert answer.status_code == status
    assert answer.text == "van\tcarrinha\n" if status == 200 else answer.json()["message"]
