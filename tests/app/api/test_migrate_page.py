"""What docs/migrate.md tells people to type works."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.tenants.directory import Directory
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Service

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/migrate.md").read_text(encoding="utf-8")
ADDRESS = "http://localhost:8080"
BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", PAGE, flags=re.DOTALL)
NODE_MODULES = os.environ.get("DRAGOMAN_TEST_NODE_MODULES", "")
"""A folder `node_modules` with deepl-node, translate and libretranslate in it: no test downloads anything."""
WEBLATE = os.environ.get("DRAGOMAN_TEST_WEBLATE", "")
"""A Python that has Weblate, in an environment of its own: it is GPL, so nothing of it may be imported here."""

SCRIPT = """
import { readFileSync } from 'node:fs';
import * as deepl from 'deepl-node';
import translate from 'translate';
const [url, key] = process.argv.slice(2);
const client = new deepl.Translator(key, { serverUrl: url });
const found = await client.translateText(['Bom dia', 'Boa noite'], 'pt', 'en-GB');
const usage = await client.getUsage();
const targets = await client.getTargetLanguages();
let refused = '';
try {
  await new deepl.Translator('wrong', { serverUrl: url }).getUsage();
} catch (error) {
  refused = error.constructor.name;
}
const handle = await client.uploadDocument(Buffer.from('Volto logo.'), 'pt', 'en-GB', { filename: 'a.txt' });
let document;
do {
  document = await client.getDocumentStatus(handle);
  await new Promise(resolve => setTimeout(resolve, 100));
} while (document.ok() && !document.done());
await client.downloadDocument(handle, 'a.en.txt');
const keeper = new deepl.DeepLClient(key, { serverUrl: url });
const entries = words => new deepl.GlossaryEntries({ entries: words });
const dictionary = (source, target, words) =>
  ({ sourceLangCode: source, targetLangCode: target, entries: entries(words) });
const several = await keeper.createMultilingualGlossary(
  'Both', [dictionary('pt', 'en', { dia: 'day' }), dictionary('en', 'pt', { day: 'dia' })]);
await keeper.updateMultilingualGlossaryDictionary(several, dictionary('pt', 'en', { noite: 'night' }));
await keeper.updateMultilingualGlossaryDictionaryWithCsv(several, 'en', 'pt', 'van,carrinha\\n');
await keeper.replaceMultilingualGlossaryDictionary(several, dictionary('en', 'pt', { knife: 'navalha' }));
const renamed = await keeper.updateMultilingualGlossaryName(several, 'Renamed');
const held = await keeper.getMultilingualGlossaryDictionaryEntries(several, 'pt', 'en');
const csv = await keeper.createMultilingualGlossaryWithCsv('CSV', 'pt', 'en', 'dia,day\\nnoite,night\\n');
const enforced = await keeper.translateText('Boa noite', 'pt', 'en-GB', { glossary: several });
await keeper.deleteMultilingualGlossary(csv);
const one = await keeper.createGlossary('One', 'pt', 'en', entries({ dia: 'day' }));
const ofOne = await keeper.getGlossaryEntries(one);
const glossaries = [
  renamed.name, renamed.dictionaries.map(each => [each.sourceLangCode, each.entryCount]).sort(),
  held.entries.entries(), csv.dictionaries[0].entryCount,
  enforced.text, ofOne.entries(), (await keeper.listMultilingualGlossaries()).length,
];
translate.engine = 'libre';
translate.url = `${url}/translate`;
translate.key = key;
const libre = await translate('Bom dia', { from: 'pt', to: 'en' });
console.log(JSON.stringify([
  found.map(each => [each.text, each.detectedSourceLang, each.billedCharacters]),
  usage.character.count, targets.map(each => each.code), refused, libre,
  [document.billedCharacters, readFileSync('a.en.txt', 'utf8')],
  glossaries,
]));
"""
OPEN_SCRIPT = """
import libre from 'libretranslate';
const [apiurl] = process.argv.slice(2);
console.log(await libre.translate({ query: 'Bom dia', source: 'pt', target: 'en', apiurl }));
"""
WEBLATE_SCRIPT = """
import sys
from unittest.mock import MagicMock

for name in ("cairo", "gi", "gi.repository", "aeidon", "aeidon.encodings", "aeidon.files", "aeidon.util"):
    try:
        __import__(name)
    except ImportError:
        sys.modules[name] = MagicMock()  # For pictures and subtitles: no business of machinery.

