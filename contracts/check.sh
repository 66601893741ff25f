#!/usr/bin/env bash
# Holds the files of this folder against each other: contracts/check.sh [PACKAGE...]
# Without arguments: the packages are what their script makes, the good ones are valid against the schemas, and no CSV
# names an agency twice. With arguments: validates the given packages, choosing the schema by their content.
# Needs python3 and xmllint (Debian: libxml2-utils).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v xmllint >/dev/null || { echo "xmllint is missing; install libxml2-utils" >&2; exit 2; }

validate() {
    local schema=document
    grep -q 'StatusCode>' "$1" && schema=status
    # No network, no entity expansion beyond the schema; --huge because attachments are single text nodes.
    xmllint --nonet --huge --noout --schema "$here/edxml/edxml-$schema.xsd" "$1"
}

failed=0
if [ $# -gt 0 ]; then
    for file in "$@"; do validate "$file" || failed=1; done
    exit $failed
fi

python3 "$here/packages/make.py" --check || failed=1
for file in "$here"/packages/*.edxml; do
    validate "$file" >/dev/null 2>&1 || { echo "not valid: $file" >&2; failed=1; }
done
python3 - "$here/demo-province" <<'PYTHON' || failed=1
import csv, pathlib, sys

folder = pathlib.Path(sys.argv[1])
read = lambda name: list(csv.DictReader(open(folder / name, encoding="utf-8", newline="")))
agencies, systems, served = read("agencies.csv"), read("office-systems.csv"), read("office-system-agencies.csv")
problems, seen = [], set()
for row in agencies:
    if row["parent"] and row["parent"] not in seen:
        problems.append(f"{row['code']}: parent {row['parent']} is missing or comes later")
    for code in filter(None, (row["code"], row["oldCode"])):
        if code in seen:
            problems.append(f"{code}: twice")
        seen.add(code)
codes, ids = {row["code"] for row in agencies}, {row["id"] for row in systems}
for row in served:
    if row["agency"] not in codes or row["officeSystem"] not in ids:
        problems.append(f"{row}: unknown")
if len({row["agency"] for row in served}) != len(served):
    problems.append("an agency is served by two office systems")
for row in agencies:
    if row["reach"] == "province" and not any(s["agency"] == row["code"] for s in served):
        problems.append(f"{row['code']}: served by nobody")
print("\n".join(problems), end="\n" if problems else "")
sys.exit(1 if problems else 0)
PYTHON
[ $failed = 0 ] && echo "contracts: consistent"
exit $failed
