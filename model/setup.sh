#!/usr/bin/env bash
# Makes model/.venv for training and exporting; does nothing when it is up to date. Users of labelcast never need it.
# PYTHON names another Python than python3. requirements.txt is made of requirements.in by the command at its top.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
  echo "model/setup.sh: $*" >&2
  exit 1
}

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$python is not Python 3.11 or newer: install one, and name it: PYTHON=python3.12 model/setup.sh"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  fail "$python has no venv: install it (Debian, Ubuntu: apt install python3-venv) and run this again"
wanted=$(cat requirements.txt pyproject.toml |
  "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read() + sys.version.encode()).hexdigest())')
stamp=.venv/requirements.sha256
if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
  echo "model/.venv is up to date"
  exit 0
fi
needed=6 # GB: what is installed, and a margin
kilobytes=$(df -Pk . | awk 'NR == 2 { print $4 }')
if [[ -d .venv ]]; then kilobytes=$((kilobytes + $(du -sk .venv | cut -f1))); fi # it goes first
free=$((kilobytes / 1024 / 1024))
((free >= needed)) ||
  fail "model/.venv needs $needed GB, $free are free on the disk of $PWD; make room and run it again"
"$python" -m venv --clear .venv
.venv/bin/python -m pip install --quiet uv==0.13.9
# The cache lies beside what is linked from it, and goes at once: nothing is stored twice, and nothing stays after a kill.
export UV_CACHE_DIR=$PWD/.venv/cache UV_SYSTEM_CERTS=1 VIRTUAL_ENV=$PWD/.venv
# uv does not read where pip is told to install from
index=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
if [[ -n $index ]]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}; fi
.venv/bin/uv pip install --quiet --requirements requirements.txt
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
rm -rf .venv/cache
echo "$wanted" >"$stamp"
echo "model/.venv is ready"
