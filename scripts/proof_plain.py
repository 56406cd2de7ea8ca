"""Text formats by hand, as people and programs write them, and an archive of some of all."""

import io
import json
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from scripts import proof_texts as said

_FIRST_DAY = (2026, 1, 12, 9, 30, 0)


def files() -> dict[str, bytes]:
    return {
        "wrapped.txt": wrapped().encode(),
        "windows.txt": wrapped().replace("\n", "\r\n").encode("cp1252"),
        "utf16.txt": ("\ufeff" + "\n".join(said.LETTER)).encode("utf-16-le"),
        "readme.md": markdown().encode(),
        "blog.md": blog().encode(),
        "page.html": page().encode(),
        "notice.html": notice().encode(),
        "old.html": old().encode("latin-1"),
        "newsletter.html": newsletter().encode(),
        "film.srt": srt().encode("utf-8-sig"),
        "film.vtt": vtt().encode(),
        "readers.csv": table(";", "\r\n").encode("cp1252"),
        "readers.tsv": table("\t", "\n").encode(),
        "quoted.csv": quoted().encode(),
        "catalogue.json": catalogue().encode(),
        "settings.json": settings().encode(),
        "events.jsonl": events().encode(),
        "feed.xml": feed().encode(),
        "manual.xml": manual().encode("latin-1"),
        "program.po": po().encode(),
        "old.xliff": xliff_1().encode(),
        "new.xlf": xliff_2().encode(),
        "memory.tmx": memory().encode(),
        "chat-iphone.txt": chat("[{day:02}/01/2026, 09:3{minute}:07] {name}: {text}").encode(),
        "chat-android.txt": chat("{day:02}/01/26, 09:3{minute} - {name}: {text}").encode(),
        "chat-american.txt": chat("1/{day}/26, 9:3{minute}\u202fAM - {name}: {text}").encode(),
        "simple.rtf": rtf().encode("ascii"),
        "book.epub": book(),
    }


def wrapped() -> str:
    return f"{said.TITLE}\n{'=' * len(said.TITLE)}\n\n" + "\n\n".join(map(_wrap, said.PARAGRAPHS)) + "\n"


def _wrap(text: str) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > 70:
            lines.append(line)
            line = ""
        line += (" " if line else "") + word
    return "\n".join([*lines, line])


def markdown() -> str:
    items = "\n".join(f"{number}. {item}" for number, item in enumerate(said.LIST, 1))
    rows = "\n".join("| " + " | ".join(row) + " |" for row in said.TABLE[1:])
    return f"""# {said.TITLE}

{said.LEAD} Veja [{said.LINK}](https://example.org/a_b) ou escreva `make livros`.

> {said.PARAGRAPHS[0]}

{items}

```sh
make livros  # isto fica como está
```

| {" | ".join(said.TABLE[0])} |
|---|---:|---|
{rows}

![{said.ALT}](carrinha.png)
"""


def blog() -> str:
    return f"""---
title: carrinha
tags: [livros, neve]
---

{said.PARAGRAPHS[1]}

* **{said.LIST[0]}**, *{said.LIST[1]}*
  - {said.LIST[2]}

<div class="aviso">{said.BOX}</div>
"""


def page() -> str:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in said.TABLE)
    body = "".join(f"<p>{text}</p>\n" for text in said.PARAGRAPHS)
    return f"""<!DOCTYPE html>
<html lang="pt">
<head><meta charset="utf-8"><title>{said.TITLE}</title><meta name="description" content="{said.LEAD}">
<style>p {{ margin: 1em }}</style><script>var texto = "não traduzir";</script></head>
<body><nav><a href="/" title="{said.LINK}">Início</a></nav><h1>{said.TITLE}</h1>
{body}<p>{said.LEAD.replace("todo o inverno", "<b>todo o <i>inverno</i></b>")} <code>make livros</code></p>
<table>{rows}</table><img src="data:," alt="{said.ALT}"><p translate="no">Dragoman</p>
<form><input placeholder="Procurar um livro"><button>Enviar</button></form></body></html>
"""


