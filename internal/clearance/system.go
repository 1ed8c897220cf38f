package clearance

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// SystemVerdict says whether a system may run.
type SystemVerdict struct {
	// System judged.
	System *v1alpha1.ElectronicSystem
	// Reason: Approved, NoManagingSection, NotApproved, NotYetInEffect, Expired, Revoked, ConsentMissing, Unratified,
	// TooManyImages, or of one namespace NamespaceNotCovered.
	Reason v1alpha1.ClearanceReason
	// Section says what is wrong with the managing section, for NoManagingSection.
	Section regulation.SectionState
	// InEffect are the approvals in effect, the newest decision first; only where the reason is Approved or TooManyImages.
	InEffect []*v1alpha1.ChangeApproval
	// AnyImage says that the approvals in effect cover every image; otherwise they cover Images.
	AnyImage bool
	// Images that the approvals in effect cover.
	Images image.Patterns
	// Decisive is the case that the reason rests on, where it is not Approved: the one that waits, or the last one
	// that ended. Nil when nobody applied.
	Decisive *procedure.Case
	// State of the decisive case's application.
	State ApprovalState
	// Until is when the system ceases to be approved, if it does by itself; zero otherwise.
	Until time.Time
	// Next is the next moment at which the verdict may change by itself; zero if there is none.
	Next time.Time
}

// Approved says whether the system may run.
func (v SystemVerdict) Approved() bool { return v.Reason == v1alpha1.ReasonApproved }

// System judges a system by the cases made for it; those for other systems are passed over.
func System(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem, cases []procedure.Case) SystemVerdict {
	return systemIn(organisation, system, cases, "")
}

// systemIn judges a system in one of its namespaces; without a namespace, as a whole.
func systemIn(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem, cases []procedure.Case,
	namespace string,
) SystemVerdict {
	own := make([]*procedure.Case, 0, len(cases))
	for i := range cases {
		if cases[i].Application.Spec.SystemRef.Name == system.Name {
			own = append(own, &cases[i])
		}
	}
	slices.SortFunc(own, newestDecisionFirst)

	verdict := judge(organisation, system, own, namespace)
	moments := moments(organisation, system, own)
	if len(moments) > 0 {
		verdict.Next = moments[0]
	}
	for _, moment := range moments {
		if !verdict.Approved() {
			break
		}
		organisation.Now = moment
		if later := judge(organisation, system, own, namespace); !later.Approved() {
			verdict.Until = moment
			break
		}
	}
	return verdict
}

func judge(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem, own []*procedure.Case,
	namespace string,
) SystemVerdict {
	verdict := SystemVerdict{System: system, Reason: v1alpha1.ReasonApproved}
	if _, state := organisation.Section(system.Spec.ManagingSectionRef); state != regulation.SectionStanding {
		verdict.Reason, verdict.Section = v1alpha1.ReasonNoManagingSection, state
		return verdict
	}
	var patterns []v1alpha1.ImagePattern
	introduced, covered := false, false
	for _, c := range own {
		application := c.Application
		if Approval(*c, organisation) != StateInEffect {
			continue
		}
		introduced = introduced || introduces(application.Spec.Type)
		covered = covered || widensTo(application, namespace)
		if !reaches(application, namespace) {
			continue
		}
		verdict.InEffect = append(verdict.InEffect, application)
		// A minor change (article 13) covers what it names and nothing else: it is not decided by who decides on any image.
		anyImage := len(application.Spec.Scope.Images) == 0 && application.Spec.Type != v1alpha1.ChangeMinor
		verdict.AnyImage = verdict.AnyImage || anyImage
		patterns = append(patterns, application.Spec.Scope.Images...)
	}
	if !introduced {
		return unapproved(verdict, own, organisation)
	}
	if !covered {
		return SystemVerdict{System: system, Reason: v1alpha1.ReasonNamespaceNotCovered}
	}
	if verdict.AnyImage {
		return verdict
	}
	var err error
	if verdict.Images, err = image.ParseAll(patterns); err != nil {
		// A pattern that does not parse was refused when it was written; what remains is that there are too many.
		verdict.Reason = v1alpha1.ReasonTooManyImages
		return verdict
	}
	return verdict
}

