"""A document with people's corrections in their places: the file, its statement, its replay, and what erasing does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.client import Dragoman
from app.provenance.replay import replay
from app.settings import Settings
from app.tenants.directory import Directory
from app.tenants.tenant import OWN_WORK, Recall, Scope
from tests.app.serving import Service, serving

PAGE = "<p>A <b>reunião</b> de <i>todos</i> é na sexta-feira.</p><p>Bom dia a todos os colegas.</p>"
TEXT = "Bom dia a todos os colegas.\n\nA reunião é na sexta-feira.\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Service]:
    """The identity model copies, which is flagged: everything is in the queue."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(
        data_dir=data, model_dir=identity_models, preload=False, cache="off", auth="required", replay_window=0
    )
    with serving(settings) as running:
        yield running


class Tenant:
    def __init__(self, service: Service, name: str, memory: Recall | None = None) -> None:
        self.service, self.name = service, name
        self.directory = Directory(service.runtime.database)
        self.directory.create_tenant(name, memory=memory)
        self.headers = self.key()

    def key(self, *scopes: Scope) -> dict[str, str]:
        wanted = frozenset(scopes) or OWN_WORK
        return {"X-API-Key": self.directory.create_key(self.name, scopes=wanted).secret}

    def ask(self, path: str, method: str = "GET", **more: Any) -> Any:
        return self.service.client.request(method, f"/v1{path}", **{"headers": self.headers, **more})

    def send(self, text: str, name: str = "a.txt") -> str:
        sent = self.ask(
            "/documents", "POST", files={"file": (name, text.encode())}, data={"source": "pt", "target": "en"}
        )
        job = str(sent.json()["id"])
        self.ask(f"/jobs/{job}/events")
        return job

    def doubts(self, job: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(f"/review?job={job}").json()["segments"]
        return found

    def correct(self, item: dict[str, Any], text: str) -> None:
        body = {"verdict": "corrected", "text": text, "reason": "meaning"}
        assert self.ask(f"/review/{item['id']}", "POST", json=body).status_code == 200


def test_the_file_has_the_corrections_and_the_delivered_one_has_not(service: Service) -> None:
    north = Tenant(service, "north")
    job = north.send(TEXT)
    charged = north.ask("/usage").json()["totals"]["billed_characters"]
    before = north.ask(f"/jobs/{job}/result")
    assert north.ask(f"/jobs/{job}/result?corrected=true").content == before.content
    first, second = north.doubts(job)
    north.correct(first, "Good morning.")
    north.correct(second, "We meet on Monday.")
    north.correct(second, "We meet on Friday.")

    made = north.ask(f"/jobs/{job}/result?corrected=true")
    assert made.text == "Good morning.\n\nWe meet on Friday.\n"
    assert made.headers["X-Corrected-Segments"] == "2"
    with Dragoman(str(service.client.base_url), key=north.headers["X-API-Key"]) as client:
        assert client.job_result(job, corrected=True).data == made.content
    for name in ("content-type", "content-disposition", "content-security-policy"):
        assert made.headers[name] == before.headers[name]
    assert north.ask(f"/jobs/{job}/result").content == before.content
    assert north.ask("/usage").json()["totals"]["billed_characters"] == charged
    assert not [*service.runtime.settings.data_dir.glob("blobs/*.*")]
    assert len([*service.runtime.settings.data_dir.glob("blobs/*")]) == 2

    assert north.ask(f"/review/{first['id']}", "POST", json={"verdict": "accepted"}).status_code == 200
    left = north.ask(f"/jobs/{job}/result?corrected=true")
    assert left.text == TEXT.replace("A reunião é na sexta-feira.", "We meet on Friday.")
    assert [each["text"] for each in north.ask("/memory").json()["entries"]] == ["We meet on Friday."]


def test_formatting_goes_with_the_words_that_were_left(service: Service) -> None:
    east = Tenant(service, "east")
    job = east.send(PAGE, "a.html")
    (first, _) = east.doubts(job)
    east.correct(first, "A reunião de todos é na segunda-feira, não na sexta.")
    made = east.ask(f"/jobs/{job}/result?corrected=true").text
    assert "A <b>reunião</b> de <i>todos</i> é na segunda-feira, não na sexta.</p>" in made
    east.correct(first, "Segunda.")
    again = east.ask(f"/jobs/{job}/result?corrected=true").text
    assert "Segunda." in re.sub(r"<[^>]+>", "", again)
    assert again.count("<b>") == again.count("</b>") == 1


async def test_the_statement_says_who_corrected_what(service: Service, tmp_path: Path) -> None:
    south = Tenant(service, "south", Recall.EXACT)
    first = south.send(TEXT)
    south.correct(south.doubts(first)[0], "Good morning, colleagues.")
    said = south.ask(f"/jobs/{first}/statement").json()["statement"]
    corrected, untouched = segments(said)
    assert (corrected["correction"]["text"], corrected["correction"]["reason"]) == (
        "Good morning, colleagues.",
        "meaning",
    )
    assert corrected["correction"]["key_id"].startswith("key_")
    assert untouched["correction"] is None
    assert corrected["text"] == "Bom dia a todos os colegas."

    second = south.send(TEXT + "\n")
    assert south.ask(f"/jobs/{second}").json()["memory"] == "exact"
    assert south.ask(f"/jobs/{second}/result").text.startswith("Good morning, colleagues.")
    assert [each["source"] for each in south.doubts(second)] == ["A reunião é na sexta-feira."]
    later = south.ask(f"/jobs/{second}/statement").json()["statement"]
    recalled, made = segments(later)
    assert (recalled["flags"], recalled["memory"]["segment"]) == (["memory"], f"{first}.0.0.0")
    assert made["memory"] is None
    version = later["chunks"][0]["made"]["memory"]["version"]
    assert south.ask("/memory").json()["version"] == version

    settings = Settings(data_dir=tmp_path, model_dir=service.runtime.settings.model_dir, preload=False)
    found = await replay(later, settings)
    assert (found.recalled, found.memory, found.differences) == (1, (version,), ())


def segments(statement: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for chunk in statement["chunks"] for unit in chunk["units"] for each in unit["segments"]]


def test_where_the_memory_is_off_a_correction_stays_with_its_document(service: Service) -> None:
    west = Tenant(service, "west", Recall.OFF)
    job = west.send(TEXT)
    west.correct(west.doubts(job)[0], "Good morning.")
    assert west.ask("/memory").json()["entries"] == []
    assert west.ask(f"/jobs/{job}/result?corrected=true").text.startswith("Good morning.")


def test_verdicts_are_erased_by_document_and_by_age(service: Service) -> None:
    upper = Tenant(service, "upper")
    one, other = upper.send(TEXT), upper.send(TEXT + " \n")
    for job in (one, other):
        upper.correct(upper.doubts(job)[0], f"Corrected in {job}.")
    assert upper.ask("/review?older_than=1", "DELETE").json() == {"erased": 0}
    assert upper.ask(f"/review?job={one}", "DELETE").json() == {"erased": 1}
    assert len(upper.doubts(one)) == 2
    assert upper.ask(f"/jobs/{one}/result?corrected=true").text == upper.ask(f"/jobs/{one}/result").text
    assert f"Corrected in {other}." in upper.ask(f"/jobs/{other}/result?corrected=true").text
    assert upper.ask(f"/memory?job={one}", "DELETE").json() == {"erased": 0}
    assert upper.ask(f"/memory?job={other}", "DELETE").json() == {"erased": 1}
    assert upper.ask("/review?older_than=0", "DELETE").json() == {"erased": 1}
    assert upper.ask("/review/agreement").json()["agreement"] == []


def test_pages_follow_each_other(service: Service) -> None:
    lower = Tenant(service, "lower")
    jobs = [lower.send(TEXT + "\n" * more) for more in range(3)]
    every = [each["id"] for each in lower.ask("/review").json()["segments"]]
    assert [each.partition(".")[0] for each in every] == [job for job in jobs for _ in range(2)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = lower.ask("/review", params={"limit": 4, **after}).json()
        seen += [each["id"] for each in page["segments"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == every

    for number, item in enumerate(lower.ask("/review").json()["segments"]):
        lower.correct(item, f"Text {number}.")
    entries: list[str] = []
    after = {}
    while True:
        page = lower.ask("/memory", params={"limit": 1, **after}).json()
        entries += [each["id"] for each in page["entries"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert entries == [each["id"] for each in lower.ask("/memory").json()["entries"]]
    assert len(entries) == 2


@pytest.mark.parametrize("path", ["/review", "/memory"])
@pytest.mark.parametrize("after", ["x", "1", "1.", "-1.a", "99999999999999999999.a", "٣.a", "1.job_1.0.0"])
def test_a_cursor_of_ones_own_making_is_refused_or_finds_nothing(
    service: Service, path: str, after: str
) -> None:
    name = "cursor"
    if name not in {each.name for each in Directory(service.runtime.database).tenants()}:
        Directory(service.runtime.database).create_tenant(name)
    headers = {"X-API-Key": Directory(service.runtime.database).create_key(name).secret}
    answer = service.client.get(f"/v1{path}", params={"after": after}, headers=headers)
    assert answer.status_code in ({422} if after != "1.job_1.0.0" or path == "/review" else {200})


def test_who_may_decide_and_who_may_read(service: Service) -> None:
    inner = Tenant(service, "inner")
    job = inner.send(TEXT)
    reader, reviewer = inner.key(Scope.DOCUMENTS), inner.key(Scope.REVIEW)
    place = inner.doubts(job)[0]["id"]
    for key, allowed in ((reader, False), (reviewer, True)):
        assert inner.ask("/review", headers=key).status_code == 200
        assert inner.ask("/memory", headers=key).status_code == 200
        decided = inner.ask(f"/review/{place}", "POST", json={"verdict": "accepted"}, headers=key)
        assert (decided.status_code == 200) is allowed
        assert (inner.ask("/review?older_than=9", "DELETE", headers=key).status_code == 200) is allowed
    assert inner.ask(f"/jobs/{job}/result?corrected=true", headers=reviewer).status_code == 403
