#!/usr/bin/env bash
# Proves that every Go file of every module is formatted. Changes nothing.
set -euo pipefail

cd "$(dirname "$0")/../.."
unformatted=$("$(go env GOROOT)/bin/gofmt" -l -s .)
if [[ -n $unformatted ]]; then
	printf '%s\n' "$unformatted" "not formatted (see above): run \"make format\"" >&2
	exit 1
fi
