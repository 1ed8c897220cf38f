#!/usr/bin/env bash
# Proves that each module's go.mod and go.sum say what its sources need, and no more. Changes nothing.
set -euo pipefail

cd "$(dirname "$0")/../.."
failed=0
while IFS= read -r mod; do
	dir=$(dirname "$mod")
	echo "  $dir"
	# -mod would be an error in "go mod"; whatever GOFLAGS holds is for builds.
	if ! (cd "$dir" && GOFLAGS= GOWORK=off go mod tidy -diff); then
		echo "the module in $dir is not tidy (see above): run \"go mod tidy\" there" >&2
		failed=1
	fi
done < <(find . -name go.mod -not -path './bin/*' -not -path '*/testdata/*' | sort)
exit "$failed"
