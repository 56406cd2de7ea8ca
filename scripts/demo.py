"""The main job, end to end, on the embedded models: `make demo`.

Starts the service on a free loopback port, translates a mixed batch over HTTP, runs the bundled sample through the
bulk command against the same service, prints the usage report, stops the service. Exits 1 if anything is off.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sacrebleu import corpus_chrf

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "examples" / "messages.jsonl"
DRAGOMAN = Path(sys.executable).with_name("dragoman")

PROGRAMME_PER_MILLION = Decimal("8.06")
"""Pounds for a million characters: 1,700 pounds for 211 million, as a police programme reports."""

CHRF_FLOOR = 66.0
"""Of the sample against its bundled references, each direction; the models reach about 70."""

FAILED_SHARE = 0.05
"""Of the sample's lines; very short ones can leave the language undetermined, which is said and not guessed."""

START_SECONDS = 60
STOP_SECONDS = 60

MACHINE_RATE = "DRAGOMAN_MACHINE_RATE_PER_HOUR"
"""The one setting taken from the caller: the cost is of their machine. Others would change what is shown."""

MESSAGES = [
    "Bom dia. O carro KX65 TRV saiu do armazém às 14h35 com três pessoas.",
    "The landlord keeps their passports and takes £200 a week from each of them.",
    "Ele disse que ia pagar, mas nunca recebi nada. He told me to wait until Friday.",
    "Encontro marcado para sexta-feira no parque de estacionamento 👍",
    "KX65 TRV 07700 900123",
    "A testemunha trabalhou seis meses na quinta sem receber salário.",
    "Szia, holnap reggel hatkor indulunk a gyárba, hozd magaddal a papírokat.",
]

console = Console(width=max(100, Console().width), highlight=False)
faults: list[str] = []


def main() -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dragoman-demo-") as folder, service(Path(folder)) as url:
        console.print(f"\n[bold]The service listens on {url}[/], its models are warm.\n")
        mixed_batch(url)
        bulk_run(url, Path(folder) / "translated.jsonl")
        usage_report(url)
    console.print(f"The service has stopped. The demo took {time.monotonic() - started:.0f} s.")
    for fault in faults:
        console.print(f"[bold red]Off:[/] {escape(fault)}")
    return 1 if faults else 0


