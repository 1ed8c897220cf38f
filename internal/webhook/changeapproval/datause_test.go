package changeapproval

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// Who is asked for their data is asked through any reorganisation: a section that is followed by another, nobody where none
// stands, and not the section that manages the system, whatever it was called when the data was its predecessor's.
func TestWhoIsAskedForData(t *testing.T) {
	ends := func(section string, on v1alpha1.Date, successor string) func(regulation.Organisation) {
		return func(o regulation.Organisation) {
			o.Sections[section].Spec.AbolishedOn = &on
			if successor != "" {
				o.Sections[section].Spec.SuccessorRef = &v1alpha1.NameReference{Name: successor}
			}
		}
	}
	late := func(o regulation.Organisation) {
		day := v1alpha1.Date("2026-06-02")
		o.Sections["care"].Spec.EstablishedOn = &day
	}
	for name, test := range map[string]struct {
		section string
		change  func(regulation.Organisation)
		want    message.ID
	}{
		"another section":                       {"care", nil, ""},
		"its own":                               {"tax", nil, message.DataIsOwn},
		"nobody":                                {"nowhere", nil, message.DataSectionUnknown},
		"abolished":                             {"care", ends("care", "2026-06-01", ""), message.DataSectionGone},
		"abolished tomorrow":                    {"care", ends("care", "2026-06-02", ""), ""},
		"not there yet":                         {"care", late, message.DataSectionGone},
		"followed by another":                   {"care", ends("care", "2026-06-01", "digital"), ""},
		"followed by its own":                   {"care", ends("care", "2026-06-01", "tax"), message.DataIsOwn},
		"its own, which was followed by others": {"tax", ends("tax", "2026-06-01", "care"), message.DataIsOwn},
		"of the one that follows its own":       {"care", ends("tax", "2026-06-01", "care"), message.DataIsOwn},
	} {
		o := organisation("cio-old")
		if test.change != nil {
			test.change(o)
		}
		data := use()
		data.SectionRef.Name = test.section
		refused := dataOfOthers(write{organisation: o, system: systems()["levy"]}, &v1alpha1.ChangeApproval{
			ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: v1alpha1.ChangeApprovalSpec{DataUse: []v1alpha1.DataUse{data}}})
		if refused == nil {
			refused = &refusal{}
		}
		if refused.ID != test.want {
			t.Errorf("%s: refused as %q, want %q", name, refused.ID, test.want)
		}
	}
}
