package e2e

import (
	"strings"
	"testing"
)

// The README's way: install, and the sample is held, approved, and runs.
func TestInstall(t *testing.T) {
	must(t, env.Import(t.Context(), "current"))
	do(t, "make install IMAGE="+current)
	applySample(t)
	// Through the Service: an unclassed workload is refused by the classification webhook, a person without the office by the
	// decision webhook.
	refused(t, "kubectl create deployment unclassed -n tax --image="+webImage, "governance.kitei.dev/confidentiality")
	refused(t, "kubectl kitei approve r8-tax -m no --as=nobody --as-group=system:masters --lang=en", "nobody")
	approve(t, "r8-tax")
	havePods(t, "tax", 0, 3)
}

// refused runs a command line that must be refused for a reason that names a word.
func refused(t *testing.T, line, word string) {
	t.Helper()
	output, err := sh(t, env.root, line)
	if err == nil {
		t.Errorf("not refused: %s: %s", line, output)
	} else if !strings.Contains(output, word) {
		t.Errorf("%s: the refusal does not say %q: %s", line, word, output)
	}
}
