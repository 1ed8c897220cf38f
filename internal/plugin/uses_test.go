package plugin

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

func TestUses(t *testing.T) {
	use := func(change ...func(*v1alpha1.DataUse)) v1alpha1.DataUse {
		u := v1alpha1.DataUse{Name: "a", SectionRef: *ref("nhi"), Data: "国保料、a=b:c"}
		for _, f := range change {
			f(&u)
		}
		return u
	}
	of := []string{"a=nhi:国保料、a=b:c"}
	cases := map[string]struct {
		uses uses
		want []v1alpha1.DataUse
		says string
	}{
		"none": {uses{}, []v1alpha1.DataUse{}, ""},
		"one":  {uses{of: of}, []v1alpha1.DataUse{use()}, ""},
		"two": {uses{of: append(of, "b=tax:x")},
			[]v1alpha1.DataUse{use(), {Name: "b", SectionRef: *ref("tax"), Data: "x"}}, ""},
		"personal information": {uses{of: of, categories: []string{"a=PersonalInformation,IndividualNumber"}, procedures: []string{"a=答申=12号"}},
			[]v1alpha1.DataUse{use(func(u *v1alpha1.DataUse) {
				u.DataCategories, u.OrdinanceProcedure = []v1alpha1.DataCategory{"PersonalInformation", "IndividualNumber"}, "答申=12号"
			})}, ""},
		"items": {uses{of: of, items: []string{"a=1,8"}},
			[]v1alpha1.DataUse{use(func(u *v1alpha1.DataUse) { u.ResidentRegisterItems = []int32{1, 8} })}, ""},
		"no section":     {uses{of: []string{"a=nhi"}}, nil, "NAME=SECTION:DATA"},
		"no such use":    {uses{of: of, procedures: []string{"b=x"}}, nil, "--data-use b=SECTION:DATA"},
		"no name":        {uses{of: of, categories: []string{"PersonalInformation"}}, nil, "--data-use-categories"},
		"no item":        {uses{of: of, items: []string{"a=one"}}, nil, "NAME=1,2"},
		"items too many": {uses{of: of, items: []string{"a=99999999999"}}, nil, "NAME=1,2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := c.uses.parse(english)
			if (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, wanted %q", err, c.says)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("uses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDraftFlags(t *testing.T) {
	o := organisation(v1alpha1.ModeHold)
	cases := map[string]struct {
		draft draft
		want  v1alpha1.ChangeApprovalSpec
		says  string
	}{
		"class": {draft{class: "3B/2/1"}, v1alpha1.ChangeApprovalSpec{Scope: v1alpha1.ApprovalScope{
			Classification: &v1alpha1.Classification{Confidentiality: "3B", Integrity: "2", Availability: "1"}}}, ""},
		"categories": {draft{categories: []string{"IndividualNumber"}}, v1alpha1.ChangeApprovalSpec{Scope: v1alpha1.ApprovalScope{
			DataCategories: []v1alpha1.DataCategory{"IndividualNumber"}}}, ""},
		"answers": {draft{answers: "r8-tax"}, v1alpha1.ChangeApprovalSpec{AnswersRef: ref("r8-tax")}, ""},
		"days, in the regulation's time zone": {draft{notBefore: "2027-04-01", notAfter: "2028-04-01"},
			v1alpha1.ChangeApprovalSpec{Scope: v1alpha1.ApprovalScope{NotBefore: jst("2027-04-01"), NotAfter: jst("2028-04-01")}}, ""},
		"half a class":  {draft{class: "3B/2"}, v1alpha1.ChangeApprovalSpec{}, "3B/2/2"},
		"no such day":   {draft{notBefore: "2027-02-30"}, v1alpha1.ChangeApprovalSpec{}, "--not-before"},
		"no day at all": {draft{notAfter: "never"}, v1alpha1.ChangeApprovalSpec{}, "--not-after"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.draft.parse(o, english)
			if (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, wanted %q", err, c.says)
			}
			c.want.DataUse = c.draft.spec.DataUse
			if diff := cmp.Diff(c.want, c.draft.spec); err == nil && diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
		})
	}
}

// jst is the beginning of a day in Tokyo.
func jst(day string) *metav1.Time {
	at, err := time.Parse(time.RFC3339, day+"T00:00:00+09:00")
	if err != nil {
		panic(err)
	}
	return &metav1.Time{Time: at}
}
