"""`python -m local.client`: the API's document, the typed client of the pages made from it, and the reports' schema.

    control_api ─▶ web/openapi.json ─▶ openapi-typescript ─▶ web/src/api/schema.d.ts
    reports/content.py ─▶ interview/report.schema.json, which the API serves

With `--check` nothing is written: what is committed is compared with what would be made, and the client is compiled.
"""

import json
import sys
import tempfile
from pathlib import Path

from control_api.app import routed
from interview.errors import VivaError
from local import node
from local.node import WEB
from reports.render.data import schema

DOCUMENT = WEB / "openapi.json"
REPORT_SCHEMA = Path(__file__).parents[1] / "interview" / "report.schema.json"
TYPES = WEB / "src" / "api" / "schema.d.ts"


def document() -> str:
    """Return the API's document as it is committed: the same for the same code."""
    return json.dumps(routed().openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def report_schema() -> str:
    """Return the JSON Schema of reports as it is committed."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def generate(source: Path, target: Path) -> None:
    """Write the types of a document. Raises `MachineError` with the generator's words."""
    node.run(
        "openapi-typescript/bin/cli.js",
        str(source),
        "--output",
        str(target),
        "--alphabetize",
        "--default-non-nullable",
        "false",
    )


def check() -> list[str]:
    """Return what is not current or does not compile; an empty list is good."""
    node.install()
    wrong = []
    if not REPORT_SCHEMA.is_file() or REPORT_SCHEMA.read_text(encoding="utf-8") != report_schema():
        wrong.append("interview/report.schema.json is not that of reports/content.py any more; run `make client`")
    if not DOCUMENT.is_file() or DOCUMENT.read_text(encoding="utf-8") != document():
        wrong.append("web/openapi.json is not the API's document any more; run `make client`")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "schema.d.ts")
        generate(DOCUMENT, made)
        if not TYPES.is_file() or made.read_bytes() != TYPES.read_bytes():
            wrong.append("web/src/api/schema.d.ts is not made from web/openapi.json; run `make client`")
    node.run("typescript/bin/tsc", "--noEmit")
    return wrong


def write() -> None:
    """Write document, types and the reports' schema anew."""
    REPORT_SCHEMA.write_text(report_schema(), encoding="utf-8")
    node.install()
    DOCUMENT.write_text(document(), encoding="utf-8")
    generate(DOCUMENT, TYPES)


def main() -> int:
    """Make document and types, or with `--check` say what is not current."""
    try:
        if sys.argv[1:] != ["--check"]:
            write()
            return 0
        wrong = check()
    except VivaError as error:
        wrong = [error.message]
    for line in wrong:
        print(f"client: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