@contextmanager
def service(data_dir: Path) -> Iterator[str]:
    """A running `dragoman serve` on a free port, ready; stopped on leaving."""
    own = {"DRAGOMAN_DATA_DIR": str(data_dir / "data"), "DRAGOMAN_LOG_LEVEL": "warning"}
    process = subprocess.Popen(
        [DRAGOMAN, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, env={**environment(), **own}
    )
    try:
        url = address(process)
        wait_until_ready(process, url)
        yield url
    finally:
        stop(process)


def environment() -> dict[str, str]:
    """The caller's, without settings of the service."""
    return {
        name: value
        for name, value in os.environ.items()
        if name == MACHINE_RATE or not name.upper().startswith("DRAGOMAN_")
    }


def stop(process: subprocess.Popen[str]) -> None:
    """Asks, then kills: nothing is left running when this returns."""
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        faults.append(f"the service did not stop within {STOP_SECONDS} s and was killed")
        return
    check(code == 0, f"the service stopped with exit code {code}")


def address(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if "http://" not in line:
        raise SystemExit("The service did not start; what it said stands above.")
    return line.split()[-1]


def wait_until_ready(process: subprocess.Popen[str], url: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise SystemExit("The service was not ready in time; what it said stands above.")


def mixed_batch(url: str) -> None:
    console.print(
        "[bold]1. A mixed batch over HTTP:[/] POST /v1/translate, first into English, then into Portuguese"
    )
    for target in ("en", "pt"):
        answer = httpx.post(f"{url}/v1/translate", json={"text": MESSAGES, "target": target}, timeout=60)
        check(answer.status_code == httpx.codes.OK, f"POST /v1/translate answered {answer.status_code}")
        body = answer.json()
        console.print(_batch_table(body, target))
        statuses = [each["status"] for each in body["translations"]]
        check("translated" in statuses, f"nothing was translated into {target}")
        check(statuses[4] == "unchanged", "a line without words did not pass through")
        hungarian = body["translations"][-1]
        check(
            hungarian["source"] == "hu" and hungarian["error"]["code"] == "no_route",
            "the Hungarian message was not named and refused",
        )


def _batch_table(body: dict[str, Any], target: str) -> Table:
    table = Table(title=f"into {target}", title_justify="left", expand=True, show_lines=True)
    for name, ratio in (("source", 5), ("language", 2), ("translation", 5), ("model", 3), ("flags", 4)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for source, each in zip(MESSAGES, body["translations"], strict=True):
        confidence = "" if each["confidence"] is None else f" {each['confidence']:.2f}"
        text, error = each["text"], each["error"]
        said = f"[red]{escape(error['message'])}[/]" if text is None else escape(text)
        table.add_row(
            escape(source),
            each["source"] + confidence,
            said,
            " ".join(each["models"]),
            ", ".join(each["flags"]),
        )
    return table


def bulk_run(url: str, output: Path) -> None:
    console.print(
        "\n[bold]2. A bulk run:[/] dragoman bulk run examples/messages.jsonl, each line into the other language"
    )
    records = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    for target in ("en", "pt"):
        _bulk_direction(url, records, target=target, output=output.with_stem(f"to-{target}"))


def _bulk_direction(url: str, records: Sequence[dict[str, Any]], *, target: str, output: Path) -> None:
    command: list[str | Path] = [
        DRAGOMAN,
        "bulk",
        "run",
        SAMPLE,
        "--to",
        target,
        "--out",
        output,
        "--server",
        url,
        "--json",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    sys.stderr.write(ran.stderr)
    if ran.returncode not in (0, 1) or not output.exists():
        faults.append(f"the bulk run into {target} ended with exit code {ran.returncode}")
        return
    report = json.loads(ran.stdout)
    done = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    check([each["id"] for each in done] == [each["id"] for each in records], "bulk lines are out of order")
    chrf = score(done, "pt" if target == "en" else "en")
    check(report["failed"] <= len(done) * FAILED_SHARE, f"{report['failed']} lines failed into {target}")
    check(chrf >= CHRF_FLOOR, f"chrF {chrf:.1f} into {target} is under the floor of {CHRF_FLOOR:.0f}")
    translated = [each for each in done if each["translation"]["status"] == "translated"]
    work = sum(each["translation"]["characters"] for each in translated)
    console.print(
        f"   into {target}: {report['records']} lines, {len(translated)} of them translated: {work:,} characters at "
        f"[bold]{work / report['seconds']:,.0f} characters a second[/], {report['failed']} failed, "
        f"chrF {chrf:.1f} against the bundled references (floor {CHRF_FLOOR:.0f})"
    )
    for each in translated[:3]:
        console.print(
            f"      [dim]{escape(repr(each['text'][:90]))}[/]\n"
            f"      → {escape(repr((each['translation']['text'] or '')[:90]))}"
        )


def score(done: Sequence[dict[str, Any]], source: str) -> float:
    """Corpus chrF over the lines in `source`, which have a reference in the other language."""
    scored = [each for each in done if each["language"] == source and each["reference"]]
    translations = [each["translation"]["text"] or "" for each in scored]
    return corpus_chrf(translations, [[each["reference"] for each in scored]]).score


def usage_report(url: str) -> None:
    console.print("\n[bold]3. The usage report:[/] GET /v1/usage, from the ledger")
    report = httpx.get(f"{url}/v1/usage", params={"group_by": "pair"}, timeout=30).json()
    table = Table()
    for name in ("pair", "requests", "characters", "billed", "compute s", "cost", "cost a million"):
        table.add_column(name, justify="left" if name == "pair" else "right")
    for row in [*report["rows"], {"key": "total", **report["totals"]}]:
        table.add_row(
            escape(row["key"]),
            f"{row['requests']:,}",
            f"{row['characters']:,}",
            f"{row['billed_characters']:,}",
            f"{row['compute_seconds']:.2f}",
            row["cost"],
            row["cost_per_million"] or "-",
        )
    console.print(table)
    console.print(escape(report["headline"]))
    totals = report["totals"]
    check(totals["characters"] > 0, "the ledger is empty")
    check(
        sum(row["characters"] for row in report["rows"]) == totals["characters"], "the ledger does not add up"
    )
    translated = totals["characters"] - totals["unchanged_characters"] - totals["failed_characters"]
    measured = Decimal(totals["cost"]) * 1_000_000 / max(1, translated)
    check(0 < measured < PROGRAMME_PER_MILLION, f"the measured cost of {measured} a million is out of reason")
    unit = "£" if report["currency"] == "GBP" else f"{report['currency']} "
    console.print(
        f"\n[bold]Measured cost: {unit}{measured:.4f} a million translated characters[/] at full use of a machine at "
        f"{unit}{escape(os.environ.get(MACHINE_RATE, '0.08'))} an hour; "
        f"the programme paid [bold]£{PROGRAMME_PER_MILLION}[/]. Idle time comes on top: at 10 % use it is "
        f"{unit}{measured * 10:.4f}.\n"
    )


def check(holds: bool, fault: str) -> None:
    if not holds:
        faults.append(fault)


if __name__ == "__main__":
    sys.exit(main())
