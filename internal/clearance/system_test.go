package clearance

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

const (
	webOne = v1alpha1.ImagePattern("registry.example/levy/web:1.*")
	webTwo = v1alpha1.ImagePattern("registry.example/levy/web:2.*")
)

// judged is a verdict in short.
type judged struct {
	Reason   v1alpha1.ClearanceReason
	Section  regulation.SectionState
	InEffect []string
	AnyImage bool
	Images   []v1alpha1.ImagePattern
	Decisive string
	State    ApprovalState
	Until    time.Time
	Next     time.Time
}

func inShort(v SystemVerdict) judged {
	short := judged{Reason: v.Reason, Section: v.Section, AnyImage: v.AnyImage, Images: v.Images.Sources(), State: v.State,
		Until: v.Until, Next: v.Next}
	for _, approval := range v.InEffect {
		short.InEffect = append(short.InEffect, approval.Name)
	}
	if v.Decisive != nil {
		short.Decisive = v.Decisive.Application.Name
	}
	return short
}

func abolished(on v1alpha1.Date) func(*regulation.Organisation) {
	return func(o *regulation.Organisation) { o.Sections["tax"].Spec.AbolishedOn = &on }
}

func elsewhere(a *v1alpha1.ChangeApproval) { a.Spec.SystemRef.Name = "payroll" }

