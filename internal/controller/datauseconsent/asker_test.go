package datauseconsent

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"kitei.dev/kitei/api/v1alpha1"
)

func spec(application, uid, use string) v1alpha1.DataUseConsentSpec {
	return v1alpha1.DataUseConsentSpec{ApplicationRef: v1alpha1.NameReference{Name: application}, ApplicationUID: uid,
		Use: v1alpha1.DataUse{Name: use}}
}

// A name is the same each time, is a name, and the last that is tried is no other use's.
func TestNames(t *testing.T) {
	long := strings.Repeat("a", 63)
	seen := map[string]v1alpha1.DataUseConsentSpec{}
	for _, s := range []v1alpha1.DataUseConsentSpec{
		spec("levy", "1", "addresses"), spec("levy", "2", "addresses"), spec("a", "1", "b-c"), spec("a-b", "2", "c"),
		spec(long, "1", "x"), spec(long, "1", "y"), spec(long, "2", "x"), spec(strings.Repeat("a", 54)+"-", "1", "-----------"),
		spec(strings.Repeat("b", 31), "3", strings.Repeat("c", 31)), spec(strings.Repeat("b", 31), "3", strings.Repeat("c", 32)),
	} {
		got := names(s)
		for _, name := range got {
			if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
				t.Errorf("%+v: %q is no name: %v", s, name, problems)
			}
		}
		last := got[len(got)-1]
		if other, taken := seen[last]; taken {
			t.Errorf("%q is the name of %+v and of %+v", last, s, other)
		}
		seen[last] = s
		if again := names(s); strings.Join(again, " ") != strings.Join(got, " ") {
			t.Errorf("named %v and then %v", got, again)
		}
	}
	if got := names(spec("levy", "1", "addresses"))[0]; got != "levy-addresses" {
		t.Errorf("the plain name is %q", got)
	}
	if got := names(spec(strings.Repeat("b", 31), "3", strings.Repeat("c", 31)))[0]; len(got) != 63 || strings.Count(got, "c") != 31 {
		t.Errorf("a name of 63 characters was cut: %q", got)
	}
}
