package clearance

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

func withMode(mode v1alpha1.EnforcementMode, overrides ...v1alpha1.EnforcementOverride) func(*regulation.Organisation) {
	return func(o *regulation.Organisation) {
		o.Regulation.Spec.Enforcement = v1alpha1.Enforcement{Mode: mode, Overrides: overrides}
	}
}

// The clearance of a namespace for each standing of its system in each mode.
func TestNamespace(t *testing.T) {
	type clearances [4]v1alpha1.Clearance // in Hold, Deny, Warn, Audit
	const (
		cleared, some, held, denied, observed = v1alpha1.ClearanceCleared, v1alpha1.ClearanceImages, v1alpha1.ClearanceHeld,
			v1alpha1.ClearanceDenied, v1alpha1.ClearanceObserved
	)
	for name, test := range map[string]struct {
		unclaimed    bool
		section      string
		applications []v1alpha1.ChangeApproval
		reason       v1alpha1.ClearanceReason
		want         clearances
	}{
		"approved for any image": {false, "tax", []v1alpha1.ChangeApproval{application("a", approved)}, v1alpha1.ReasonApproved,
			clearances{cleared, cleared, observed, observed}},
		"approved for images": {false, "tax", []v1alpha1.ChangeApproval{application("a", approved, images(webOne))},
			v1alpha1.ReasonApproved,
			clearances{some, some, observed, observed}},
		"not approved": {false, "tax", nil, v1alpha1.ReasonNotApproved, clearances{held, denied, observed, observed}},
		"revoked": {false, "tax", []v1alpha1.ChangeApproval{application("a", decided(v1alpha1.DecisionRevoked, -1))},
			v1alpha1.ReasonRevoked,
			clearances{held, denied, observed, observed}},
		"too many images": {false, "tax", []v1alpha1.ChangeApproval{application("a", approved, tooMany)}, v1alpha1.ReasonTooManyImages,
			clearances{held, denied, observed, observed}},
		"no section": {false, "gone", []v1alpha1.ChangeApproval{application("a", approved)}, v1alpha1.ReasonNoManagingSection,
			clearances{held, denied, observed, observed}},
		"unregistered": {true, "tax", []v1alpha1.ChangeApproval{application("a", approved)}, v1alpha1.ReasonUnregisteredNamespace,
			clearances{denied, denied, observed, observed}},
	} {
		for i, mode := range []v1alpha1.EnforcementMode{v1alpha1.ModeHold, v1alpha1.ModeDeny, v1alpha1.ModeWarn, v1alpha1.ModeAudit} {
			t.Run(name+", "+string(mode), func(t *testing.T) {
				system := levy()
				system.Spec.ManagingSectionRef.Name = test.section
				in := Input{Organisation: ward(withMode(mode)), Namespace: "levy", Cases: cases(test.applications...)}
				if !test.unclaimed {
					in.Claims = []v1alpha1.ElectronicSystem{*system}
				}
				got := Namespace(in)
				if got.Clearance != test.want[i] || got.Reason != test.reason || got.Mode != mode || got.Namespace != "levy" {
					t.Errorf("got %s (%s, %s), want %s (%s)", got.Clearance, got.Reason, got.Mode, test.want[i], test.reason)
				}
				in.Organisation.Regulation = nil
				got = Namespace(in)
				if wanted := observed; got.Reason != v1alpha1.ReasonNoRegulation || got.Clearance != wanted || got.Mode != "" {
					t.Errorf("without a Regulation: got %s (%s)", got.Clearance, got.Reason)
				}
			})
		}
	}
}

