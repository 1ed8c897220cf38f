#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME, one after another, those whose name matches FUZZ. What is found is kept beside the test,
# in testdata/fuzz: mend it, and give the file a name that says what it is.
set -euo pipefail

cd "$(dirname "$0")/.."
fuzztime=${FUZZTIME:-30s}
targets=()
for folder in $(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n 1 dirname | sort -u); do
	for name in $(go test -list "^Fuzz.*${FUZZ:-}" "$folder" | grep '^Fuzz' || true); do
		targets+=("$folder $name")
	done
done
if [[ ${#targets[@]} -eq 0 ]]; then
	echo "no fuzz target matches FUZZ=${FUZZ:-}" >&2
	exit 1
fi

failed=()
for i in "${!targets[@]}"; do
	read -r folder name <<<"${targets[$i]}"
	echo "$((i + 1))/${#targets[@]} $folder $name, for $fuzztime"
	# Without a bound, making one interesting input smaller can take all of the time.
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzztime" -fuzzminimizetime 1s "$folder" || failed+=("${targets[$i]}")
done
if [[ ${#failed[@]} -gt 0 ]]; then
	printf 'failed: %s\n' "${failed[@]}" >&2
	exit 1
fi
echo "all ${#targets[@]} targets hold"
