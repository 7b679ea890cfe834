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
needed=6 # GB: what is installed, and a margin
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024 / 1024) }')
((free >= needed)) || {
  echo "model/setup.sh: model/.venv needs $needed GB, $free are free on the disk of $PWD; make room and run it again" >&2
  exit 1
}
python3 -m venv --clear .venv
.venv/bin/python -m pip install --quiet uv==0.13.9
# The cache lies beside what is linked from it, and goes at once: nothing is stored twice, and nothing stays after a kill.
export UV_CACHE_DIR=$PWD/.venv/cache UV_SYSTEM_CERTS=1 VIRTUAL_ENV=$PWD/.venv
if [[ -n ${PIP_INDEX_URL:-} ]]; then export UV_DEFAULT_INDEX=$PIP_INDEX_URL; fi
.venv/bin/uv pip install --quiet --requirements requirements.txt
.venv/bin/uv pip install --quiet --no-deps --editable .
rm -rf .venv/cache
echo "$wanted" >"$stamp"
echo "model/.venv is ready"