func TestHolder(t *testing.T) {
	claim := func(name string, born int) v1alpha1.ElectronicSystem {
		return v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: *day(born)}}
	}
	for name, test := range map[string]struct {
		current string
		claims  []v1alpha1.ElectronicSystem
		want    string
	}{
		"nobody claims it":                   {"levy", nil, ""},
		"one claims it":                      {"", []v1alpha1.ElectronicSystem{claim("a", 1)}, "a"},
		"one claims what another had":        {"gone", []v1alpha1.ElectronicSystem{claim("a", 1)}, "a"},
		"the older of two":                   {"", []v1alpha1.ElectronicSystem{claim("a", 2), claim("b", 1)}, "b"},
		"of the same age, by name":           {"", []v1alpha1.ElectronicSystem{claim("b", 1), claim("a", 1)}, "a"},
		"who has it keeps it":                {"b", []v1alpha1.ElectronicSystem{claim("a", 1), claim("b", 2), claim("c", 3)}, "b"},
		"who had it and claims it no longer": {"c", []v1alpha1.ElectronicSystem{claim("b", 2), claim("a", 3)}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				got := ""
				if holder := Holder(test.current, test.claims); holder != nil {
					got = holder.Name
				}
				if got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				slices.Reverse(test.claims)
			}
		})
	}
}