func TestSystem(t *testing.T) {
	const modification, minor = v1alpha1.ChangeModification, v1alpha1.ChangeMinor
	type list = []v1alpha1.ChangeApproval
	for name, test := range map[string]struct {
		organisation regulation.Organisation
		section      string
		applications list
		want         judged
	}{
		"nobody applied": {ward(), "tax", nil, judged{Reason: v1alpha1.ReasonNotApproved}},
		"approved for any image": {ward(), "tax", list{application("a", approved)},
			judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a"}, AnyImage: true}},
		"a computerization will do": {ward(), "tax", list{application("a", ofType(v1alpha1.ChangeComputerization), approved)},
			judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a"}, AnyImage: true}},
		"a modification alone will not": {ward(), "tax", list{application("a", ofType(modification), approved)},
			judged{Reason: v1alpha1.ReasonNotApproved}},
		"a minor change alone will not": {ward(), "tax", list{application("a", ofType(minor), approved)},
			judged{Reason: v1alpha1.ReasonNotApproved}},
		"another system's approval will not": {ward(), "tax", list{application("a", elsewhere, approved)},
			judged{Reason: v1alpha1.ReasonNotApproved}},
		"approved for images": {ward(), "tax", list{application("a", approved, images(webOne))},
			judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a"}, Images: []v1alpha1.ImagePattern{webOne}}},
		"the union of the approvals, the newest first": {ward(), "tax", list{
			application("a", approved, images(webOne)),
			application("b", ofType(modification), decided(v1alpha1.DecisionApproved, -5), images(webTwo, webOne)),
			application("c", ofType(minor), decided(v1alpha1.DecisionApproved, -7), images(webOne)),
			application("d", ofType(modification), decided(v1alpha1.DecisionDenied, -1)),
			application("e", ofType(modification), decided(v1alpha1.DecisionRevoked, -1)),
			application("f", ofType(modification), elsewhere, approved),
		}, judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"b", "c", "a"}, Images: []v1alpha1.ImagePattern{webOne, webTwo}}},
		"a modification for any image": {ward(), "tax", list{
			application("a", approved, images(webOne)), application("b", ofType(modification), decided(v1alpha1.DecisionApproved, -5)),
		}, judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"b", "a"}, AnyImage: true}},
		"a modification outlives no introduction": {ward(), "tax", list{
			application("a", decided(v1alpha1.DecisionRevoked, -1)), application("b", ofType(modification), approved),
		}, judged{Reason: v1alpha1.ReasonRevoked, Decisive: "a", State: StateRevoked}},
		"waits for its decision": {ward(), "tax", list{application("a")},
			judged{Reason: v1alpha1.ReasonNotApproved, Decisive: "a", State: StatePending}},
		"a draft": {ward(), "tax", list{application("a", draft)},
			judged{Reason: v1alpha1.ReasonNotApproved, Decisive: "a", State: StateNotSubmitted}},
		"denied": {ward(), "tax", list{application("a", decided(v1alpha1.DecisionDenied, -1))},
			judged{Reason: v1alpha1.ReasonNotApproved, Decisive: "a", State: StateDenied}},
		"the last that ended says why": {ward(), "tax", list{
			application("a", decided(v1alpha1.DecisionDenied, -3)), application("b", decided(v1alpha1.DecisionRevoked, -1)),
			application("c", decided(v1alpha1.DecisionReturned, -2)),
		}, judged{Reason: v1alpha1.ReasonRevoked, Decisive: "b", State: StateRevoked}},
		"one that waits says more than one that ended": {ward(), "tax", list{
			application("a", decided(v1alpha1.DecisionRevoked, -1)), application("b"),
		}, judged{Reason: v1alpha1.ReasonNotApproved, Decisive: "b", State: StatePending}},
		// Anybody may write a draft: it must not hide what became of the approval.
		"a draft hides nothing": {ward(), "tax", list{application("a", decided(v1alpha1.DecisionRevoked, -1)), application("b", draft)},
			judged{Reason: v1alpha1.ReasonRevoked, Decisive: "a", State: StateRevoked}},
		"a modification that waits explains nothing": {ward(), "tax", list{
			application("a", decided(v1alpha1.DecisionDenied, -1)), application("b", ofType(modification)),
		}, judged{Reason: v1alpha1.ReasonNotApproved, Decisive: "a", State: StateDenied}},
		"begins later": {ward(), "tax", list{application("a", approved, from(3)), application("b")},
			judged{Reason: v1alpha1.ReasonNotYetInEffect, Decisive: "a", State: StateNotYetInEffect, Next: day(3).Time}},
		"expired": {ward(), "tax", list{application("a", approved, to(-1))},
			judged{Reason: v1alpha1.ReasonExpired, Decisive: "a", State: StateExpired}},
		"ends later": {ward(), "tax", list{application("a", approved, to(4))},
			judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a"}, AnyImage: true, Until: day(4).Time, Next: day(4).Time}},
		"one approval takes over from another": {ward(), "tax", list{
			application("a", approved, to(4)), application("b", decided(v1alpha1.DecisionApproved, -5), from(4), to(9)),
		}, judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a"}, AnyImage: true, Until: day(9).Time, Next: day(4).Time}},
		"a gap between two approvals": {ward(), "tax", list{
			application("a", approved, to(4)), application("b", decided(v1alpha1.DecisionApproved, -5), from(5)),
		}, judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a"}, AnyImage: true, Until: day(4).Time, Next: day(4).Time}},
		"a modification that ends leaves the system approved": {ward(), "tax", list{
			application("a", approved, images(webOne)), application("b", ofType(modification), approved, images(webTwo), to(2)),
		}, judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a", "b"}, Images: []v1alpha1.ImagePattern{webOne, webTwo},
			Next: day(2).Time}},
		"the section ends before the approval": {ward(abolished("2026-06-10")), "tax", list{application("a", approved, to(30))},
			judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a"}, AnyImage: true,
				Until: time.Date(2026, 6, 9, 15, 0, 0, 0, time.UTC), Next: time.Date(2026, 6, 9, 15, 0, 0, 0, time.UTC)}},
		"no section": {ward(), "", list{application("a", approved)},
			judged{Reason: v1alpha1.ReasonNoManagingSection, Section: regulation.SectionUnnamed}},
		"a section that does not exist": {ward(), "gone", list{application("a", approved)},
			judged{Reason: v1alpha1.ReasonNoManagingSection, Section: regulation.SectionNotFound}},
		"an abolished section": {ward(abolished("2026-06-01")), "tax", list{application("a", approved)},
			judged{Reason: v1alpha1.ReasonNoManagingSection, Section: regulation.SectionAbolished}},
		"too many images": {ward(), "tax", list{application("a", approved, tooMany)},
			judged{Reason: v1alpha1.ReasonTooManyImages, InEffect: []string{"a"}}},
		"too many images, but any": {ward(), "tax", list{application("a", approved, tooMany), application("b", approved)},
			judged{Reason: v1alpha1.ReasonApproved, InEffect: []string{"a", "b"}, AnyImage: true}},
	} {
		t.Run(name, func(t *testing.T) {
			system := levy()
			if system.Spec.ManagingSectionRef = nil; test.section != "" {
				system.Spec.ManagingSectionRef = &v1alpha1.NameReference{Name: test.section}
			}
			for range 4 { // the order of the applications does not matter
				if diff := cmp.Diff(test.want, inShort(System(test.organisation, system, cases(test.applications...)))); diff != "" {
					t.Fatalf("verdict (-want +got):\n%s", diff)
				}
				rand.Shuffle(len(test.applications), func(i, j int) {
					test.applications[i], test.applications[j] = test.applications[j], test.applications[i]
				})
			}
		})
	}
}

