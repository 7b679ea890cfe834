#!/usr/bin/env bash
# Format, lint, types and tests of the Python part.
set -euo pipefail
cd "$(dirname "$0")"

.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/mypy
.venv/bin/python -m pytest tests -q
