#!/bin/sh
# Puts the pieces beside this file together and unpacks them: sh join.sh [FOLDER]. Every piece is checked first.
set -eu
target=${1:-.}
case $target in /*) ;; *) target=$PWD/$target ;; esac
cd "$(dirname "$0")"
fail() {
  echo "join.sh: $*" >&2
  exit 1
}
[ -f pieces.sha256 ] || fail "pieces.sha256 is missing: carry it along with the pieces"
if command -v sha256sum >/dev/null; then check=sha256sum; else check="shasum -a 256"; fi
missing=
damaged=
while read -r sum name; do
  if [ ! -f "$name" ]; then missing="$missing $name"
  elif [ "$($check <"$name" | cut -d ' ' -f 1)" != "$sum" ]; then damaged="$damaged $name"
  fi
done <pieces.sha256
[ -z "$missing" ] || fail "missing:$missing"
[ -z "$damaged" ] || fail "damaged, carry again:$damaged"
mkdir -p "$target"
while read -r sum name; do cat "$name"; done <pieces.sha256 | tar -xzf - -C "$target"
echo "unpacked into $target"
