"""Renew what helm/dragoman/values.schema.json says of settings and secrets, from app/settings.py.

    python scripts/make_chart_schema.py [--check]

All other parts are written by hand and stay as they are. `--check` writes nothing and exits 1 where it would.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.settings import Settings

SCHEMA = Path(__file__).parents[1] / "helm" / "dragoman" / "values.schema.json"
THE_CHARTS_OWN = {"data_dir", "model_dir"}
"""Set where volumes are: persistence.mountPath and models.mountPath."""
KEPT = {"type", "enum", "minimum", "maximum", "exclusiveMinimum", "pattern", "maxLength"}


def renewed(schema: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = Settings.model_json_schema()["properties"]
    secret = {name for name, field in fields.items() if field.get("writeOnly")}
    schema["properties"]["settings"]["properties"] = {
        name: _closed(name, field)
        for name, field in sorted(fields.items())
        if name not in secret | THE_CHARTS_OWN
    }
    schema["properties"]["secrets"]["properties"] = {name: {"type": "string"} for name in sorted(secret)}
    return schema


def _closed(name: str, field: dict[str, Any]) -> dict[str, Any]:
    options = field.get("anyOf", [field])
    kept = [{key: value for key, value in option.items() if key in KEPT} for option in options]
    kept = [option for option in kept if option["type"] != "null"]
    if name == "port":
        kept[0]["minimum"] = 1  # nobody would find a free one
    return kept[0] if len(kept) == 1 else {"anyOf": kept}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    before = SCHEMA.read_text(encoding="utf-8")
    after = json.dumps(renewed(json.loads(before)), indent=2) + "\n"
    if check:
        return int(after != before)
    SCHEMA.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