def notice() -> str:
    """Its list is made by a script, as on many pages."""
    items = json.dumps(said.LIST, ensure_ascii=False)
    return f"""<!doctype html><html lang=pt-PT><meta charset=utf-8><title>{said.HEADER}</title>
<h2>{said.BOX}</h2><ul id=l></ul><p>{said.PARAGRAPHS[4]}
<script>for (const t of {items}) l.append(Object.assign(document.createElement("li"), {{textContent: t}}));</script>
"""


def old() -> str:
    return f"""<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1"><TITLE>{said.HEADER}</TITLE></HEAD>
<BODY BGCOLOR=white><CENTER><FONT SIZE=5>{said.TITLE}</FONT></CENTER><P>{said.PARAGRAPHS[2]}<BR>{said.PARAGRAPHS[3]}
<P><A HREF=a.htm>{said.LINK}</A> &copy; 1998</BODY></HTML>
"""


def newsletter() -> str:
    """Tables within tables and styles at every word, as mail programs and Word write pages."""
    cells = "".join(
        f'<tr><td style="font-family:Arial"><p class=MsoNormal><span style="color:#333">{escape(text)}<o:p></o:p></span></p>'
        "</td></tr>"
        for text in said.LETTER
    )
    return f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8"><!--[if mso]><xml>x</xml><![endif]--></head>
