package regulation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
)

// FuzzHolds compares who holds an office with a reading of the identity's own parts: the user's name whole, a group whole, a
// service account taken apart as the API server puts it together.
func FuzzHolds(f *testing.F) {
	f.Fuzz(func(t *testing.T, username, groups, kind, namespace, name string) {
		identity := Identity{Username: username, Groups: strings.Split(groups, ",")}
		subject := v1alpha1.Subject{Kind: v1alpha1.SubjectKind(kind), Namespace: namespace, Name: name}
		want := false
		switch kind {
		case "User":
			want = name == username
		case "Group":
			want = slices.Index(identity.Groups, name) >= 0
		case "ServiceAccount": // neither part of an account's name has a colon
			parts := strings.Split(username, ":")
			want = len(parts) == 4 && parts[0] == "system" && parts[1] == "serviceaccount" && parts[2] == namespace && parts[3] == name &&
				namespace != ""
		}
		want = want && name != "" // nobody is nobody's name
		office := Office{Subjects: []v1alpha1.Subject{subject}}
		if got := identity.Holds(office); got != want {
			t.Fatalf("%+v holds the office of %+v: %v", identity, subject, got)
		}
		if identity.Holds(Office{}) {
			t.Fatal("somebody holds the office of nobody")
		}
	})
}

// FuzzAbolishedAt sees, for any day and time zone, that the day of abolition begins where the calendar on the wall there turns
// to it: at that moment it is that day, and a moment before it is an earlier one. Not every day begins at midnight.
func FuzzAbolishedAt(f *testing.F) {
	f.Fuzz(func(t *testing.T, zone, on string) {
		o := Organisation{Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{TimeZone: zone}}}
		date := v1alpha1.Date(on)
		lifetime := &v1alpha1.Lifetime{AbolishedOn: &date}
		abolished := func() bool { return o.State(lifetime) == SectionAbolished }
		at := o.AbolishedAt(lifetime)
		o.Now = at
		if !abolished() {
			t.Fatal("the section stands at the moment of its abolition")
		}
		if o.Now = at.Add(-1); abolished() {
			t.Fatal("the section is abolished before its day")
		}
		day, err := time.Parse(time.DateOnly, on)
		if err != nil || day.Year() < 1 {
			if o.Now = time.Unix(0, 0); !abolished() {
				t.Fatalf("%q is no day, and the section stands", on)
			}
			return
		}
		onTheWall := func(at time.Time) string { return at.In(o.Location()).Format(time.DateOnly) }
		if first, before := onTheWall(at), onTheWall(at.Add(-1)); first < on || before >= on {
			t.Fatalf("in %s %s begins at %s, when it is %s, and before that %s", o.Location(), on, at, first, before)
		}
	})
}