func TestMode(t *testing.T) {
	override := func(mode v1alpha1.EnforcementMode, selector metav1.LabelSelector) v1alpha1.EnforcementOverride {
		return v1alpha1.EnforcementOverride{NamespaceSelector: selector, Mode: mode}
	}
	labelled := func(key, value string) metav1.LabelSelector {
		return metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
	invalid := metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "env", Operator: "Like"}}}
	test := override(v1alpha1.ModeWarn, labelled("env", "test"))
	trial := override(v1alpha1.ModeAudit, labelled("trial", "true"))
	for name, row := range map[string]struct {
		mode      v1alpha1.EnforcementMode
		overrides []v1alpha1.EnforcementOverride
		labels    map[string]string
		want      v1alpha1.EnforcementMode
	}{
		"the regulation's": {v1alpha1.ModeDeny, []v1alpha1.EnforcementOverride{test}, map[string]string{"env": "prod"},
			v1alpha1.ModeDeny},
		"none set holds": {"", nil, nil, v1alpha1.ModeHold},
		"an override": {v1alpha1.ModeDeny, []v1alpha1.EnforcementOverride{test}, map[string]string{"env": "test"},
			v1alpha1.ModeWarn},
		"the first that matches": {"", []v1alpha1.EnforcementOverride{trial, test},
			map[string]string{"env": "test", "trial": "true"}, v1alpha1.ModeAudit},
		"the second, if the first not": {"", []v1alpha1.EnforcementOverride{trial, test}, map[string]string{"env": "test"},
			v1alpha1.ModeWarn},
		"an invalid one selects none": {v1alpha1.ModeDeny, []v1alpha1.EnforcementOverride{override(v1alpha1.ModeAudit, invalid)},
			map[string]string{"env": "test"}, v1alpha1.ModeDeny},
		"an invalid one hides no other": {"", []v1alpha1.EnforcementOverride{override(v1alpha1.ModeAudit, invalid), test},
			map[string]string{"env": "test"}, v1alpha1.ModeWarn},
		"an empty one selects all": {"", []v1alpha1.EnforcementOverride{override(v1alpha1.ModeAudit, metav1.LabelSelector{})}, nil,
			v1alpha1.ModeAudit},
	} {
		t.Run(name, func(t *testing.T) {
			o := ward(withMode(row.mode, row.overrides...))
			if got := Mode(o.Regulation, row.labels); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	if got := Mode(nil, nil); got != "" {
		t.Errorf("without a Regulation the mode is %q", got)
	}
}

func TestGoverned(t *testing.T) {
	exempt := map[string]string{v1alpha1.LabelExempt: "true"}
	for _, test := range []struct {
		namespace string
		labels    map[string]string
		want      bool
	}{
		{"levy", nil, true}, {"levy", exempt, false}, {"levy", map[string]string{v1alpha1.LabelExempt: "yes"}, true},
		{"kube-system", nil, false}, {"kube-public", nil, false}, {"kube-node-lease", nil, false}, {"kitei-system", nil, false},
		{"default", nil, true}, {"kube-system-2", nil, true},
	} {
		if got := Governed(test.namespace, test.labels); got != test.want {
			t.Errorf("Governed(%s, %v) = %t", test.namespace, test.labels, got)
		}
	}
}

// What is written on the Namespace lets exactly the images that the verdict lets: the API server, which reads the one, gives
// the answer of the plugin and the controllers, which ask the other.
func TestMarksLetWhatTheVerdictLets(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	patterns := []v1alpha1.ImagePattern{"registry.example/levy/web", "registry.example/levy/web:1", "registry.example/levy/web:1.*",
		"registry.example/levy/*", "registry.example/levy/**", "registry.example/levy/web@" + digest, "localhost:5000/levy",
		"registry.example/levy/web:1@" + digest, "registry.example/levy.web", "registry.example/**"}
	references := []string{"registry.example/levy/web", "registry.example/levy/web:1", "registry.example/levy/web:1.2", "web", "",
		"registry.example/levy/web-evil:1", "registry.example/levy/db/main:2", "registry.example/levyxweb", "localhost:5000/levy:3",
		"registry.example/levy/web@" + digest, "registry.example/levy/web:1@" + digest, "registry.example/levy/web:9@" + digest,
		"registry.example/levy/web:1\n", "evil.example/registry.example/levy/web"}
	answers := map[bool]int{}
	seen := map[v1alpha1.Clearance]int{}
	property := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		modes := []v1alpha1.EnforcementMode{"Hold", "Hold", "Hold", "Deny", "Warn", "Audit", ""}
		in := Input{Organisation: ward(withMode(modes[random.Intn(len(modes))])), Namespace: "levy",
			Labels: map[string]string{v1alpha1.LabelSystem: "levy"}}
		switch random.Intn(12) {
		case 0:
			in.Organisation.Regulation = nil
		case 1:
			delete(in.Organisation.Sections, "tax")
		}
		if random.Intn(10) > 0 {
			in.Claims = []v1alpha1.ElectronicSystem{*levy()}
		}
		for i := range random.Intn(5) {
			a := application(fmt.Sprintf("a%d", i), images(patterns[random.Intn(len(patterns))], patterns[random.Intn(len(patterns))]))
			if random.Intn(8) == 0 {
				a.Spec.Scope.Images = nil
			}
			if random.Intn(3) == 0 {
				a.Spec.Type = v1alpha1.ChangeModification
			}
			decided([]v1alpha1.Decision{"Approved", "Approved", "Approved", "Denied", "Revoked"}[random.Intn(5)], -i)(&a)
			if random.Intn(4) == 0 {
				to(random.Intn(4) - 2)(&a)
			}
			in.Cases = append(in.Cases, procedure.Case{Application: &a})
		}
		verdict := Namespace(in)
		labels, annotations := verdict.Marks(in.Organisation)
		recorded := Record(labels, annotations)
		seen[verdict.Clearance]++
		questions := [][]string{nil, references, {references[random.Intn(len(references))], references[random.Intn(len(references))]}}
		for _, reference := range references {
			questions = append(questions, []string{reference})
		}
		for _, asked := range questions {
			wantUncovered, want := verdict.Lets(asked)
			gotUncovered, got := recorded.Lets(asked)
			answers[want]++
			if got != want || !slices.Equal(gotUncovered, wantUncovered) {
				t.Errorf("seed %d, %s: %q: recorded %t %q, verdict %t %q", seed, verdict.Clearance, asked, got, gotUncovered, want,
					wantUncovered)
			}
		}
		return recordedAsDecided(t, recorded, verdict) && !t.Failed()
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 400}); err != nil {
		t.Error(err)
	}
	for _, clearance := range []v1alpha1.Clearance{"cleared", "images", "held", "denied", "observed"} {
		if seen[clearance] == 0 {
			t.Errorf("no verdict %s was tried", clearance)
		}
	}
	if answers[true] == 0 || answers[false] == 0 {
		t.Errorf("only one answer was tried: %v", answers)
	}
}