<body><table width="100%"><tr><td><table>{cells}</table></td></tr></table><p>&nbsp;</p></body></html>
"""


def srt() -> str:
    return "\r\n\r\n".join(
        f"{n}\r\n00:00:{n * 3:02},000 --> 00:00:{n * 3 + 2:02},500\r\n{cue.replace(chr(10), chr(13) + chr(10))}"
        for n, cue in enumerate(said.CUES, 1)
    ) + "\r\n"  # fmt: skip


def vtt() -> str:
    cues = "\n\n".join(
        f"{n}\n00:00:{n * 3:02}.000 --> 00:00:{n * 3 + 2:02}.500 line:90%\n<v Ana>{cue}"
        for n, cue in enumerate(said.CUES, 1)
    )
    return f"WEBVTT\n\nNOTE não traduzir\n\n{cues}\n"


def table(delimiter: str, newline: str) -> str:
    rows = [delimiter.join(("id", *row)) for row in [said.TABLE[0]]]
    rows += [delimiter.join((f"A-{n:03}", *row)) for n, row in enumerate(said.TABLE[1:] * 4, 1)]
    return newline.join(rows) + newline


def quoted() -> str:
    rows = [
        f'"{n}","{text.replace(chr(34), chr(34) * 2)}","2026-01-{n:02}"'
        for n, text in enumerate(said.PARAGRAPHS, 1)
    ]
    return "id,texto,data\n" + "\n".join(rows) + "\n"


def catalogue() -> str:
    items = [
        {"id": n, "name": text, "url": "https://example.org/x", "price": 1.5}
        for n, text in enumerate(said.LIST)
    ]
    return (
        json.dumps({"title": said.TITLE, "items": items, "empty": None}, ensure_ascii=False, indent=2) + "\n"
    )


def settings() -> str:
    return json.dumps({key: text for text, key in said.MESSAGES}, separators=(",", ":"))


def events() -> str:
    return "".join(json.dumps({"t": n, "text": text}) + "\n" for n, text in enumerate(said.PARAGRAPHS))


def feed() -> str:
    items = "".join(
        f"<item><title>{title}</title><link>https://example.org/{n}</link><description><![CDATA[<p>{said.PARAGRAPHS[n]}</p>]]>"
        "</description></item>"
        for n, (title, _) in enumerate(said.SLIDES)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{said.HEADER}</title>{items}</channel></rss>\n'


def manual() -> str:
    steps = "".join(
        f"  <step n='{n}'>{text} <em>sem pressa</em>.</step>\n" for n, text in enumerate(said.LIST)
    )
    return (
        f"<?xml version='1.0' encoding='ISO-8859-1'?>\n<manual>\n  <!-- não traduzir -->\n{steps}</manual>\n"
    )


def po() -> str:
    entries = "\n".join(
        f'#: app.c:{n}\nmsgid "{text}"\nmsgstr ""\n' for n, (text, _) in enumerate(said.MESSAGES)
    )
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: en\\n"\n'
    plural = '\nmsgid "%d livro"\nmsgid_plural "%d livros"\nmsgstr[0] ""\nmsgstr[1] ""\n'
    return f"{head}\n{entries}{plural}"


def xliff_1() -> str:
    units = "".join(
        f'<trans-unit id="{key}"><source>{text} <g id="1">agora</g></source></trans-unit>'
        for text, key in said.MESSAGES
    )
    return (
        '<?xml version="1.0"?>\n<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="a.c" '
        f'source-language="pt" target-language="en" datatype="plaintext"><body>{units}</body></file></xliff>\n'
    )


def xliff_2() -> str:
    units = "".join(
        f'<unit id="{key}"><segment><source>{text} <pc id="1">agora</pc></source></segment></unit>'
        for text, key in said.MESSAGES
    )
    return (
        '<?xml version="1.0"?>\n<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="pt" '
        f'trgLang="en"><file id="f">{units}</file></xliff>\n'
    )


def memory() -> str:
    units = "".join(f'<tu><tuv xml:lang="pt"><seg>{text}</seg></tuv></tu>' for text, _ in said.MESSAGES)
    head = 'creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en" srclang="pt" datatype="plaintext"'
    return f'<?xml version="1.0"?>\n<tmx version="1.4"><header {head}/><body>{units}</body></tmx>\n'


def chat(line: str) -> str:
    return "".join(
        line.format(day=12, minute=minute, name=name, text=text) + "\n"
        for minute, (name, text) in enumerate(said.CHAT * 2)
    )


def rtf() -> str:
    def coded(text: str) -> str:
        return "".join(each if each.isascii() else f"\\u{ord(each)}?" for each in text)

    body = "".join(f"{coded(text)}\\par\n" for text in said.PARAGRAPHS)
    return f"{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Arial;}}}}{{\\b {coded(said.TITLE)}}}\\par\n{body}}}"


def groff() -> bytes:
    paragraphs = "".join(f".PP\n{text}\n" for text in said.PARAGRAPHS)
    return f".TH LIVROS 1\n.SH {said.SLIDES[0][0]}\n{paragraphs}".encode()


def book() -> bytes:
    """An EPUB 3 with two chapters."""
    chapters = {
        f"c{n}.xhtml": f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{said.PARAGRAPHS[n]}</p></body></html>"
        for n, (title, _) in enumerate(said.SLIDES[:2])
    }
    listed = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(2)
    )
    opf = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">urn:x:1</dc:identifier><dc:title>{said.TITLE}'
        '</dc:title><dc:language>pt</dc:language><meta property="dcterms:modified">2026-01-12T09:30:00Z</meta></metadata>'
        f'<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{listed}</manifest>'
        '<spine><itemref idref="c0"/><itemref idref="c1"/></spine></package>'
    )
    links = "".join(
        f'<li><a href="c{n}.xhtml">{title}</a></li>' for n, (title, _) in enumerate(said.SLIDES[:2])
    )
    nav = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head>'
        f'<title>Índice</title></head><body><nav epub:type="toc"><ol>{links}</ol></nav></body></html>'
    )
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="b.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "b.opf": opf,
        "nav.xhtml": nav,
    }
    return zipped({name: text.encode() for name, text in (parts | chapters).items()})


def archive(folder: Path) -> bytes:
    """Of some of what is there, in folders."""
    names = ("letter.docx", "loans.xlsx", "wrapped.txt", "film.srt", "plain-quoted.eml", "page.html")
    return zipped({f"{Path(name).suffix[1:]}/{name}": (folder / name).read_bytes() for name in names})


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            opened.writestr(info, data)
    return out.getvalue()
