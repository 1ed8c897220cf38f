package clearance

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

// FuzzRecord reads whatever stands on a Namespace: Pods run only where the clearance is one that lets them, and with images
// only where the expression is one and matches every image.
func FuzzRecord(f *testing.F) {
	f.Fuzz(func(t *testing.T, cleared, match, approvals, references string) {
		recorded := Record(map[string]string{v1alpha1.LabelClearance: cleared},
			map[string]string{v1alpha1.AnnotationImagesMatch: match, v1alpha1.AnnotationApprovals: approvals})
		images := strings.Split(references, "|")
		uncovered, may := recorded.Lets(images)
		want := cleared == "cleared" || cleared == "observed"
		if expression, err := regexp.Compile(match); cleared == "images" && err == nil && match != "" {
			want = !slices.ContainsFunc(images, func(image string) bool { return !expression.MatchString(image) })
		}
		if may != want || may && len(uncovered) > 0 {
			t.Fatalf("clearance %q by %q lets %q run: %v", cleared, match, images, may)
		}
		for _, image := range uncovered {
			if !slices.Contains(images, image) {
				t.Fatalf("%q is none of %q", image, images)
			}
		}
		if strings.Join(recorded.Approvals, ",") != approvals || !recorded.Same(recorded) {
			t.Fatalf("%q reads as %q", approvals, recorded.Approvals)
		}
	})
}

// FuzzMarks writes a verdict on a Namespace and reads it off: the same Pods run by it, it says until when in a form that reads
// as that moment, and it is one line.
func FuzzMarks(f *testing.F) {
	f.Fuzz(func(t *testing.T, patterns, reference, title, name string, notAfter int64, which uint8) {
		if name == "" || strings.Contains(name, ",") {
			return // no name in the API
		}
		modes := []v1alpha1.EnforcementMode{"", v1alpha1.ModeHold, v1alpha1.ModeDeny, v1alpha1.ModeWarn, v1alpha1.ModeAudit}
		organisation := ward(withMode(modes[int(which)%len(modes)]))
		a := application("a", decided(v1alpha1.DecisionApproved, -1))
		a.Name, a.Spec.Title = name, title
		for _, pattern := range strings.Fields(patterns) {
			a.Spec.Scope.Images = append(a.Spec.Scope.Images, v1alpha1.ImagePattern(pattern))
		}
		if at := metav1.Unix(notAfter, 0); which > 100 && at.UTC().Year() > 1 && at.UTC().Year() < 10000 {
			a.Spec.Scope.NotAfter = &at
		}
		system := levy()
		system.Spec.DisplayName = title
		verdict := Namespace(Input{Organisation: organisation, Namespace: "levy", Claims: []v1alpha1.ElectronicSystem{*system},
			Cases: cases(a)})
		labels, annotations := verdict.Marks(organisation)
		recorded := Record(labels, annotations)
		_, want := verdict.Lets([]string{reference})
		if _, may := recorded.Lets([]string{reference}); may != want {
			t.Fatalf("%q runs by the verdict: %v, and by the marks %v: %v", reference, want, annotations, may)
		}
		if !recordedAsDecided(t, recorded, verdict) {
			t.Fatalf("%+v was recorded as %+v", verdict, recorded)
		}
		for key, value := range annotations {
			if strings.ContainsAny(value, "\r\n") && key == v1alpha1.AnnotationMessage {
				t.Fatalf("%s has a line break: %q", key, value)
			}
		}
		until, set := annotations[v1alpha1.AnnotationUntil]
		if set != !verdict.System.Until.IsZero() {
			t.Fatalf("until %s is written as %q", verdict.System.Until, until)
		}
		if at, err := time.Parse(time.RFC3339, until); set && (err != nil || !at.Equal(verdict.System.Until)) {
			t.Fatalf("until %s is written as %q: %v", verdict.System.Until, until, err)
		}
	})
}
