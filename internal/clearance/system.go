package clearance

import (
	"cmp"
	"slices"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/regulation"
)

// SystemVerdict says whether a system may run.
type SystemVerdict struct {
	// System judged.
	System *v1alpha1.ElectronicSystem
	// Reason: Approved, NoManagingSection, NotApproved, NotYetInEffect, Expired, Revoked or TooManyImages.
	Reason v1alpha1.ClearanceReason
	// Section says what is wrong with the managing section, for NoManagingSection.
	Section regulation.SectionState
	// InEffect are the approvals in effect, the newest decision first; only where the reason is Approved or TooManyImages.
	InEffect []*v1alpha1.ChangeApproval
	// AnyImage says that the approvals in effect cover every image; otherwise they cover Images.
	AnyImage bool
	// Images that the approvals in effect cover.
	Images image.Patterns
	// Decisive is the application that the reason rests on, where it is not Approved: the one that waits, or the last one
	// that ended. Nil when nobody applied.
	Decisive *v1alpha1.ChangeApproval
	// State of the decisive application.
	State ApprovalState
	// Until is when the system ceases to be approved, if it does by itself; zero otherwise.
	Until time.Time
	// Next is the next moment at which the verdict, or what is said of it, may change by itself; zero if there is none.
	Next time.Time
}

// Approved says whether the system may run.
func (v SystemVerdict) Approved() bool { return v.Reason == v1alpha1.ReasonApproved }

// System judges a system by the applications made for it; those for other systems are passed over.
func System(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem,
	applications []v1alpha1.ChangeApproval,
) SystemVerdict {
	own := make([]*v1alpha1.ChangeApproval, 0, len(applications))
	for i := range applications {
		if applications[i].Spec.SystemRef.Name == system.Name {
			own = append(own, &applications[i])
		}
	}
	slices.SortFunc(own, newestDecisionFirst)

	verdict := judge(organisation, system, own)
	moments := moments(organisation, system, own)
	verdict.Next = organisation.NextTurn() // the offices that the explanation names may be others then
	if len(moments) > 0 && (verdict.Next.IsZero() || moments[0].Before(verdict.Next)) {
		verdict.Next = moments[0]
	}
	for _, moment := range moments {
		if !verdict.Approved() {
			break
		}
		organisation.Now = moment
		if later := judge(organisation, system, own); !later.Approved() {
			verdict.Until = moment
			break
		}
	}
	return verdict
}

func judge(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem,
	own []*v1alpha1.ChangeApproval,
) SystemVerdict {
	verdict := SystemVerdict{System: system, Reason: v1alpha1.ReasonApproved}
	if _, state := organisation.ManagingSection(system); state != regulation.SectionStanding {
		verdict.Reason, verdict.Section = v1alpha1.ReasonNoManagingSection, state
		return verdict
	}
	var patterns []v1alpha1.ImagePattern
	introduced := false
	for _, application := range own {
		if Approval(application, organisation.Now) != StateInEffect {
			continue
		}
		verdict.InEffect = append(verdict.InEffect, application)
		introduced = introduced || introduces(application.Spec.Type)
		// A minor change (article 13) covers what it names and nothing else: it is not decided by who decides on any image.
		anyImage := len(application.Spec.Scope.Images) == 0 && application.Spec.Type != v1alpha1.ChangeMinor
		verdict.AnyImage = verdict.AnyImage || anyImage
		patterns = append(patterns, application.Spec.Scope.Images...)
	}
	if !introduced {
		return unapproved(verdict, own, organisation.Now)
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

// unapproved finds the application for an introduction that best says why there is no approval: one that is approved and
// waits for its day, one that waits for its decision, the one that ended last, and else a draft, which anybody may write.
func unapproved(verdict SystemVerdict, own []*v1alpha1.ChangeApproval, now time.Time) SystemVerdict {
	verdict = SystemVerdict{System: verdict.System, Reason: v1alpha1.ReasonNotApproved}
	rank := []ApprovalState{StateNotYetInEffect, StatePending}
	best := len(rank) + 2
	for _, application := range own {
		if !introduces(application.Spec.Type) {
			continue
		}
		state := Approval(application, now)
		at := slices.Index(rank, state)
		switch {
		case at >= 0:
		case state == StateNotSubmitted:
			at = len(rank) + 1
		default:
			at = len(rank)
		}
		if at < best {
			best, verdict.Decisive, verdict.State = at, application, state
		}
	}
	switch verdict.State {
	case StateNotYetInEffect, StateExpired, StateRevoked:
		verdict.Reason = v1alpha1.ClearanceReason(verdict.State)
	case StateNotSubmitted, StatePending, StateDenied, StateReturned, StateUnattested, StateInEffect, "":
	}
	return verdict
}

// moments are the times after now at which the verdict on the system may change by itself, the soonest first.
func moments(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem,
	own []*v1alpha1.ChangeApproval,
) []time.Time {
	var moments []time.Time
	add := func(at time.Time) {
		if at.After(organisation.Now) {
			moments = append(moments, at)
		}
	}
	for _, application := range own {
		if application.Status.Decision != v1alpha1.DecisionApproved {
			continue
		}
		if at := application.Spec.Scope.NotBefore; at != nil {
			add(at.Time)
		}
		if at := application.Spec.Scope.NotAfter; at != nil {
			add(at.Time)
		}
	}
	moments = append(moments, organisation.Turns(system)...)
	slices.SortFunc(moments, time.Time.Compare)
	return moments
}

func newestDecisionFirst(a, b *v1alpha1.ChangeApproval) int {
	return cmp.Or(decidedAt(b).Compare(decidedAt(a)), b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}

func decidedAt(application *v1alpha1.ChangeApproval) time.Time {
	if application.Status.DecidedAt == nil {
		return time.Time{}
	}
	return application.Status.DecidedAt.Time
}
