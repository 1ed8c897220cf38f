package plugin

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

func consentOf(name, section string) v1alpha1.DataUseConsent {
	return v1alpha1.DataUseConsent{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "2"},
		Spec: v1alpha1.DataUseConsentSpec{Use: v1alpha1.DataUse{SectionRef: *ref(section)}}}
}

// The name of an application stands for those consents that are the reader's to give.
func TestTheirs(t *testing.T) {
	o := organisation(v1alpha1.ModeHold)
	o.Sections["digital"] = &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: "digital"},
		Spec: v1alpha1.ManagingSectionSpec{DisplayName: "デジタル推進課", Head: holder("デジタル推進課長", "digital-kacho")}}
	list := []v1alpha1.DataUseConsent{consentOf("a", "tax"), consentOf("b", "digital"), consentOf("c", "tax"), consentOf("d", "gone")}
	for who, want := range map[string][]string{
		"kacho": {"a", "c"}, "digital-kacho": {"b"}, "cio": {"a", "b", "c", "d"},
	} {
		if diff := cmp.Diff(want, theirs(list, regulation.Identity{Username: who}, o)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
}

func TestSameConsent(t *testing.T) {
	first := consentOf("a", "tax")
	for name, c := range map[string]struct {
		change func(*v1alpha1.DataUseConsent)
		want   bool
	}{
		"a condition": {func(c *v1alpha1.DataUseConsent) { c.Status.Conditions = []metav1.Condition{{Type: "Decided"}} }, true},
		"a decision":  {func(c *v1alpha1.DataUseConsent) { c.Status.Decision = v1alpha1.DecisionDenied }, false},
		"made anew":   {func(c *v1alpha1.DataUseConsent) { c.UID = "3" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			again := *first.DeepCopy()
			c.change(&again)
			if got := sameConsent(&first, &again); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
