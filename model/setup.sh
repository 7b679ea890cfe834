#!/usr/bin/env bash
# Makes model/.venv for training and exporting; does nothing when it is up to date. Users of labelcast never need it.
set -euo pipefail
cd "$(dirname "$0")"

wanted=$(cat requirements.txt pyproject.toml | sha256sum)
stamp=.venv/requirements.sha256
if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
  echo "model/.venv is up to date"
  exit 0
fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "model/setup.sh: Python 3.11 or newer is needed" >&2
  exit 1
}
python3 -m venv .venv
.venv/bin/python -m pip install --quiet -r requirements.txt
.venv/bin/python -m pip install --quiet --no-deps --editable .
echo "$wanted" >"$stamp"
echo "model/.venv is ready"