func recordedAsDecided(t *testing.T, recorded Recorded, verdict Verdict) bool {
	t.Helper()
	system := ""
	if verdict.System.System != nil {
		system = verdict.System.System.Name
	}
	same := recorded.Clearance == verdict.Clearance && recorded.Reason == verdict.Reason && recorded.Mode == verdict.Mode &&
		recorded.System == system && slices.Equal(recorded.Approvals, verdict.System.ApprovalNames())
	if !same {
		t.Errorf("recorded %+v of %+v", recorded, verdict)
	}
	return same
}

func TestMarks(t *testing.T) {
	verdict := Namespace(Input{Organisation: ward(), Namespace: "levy", Claims: []v1alpha1.ElectronicSystem{*levy()},
		Cases: cases(application("a", approved, images(webTwo, webOne), to(3)))})
	labels, annotations := verdict.Marks(ward())
	if diff := cmp.Diff(map[string]string{"governance.kitei.dev/clearance": "images", "governance.kitei.dev/system": "levy"},
		labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	for key, want := range map[string]string{
		"governance.kitei.dev/reason": "Approved", "governance.kitei.dev/mode": "Hold", "governance.kitei.dev/approvals": "a",
		"governance.kitei.dev/images": string(webOne + "," + webTwo), "governance.kitei.dev/until": "2026-06-04T12:00:00Z",
	} {
		if got := annotations[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}

	// Without a system nothing of an earlier one remains.
	labels, annotations = Namespace(Input{Organisation: ward(), Namespace: "levy"}).Marks(ward())
	for _, key := range []string{v1alpha1.LabelSystem, v1alpha1.AnnotationApprovals, v1alpha1.AnnotationImages,
		v1alpha1.AnnotationImagesMatch, v1alpha1.AnnotationUntil} {
		if labels[key]+annotations[key] != "" {
			t.Errorf("an unregistered namespace carries %s: %s", key, labels[key]+annotations[key])
		}
	}
}

// What somebody may have put on a namespace lets nothing run.
func TestBrokenRecordsLetNothing(t *testing.T) {
	for name, marks := range map[string][2]string{
		"never seen": {"", ""}, "a word that is none": {"approved", ".*"}, "images without an expression": {"images", ""},
		"images with a broken expression": {"images", "("}, "held": {"held", ".*"}, "denied": {"denied", ".*"},
	} {
		recorded := Record(map[string]string{v1alpha1.LabelClearance: marks[0]},
			map[string]string{v1alpha1.AnnotationImagesMatch: marks[1]})
		if _, may := recorded.Lets([]string{"registry.example/levy/web"}); may {
			t.Errorf("%s: lets an image run", name)
		}
	}
}

func TestMarksAmongKeys(t *testing.T) {
	keys := map[string]string{v1alpha1.LabelClearance: "held", v1alpha1.LabelExempt: "true", "app": "web", "governance.kitei.dev": "x",
		v1alpha1.Prefix + "later": "y", "xgovernance.kitei.dev/clearance": "z"}
	want := map[string]string{v1alpha1.LabelClearance: "held", v1alpha1.Prefix + "later": "y"}
	if diff := cmp.Diff(want, Marks(keys)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSame(t *testing.T) {
	record := func(options ...option) Recorded {
		verdict := Namespace(Input{Organisation: ward(), Namespace: "levy", Claims: []v1alpha1.ElectronicSystem{*levy()},
			Cases: cases(application("a", options...))})
		return Record(verdict.Marks(ward()))
	}
	base := record(approved, images(webOne))
	if !base.Same(record(approved, images(webOne))) {
		t.Error("a clearance differs from itself")
	}
	for name, other := range map[string]Recorded{
		"other images": record(approved, images(webTwo)), "any image": record(approved),
		"revoked": record(decided(v1alpha1.DecisionRevoked, -1)),
		"expired": record(approved, images(webOne), to(-1)),
	} {
		if base.Same(other) {
			t.Errorf("%s: a change is not seen", name)
		}
	}
}