import django
import weblate.settings_example as example
from django.conf import settings

chosen = {name: getattr(example, name) for name in dir(example) if name.isupper()}
settings.configure(**chosen | {
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    "DATA_DIR": sys.argv[3],
    "LOGGING_CONFIG": None,
})
django.setup()

from weblate.machinery.deepl import DeepLTranslation
from weblate.machinery.libretranslate import LibreTranslateTranslation

url, key = sys.argv[1:3]
libre = LibreTranslateTranslation({"url": url, "key": key})
assert set(libre.download_languages()) == {"en", "pt"}
found = libre.download_multiple_translations("pt", "en", [("Bom dia", None), ("Boa noite", None)])
assert [found[text][0]["text"] for text in ("Bom dia", "Boa noite")] == ["Bom dia", "Boa noite"]
try:
    LibreTranslateTranslation({"url": url, "key": "x"}).download_multiple_translations("pt", "en", [("Bom dia", None)])
except Exception as error:
    assert "Invalid API key" in libre.get_error_message(error), error
else:
    raise AssertionError("let in with a wrong key")
deep = DeepLTranslation({"url": url + "/v2/", "key": key, "formality": "default", "context": ""})
text = 'Bom dia, <x id="7"></x> amigos'
found = deep.download_multiple_translations("PT", "EN-GB", [(text, None)])
assert found[text][0]["text"] == text
print("served")
"""


def secret_of(service: Service) -> str:
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    return directory.create_key("north").secret


@pytest.mark.parametrize(
    ("language", "block"), BLOCKS, ids=[f"{language}{n}" for n, (language, _) in enumerate(BLOCKS)]
)
def test_a_block_of_the_page(start: Start, tmp_path: Path, language: str, block: str) -> None:
    service = start(auth="required")
    code = block.replace(ADDRESS, str(service.client.base_url)).replace("KEY", secret_of(service))
    command = [sys.executable, "-c", code] if language == "python" else shlex.split(code.replace("\\\n", " "))
    if command[0] == "python":
        command[0] = sys.executable
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    if "letter.html" in block:
        _check_letter(service, ran.stdout, tmp_path)
    else:
        assert "Bom dia a todos" in ran.stdout


def _check_letter(service: Service, printed: str, folder: Path) -> None:
    """Written, or to be fetched from the address printed; the models answer it as it is, so no tag is lost."""
    if "translatedFileUrl" in printed:
        found = service.client.get(json.loads(printed)["translatedFileUrl"]).text
    else:
        found = (folder / "OUT/letter.html").read_text(encoding="utf-8")
    assert found.count("<p>") == (ROOT / "examples/letter.html").read_text(encoding="utf-8").count("<p>") > 0


def test_clients_for_node(start: Start, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not NODE_MODULES:
        pytest.skip("needs node, and DRAGOMAN_TEST_NODE_MODULES with deepl-node and translate")
    service = start(auth="required")
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "ask.mjs").write_text(SCRIPT, encoding="utf-8")
    command = [node, "ask.mjs", str(service.client.base_url), secret_of(service)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [
        [["Bom dia", "pt", 7], ["Boa noite", "pt", 9]],
        16,
        ["en-GB", "en-US", "pt-BR", "pt-PT"],
        "AuthorizationError",
        "Bom dia",
        [11, "Volto logo."],
        [
            "Renamed",
            [["en", 1], ["pt", 2]],
            {"dia": "day", "noite": "night"},
            2,
            "Boa night",
            {"dia": "day"},
            2,
        ],
    ]


def test_a_client_for_node_that_cannot_send_its_key(start: Start, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (Path(NODE_MODULES) / "libretranslate").is_dir():
        pytest.skip("needs node, and DRAGOMAN_TEST_NODE_MODULES with libretranslate")
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "ask.mjs").write_text(OPEN_SCRIPT, encoding="utf-8")
    command = [node, "ask.mjs", str(start().client.base_url)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (ran.stdout.strip(), ran.returncode) == ("Bom dia", 0), ran.stderr


def test_weblate(start: Start, tmp_path: Path) -> None:
    if not WEBLATE:
        pytest.skip("needs DRAGOMAN_TEST_WEBLATE, a Python with Weblate in an environment of its own")
    service = start(auth="required")
    command = [WEBLATE, "-c", WEBLATE_SCRIPT, str(service.client.base_url), secret_of(service), str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    assert (ran.stdout.strip(), ran.returncode) == ("served", 0), ran.stderr
