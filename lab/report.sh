#!/bin/bash
# report.sh: the results of the last runs on one page.
. "$(dirname "$0")/lib.sh"

mkdir -p "$top/out"
python3 "$top/lab/report.py" "$top" "$top/out/report.html"
say "out/report.html"