// A system's verdict changes only when it said it would: nothing before Next, and approved until Until and not at it.
func TestNextAndUntilAreKept(t *testing.T) {
	approvedAlways, approvedUntil := 0, 0
	property := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		var applications []v1alpha1.ChangeApproval
		for i := range 1 + random.Intn(5) {
			options := []option{images(v1alpha1.ImagePattern(fmt.Sprintf("registry.example/levy/web:%d", i)))}
			if random.Intn(3) == 0 {
				options = append(options, ofType(v1alpha1.ChangeModification))
			}
			options = append(options, decided([]v1alpha1.Decision{"Approved", "Approved", "Approved", "Denied",
				"Revoked"}[random.Intn(5)], -10-i))
			if random.Intn(2) == 0 {
				options = append(options, from(random.Intn(20)-10))
			}
			if random.Intn(2) == 0 {
				options = append(options, to(random.Intn(20)-5))
			}
			applications = append(applications, application(fmt.Sprintf("a%d", i), options...))
		}
		o := ward()
		if random.Intn(3) == 0 {
			on := v1alpha1.Date(noon.AddDate(0, 0, random.Intn(25)-2).Format(time.DateOnly))
			o.Sections["tax"].Spec.AbolishedOn = &on
		}
		now := System(o, levy(), cases(applications...))
		at := func(moment time.Time) SystemVerdict {
			later := o
			later.Now = moment
			return System(later, levy(), cases(applications...))
		}
		for quarter := range 40 * 4 {
			moment := noon.Add(time.Duration(quarter) * 6 * time.Hour)
			then := at(moment)
			if (now.Next.IsZero() || moment.Before(now.Next)) && !same(now, then) {
				t.Errorf("seed %d: at %s the verdict is %+v, was %+v, and should change at %s first", seed, moment, inShort(then),
					inShort(now), now.Next)
				return false
			}
			if now.Approved() && then.Approved() != (now.Until.IsZero() || moment.Before(now.Until)) && !moment.After(now.Until) {
				t.Errorf("seed %d: at %s approved is %t, and should end at %s", seed, moment, then.Approved(), now.Until)
				return false
			}
			if now.Approved() && now.Until.IsZero() && !then.Approved() {
				t.Errorf("seed %d: the approval ends at %s, and should not by itself", seed, moment)
				return false
			}
		}
		switch {
		case now.Approved() && now.Until.IsZero():
			approvedAlways++
		case now.Approved():
			approvedUntil++
		}
		return true
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 150}); err != nil {
		t.Error(err)
	}
	if approvedAlways == 0 || approvedUntil == 0 {
		t.Errorf("the property was tried on nothing: %d, %d", approvedAlways, approvedUntil)
	}
}

func same(a, b SystemVerdict) bool {
	return a.Reason == b.Reason && a.AnyImage == b.AnyImage && slices.Equal(a.Images.Sources(), b.Images.Sources()) &&
		slices.Equal(a.ApprovalNames(), b.ApprovalNames())
}
