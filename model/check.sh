#!/usr/bin/env bash
# Format, lint, types and tests of the Python part; makes or renews the environment first.
set -euo pipefail
cd "$(dirname "$0")"

./setup.sh
.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/mypy
.venv/bin/python -m pytest tests -q