// widensTo says whether an approval lets the system run in a namespace: one that introduces it and names none does so
// everywhere, a minor change nowhere. Without a namespace any introduction answers.
func widensTo(application *v1alpha1.ChangeApproval, namespace string) bool {
	named := application.Spec.Scope.Namespaces
	switch {
	case application.Spec.Type == v1alpha1.ChangeMinor:
		return false
	case len(named) == 0 || namespace == "":
		return introduces(application.Spec.Type)
	}
	return slices.Contains(named, namespace)
}

// reaches says whether what an approval covers holds in a namespace; where it names none, in all of them.
func reaches(application *v1alpha1.ChangeApproval, namespace string) bool {
	named := application.Spec.Scope.Namespaces
	return len(named) == 0 || namespace == "" || slices.Contains(named, namespace)
}

// unapproved finds the case of an introduction that best says why there is no approval: one that is approved and waits for
// its day, one that waits for its decision, the one that ended last, and else a draft, which anybody may write.
func unapproved(verdict SystemVerdict, own []*procedure.Case, organisation regulation.Organisation) SystemVerdict {
	verdict = SystemVerdict{System: verdict.System, Reason: v1alpha1.ReasonNotApproved}
	rank := []ApprovalState{StateNotYetInEffect, StatePending}
	best := len(rank) + 2
	for _, c := range own {
		if !introduces(c.Application.Spec.Type) {
			continue
		}
		state := Approval(*c, organisation)
		at := slices.Index(rank, state)
		switch {
		case at >= 0:
		case state == StateNotSubmitted:
			at = len(rank) + 1
		default:
			at = len(rank)
		}
		if at < best {
			best, verdict.Decisive, verdict.State = at, c, state
		}
	}
	switch verdict.State {
	case StateNotYetInEffect, StateExpired, StateRevoked, StateConsentMissing, StateUnratified:
		verdict.Reason = v1alpha1.ClearanceReason(verdict.State)
	case StateNotSubmitted, StatePending, StateDenied, StateReturned, StateUnattested, StateInEffect, "":
	}
	return verdict
}

// moments are the times after now at which the verdict on the system may change by itself, the soonest first.
func moments(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem, own []*procedure.Case) []time.Time {
	var moments []time.Time
	add := func(at time.Time) {
		if at.After(organisation.Now) {
			moments = append(moments, at)
		}
	}
	for _, c := range own {
		for _, at := range Moments(c.Application) {
			add(at)
		}
	}
	if section, state := organisation.Section(system.Spec.ManagingSectionRef); state == regulation.SectionStanding {
		if at, set := organisation.AbolishedAt(section); set {
			add(at)
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return moments
}

// Moments are the times at which an application's state may change by itself: its scope's, and when it is to be ratified by.
func Moments(application *v1alpha1.ChangeApproval) []time.Time {
	if application.Status.Decision != v1alpha1.DecisionApproved {
		return nil
	}
	var moments []time.Time
	for _, at := range []*metav1.Time{application.Spec.Scope.NotBefore, application.Spec.Scope.NotAfter, application.Status.RatifyBy} {
		if at != nil {
			moments = append(moments, at.Time)
		}
	}
	return moments
}

func newestDecisionFirst(left, right *procedure.Case) int {
	a, b := left.Application, right.Application
	return cmp.Or(decidedAt(b).Compare(decidedAt(a)), b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}

func decidedAt(application *v1alpha1.ChangeApproval) time.Time {
	if application.Status.DecidedAt == nil {
		return time.Time{}
	}
	return application.Status.DecidedAt.Time
}
