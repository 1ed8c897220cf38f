#!/usr/bin/env bash
# Proves that what is generated is current: generates it all again on a copy of the tree and compares. The copy holds
# untracked files too, so that a file which somebody forgot to add, or to delete, is found before a commit as well as after.
# The tree itself is not touched.
set -euo pipefail

cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

tar --create --exclude=./.git --exclude=./bin . | tar --extract --directory "$copy"

# What a generator no longer writes must not survive in the copy.
rm -f "$copy"/config/crd/bases/*.yaml "$copy"/config/rbac/role.yaml
find "$copy" -name 'zz_generated.*.go' -delete

if ! make --no-print-directory --directory "$copy" generate >"$copy.log" 2>&1; then
	cat "$copy.log" >&2
	rm -f "$copy.log"
	echo "the generators failed (see above)" >&2
	exit 1
fi
rm -f "$copy.log"

if ! diff --recursive --unified --new-file --exclude=.git --exclude=bin . "$copy"; then
	echo "generated files are not current (see above): run \"make generate\" and commit what changes" >&2
	exit 1
fi
