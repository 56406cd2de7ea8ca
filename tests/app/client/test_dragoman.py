"""The client against a real service, blocking and not."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.client import AsyncDragoman, Dragoman, File, dictionary
from app.client.retries import succeeded
from app.client.windows import CHARACTERS, TEXTS
from app.errors import InvalidText, NoResult, Refused
from app.tenants.directory import Directory
from tests.app.conftest import Start
from tests.app.serving import Service


def url(service: Service) -> str:
    return str(service.client.base_url)


def test_every_call(identity_service: Service, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    letter = tmp_path / "carta.txt"
    letter.write_text("Bom dia.", encoding="utf-8")
    with Dragoman(url(identity_service)) as client:
        one = client.translate("Bom dia a todos.", target="en", detail=True)
        assert one["translations"][0]["text"] == "Bom dia a todos."
        assert one["translations"][0]["segments"]
        kept = client.translate(
            "Bom dia, carrinha.",
            source="pt", target="en", detail=True, glossary={"carrinha": "van"}, protect={"names": ["dia"]},
        )["translations"][0]  # fmt: skip
        assert [each["wanted"] for each in (kept["segments"] or [])[0]["terms"]] == ["dia", "van"]
        assert client.detect("Bom dia a todos, e até logo.")["detections"][0]["language"] == "pt"
        checked = client.check({"source": "São 12.", "text": "It is 21.", "source_language": "pt"})
        assert checked["results"][0]["flags"]
        assert client.estimate(["Bom dia."], target="en")["characters"] == 8
        assert {pair["source"] for pair in client.languages()["pairs"]} == {"en", "pt"}
        assert client.models()["models"]
        usage = client.usage(since=today, until=today, group_by="pair")
        assert usage["rows"][0]["key"]
        assert client.usage_as("csv", group_by="day").startswith("day")
        found = client.translate_document(letter, source="pt", target="en", cost_centre="Polícia")
        assert (found.name, found.data) == ("carta.en.txt", b"Bom dia.")
        assert found.report["job"]["billed_characters"] == len("Bom dia.")
        assert client.job(found.report["job"]["id"])["state"] == "expired"
        stated = client.finished(client.send_document(letter, source="pt", target="en")["id"])
        signed = client.job_statement(stated["id"])["signature"]
        assert signed["public_key"] == client.statement_key()["public_key"]
        client.delete_job(stated["id"])
        with pytest.raises(Refused) as refused:
            client.translate("Bom dia", target="no-such-language")
        assert refused.value.problem == "unknown_language"
        with pytest.raises(InvalidText):
            client.translate("\ud800", target="en")


async def test_every_call_awaited(identity_service: Service) -> None:
    today = datetime.now(UTC).date()
    async with AsyncDragoman(url(identity_service)) as client:
        one = await client.translate(["Bom dia a todos."], source="pt", target="en")
        assert one["translations"][0]["text"] == "Bom dia a todos."
        assert (await client.detect("Bom dia, e até logo."))["detections"]
        assert (await client.check([{"source": "Um.", "text": "One."}]))["results"] == [{"flags": []}]
        assert (await client.estimate("Bom dia.", target="en"))["segments"] == 1
        assert (await client.languages())["detectable"]
        assert (await client.models())["models"]
        assert (await client.usage(since=today))["since"] == today.isoformat()
        assert "<html" in await client.usage_as("html")
        sent = await client.send_document(
            File("a.csv", b"id,text\n1,Bom dia.\n"), source="pt", target="en", options={"columns": ["text"]}
        )
        assert (await client.finished(sent["id"]))["state"] == "succeeded"
        assert (await client.job_statement(sent["id"]))["statement"]
        assert (await client.statement_key())["algorithm"] == "Ed25519"
        assert (await client.job_result(sent["id"])).data == b"id,text\n1,Bom dia.\n"
        assert sent["id"] in [job["id"] for job in (await client.jobs())["jobs"]]
        assert (await client.delete_job(sent["id"]))["state"] == "expired"
        found = await client.translate_document(File("b.txt", b"Boa tarde."), target="en")
        assert found.data == b"Boa tarde."


def test_glossaries(identity_service: Service) -> None:
    with Dragoman(url(identity_service)) as client:
        kept = client.glossaries
        made = kept.create(
            "Statements",
            [dictionary("en", "pt", {"van": "carrinha"})],
            protected=["ACME"],
            patterns=["R-[0-9]+"],
        )
        assert (made["version"], made["size"], made["patterns"]) == (1, 3, ["R-[0-9]+"])
        name = made["id"]
        assert kept.import_terms(name, dictionary("en", "pt", "van\tfurgão\n"))["version"] == 2
        assert kept.replace(name, "Others", [dictionary("pt", "en", "carro,car\n", "csv")])["version"] == 3
        assert kept.show(name, version=2)["dictionaries"][0]["terms"] == [
            {"source": "van", "target": "furgão"}
        ]
        assert [each["version"] for each in kept.versions(name)["versions"]] == [3, 2, 1]
        assert name in [each["id"] for each in kept.list()["glossaries"]]
        assert kept.export(name, source="en", target="pt", version=1) == "van\tcarrinha\n"
        assert "<term>furgão</term>" in kept.export(name, source="en", target="pt", version=2, format="tbx")
        used = client.translate("Um carro.", source="pt", target="en", glossary=name)
        assert used["glossary"] == {"id": name, "name": "Others", "version": 3}
        assert used["translations"][0]["text"] == "Um car."
        letter = client.translate_document(
            File("a.txt", b"Um carro."), source="pt", target="en", options={"glossary": name}
        )
        assert letter.data == b"Um car."
        assert kept.delete(name)["name"] == "Others"
        with pytest.raises(Refused) as refused:
            kept.show(name)
        assert refused.value.problem == "not_found"
        with pytest.raises(InvalidText):
            kept.create("\ud800")


async def test_glossaries_awaited(identity_service: Service) -> None:
    async with AsyncDragoman(url(identity_service)) as client:
        kept = client.glossaries
        name = (await kept.create("Statements"))["id"]
        await kept.replace(name, "Others", protected=["ACME"])
        await kept.import_terms(name, dictionary("en", "pt", "van\tcarrinha\n"))
        assert (await kept.show(name))["protected"] == ["ACME"]
        assert (await kept.export(name, source="en", target="pt")) == "van\tcarrinha\n"
        assert [each["version"] for each in (await kept.versions(name))["versions"]] == [3, 2, 1]
        assert name in [each["id"] for each in (await kept.list())["glossaries"]]
        assert (await kept.delete(name))["version"] == 3


def texts(number: int) -> list[str]:
    return [f"Bom dia, número {index}." for index in range(number)]


def test_a_stream_is_in_order_and_billed_once(start: Start) -> None:
    service = start(max_texts=150)  # smaller than a window: every one is halved
    many = texts(2 * TEXTS + 7)
    with Dragoman(url(service)) as client:
        for _ in range(2):
            found = client.stream(many, source="pt", target="en", idempotency_key="corpus")
            assert [each["text"] for each in found] == many
        assert client.usage()["totals"]["billed_characters"] == sum(map(len, many))


async def test_an_awaited_stream(identity_service: Service) -> None:
    many = [*texts(TEXTS), "a" * 10, *texts(3)]
    async with AsyncDragoman(url(identity_service)) as client:
        assert [each["text"] async for each in client.stream(many, source="pt", target="en")] == many
        with pytest.raises(Refused):
            async for _ in client.stream(many, target="no-such-language"):
                pass


def test_a_stream_reads_no_further_than_it_must(identity_service: Service) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "Bom dia."

    with Dragoman(url(identity_service)) as client:
        found = client.stream(endless(), source="pt", target="en")
        assert next(found)["text"] == "Bom dia."
        found.close()
    assert read <= 6 * TEXTS


def test_a_text_that_fits_nowhere_fails_alone(start: Start) -> None:
    service = start(max_characters=100)
    with Dragoman(url(service)) as client:
        found = list(client.stream(["Bom dia.", "b" * 101, "Boa noite."], source="pt", target="en"))
    assert [each["status"] for each in found][1:2] == ["failed"]
    assert found[1]["error"] is not None
    assert found[1]["error"]["code"] == "too_large"
    assert [found[0]["text"], found[2]["text"]] == ["Bom dia.", "Boa noite."]


def test_keys_and_jobs_that_fail(start: Start) -> None:
    service = start(auth="required")
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    secret = directory.create_key("north").secret
    with Dragoman(url(service)) as stranger, pytest.raises(Refused) as refused:
        stranger.languages()
    assert refused.value.problem == "unauthenticated"
    with Dragoman(url(service), key=secret) as client:
        assert client.languages()["pairs"]
        job = client.send_document(File("a.txt", b"Bom dia."), source="pt", target="en")
        client.delete_job(job["id"])
        with pytest.raises(NoResult, match="ended by somebody else"):
            succeeded(client.finished(job["id"]))


def test_several_threads_share_a_client(identity_service: Service) -> None:
    found: list[str | None] = []
    with Dragoman(url(identity_service)) as client:

        def ask(text: str) -> None:
            found.append(client.translate(text, source="pt", target="en")["translations"][0]["text"])

        threads = [threading.Thread(target=ask, args=(text,)) for text in texts(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(filter(None, found)) == sorted(texts(8))


async def test_a_stream_that_is_left_leaves_nothing_running(identity_service: Service) -> None:
    before = asyncio.all_tasks()
    async with AsyncDragoman(url(identity_service)) as client:
        found = client.stream(["a" * (CHARACTERS // 2)] * 20, source="pt", target="en")
        async for _ in found:
            break
        await found.aclose()
    assert asyncio.all_tasks() == before
