package changeapproval

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// complete says what keeps an application from being submitted: what it lacks, its time, its data, and what it answers.
func complete(w write, application *v1alpha1.ChangeApproval) *refusal {
	p, spec := w.printer(), &application.Spec
	if missing := procedure.Incomplete(w.organisation, spec); len(missing) > 0 {
		return refuse(message.ApplicationIncomplete, application.Name, p.List(missing))
	}
	if refused := timely(w, application); refused != nil {
		return refused
	}
	if refused := dataOfOthers(w, application); refused != nil {
		return refused
	}
	if spec.AnswersRef != nil {
		if refused := answers(w, application); refused != nil {
			return refused
		}
	}
	return minor(w, application)
}

// dataOfOthers sees that the data is another section's, and that somebody can consent to its use (article 14-1).
func dataOfOthers(w write, application *v1alpha1.ChangeApproval) *refusal {
	uses := application.Spec.DataUse
	if own := procedure.OwnData(w.organisation, w.system, uses); len(own) > 0 {
		return refuse(message.DataIsOwn, application.Name, w.printer().List(own))
	}
	for _, use := range uses {
		if len(use.ResidentRegisterItems) > 0 {
			continue
		}
		switch _, state := w.organisation.Section(&use.SectionRef); state {
		case regulation.SectionStanding:
		case regulation.SectionNotFound:
			return refuse(message.DataSectionUnknown, application.Name, use.Name, use.SectionRef.Name)
		default:
			return refuse(message.DataSectionGone, application.Name, use.Name, use.SectionRef.Name)
		}
	}
	return nil
}

// timely holds the application to the deadline of article 12-2.
func timely(w write, application *v1alpha1.ChangeApproval) *refusal {
	spec := &application.Spec
	if spec.Type == v1alpha1.ChangeMinor {
		return nil
	}
	year := regulation.FiscalYearName(int(spec.FiscalYear))
	switch {
	case int(spec.FiscalYear) < w.organisation.FiscalYear(w.organisation.Now):
		return refuse(message.FiscalYearPast, application.Name, year)
	case spec.Urgency == nil && procedure.Late(w.organisation, spec.FiscalYear):
		last := w.organisation.Deadline(int(spec.FiscalYear)).AddDate(0, 0, -1)
		return refuse(message.ApplicationLate, application.Name, year, last.Format("2006-01-02"))
	}
	return nil
}

// answers sees that the application that this one answers was returned, for the same system, and is answered once.
func answers(w write, application *v1alpha1.ChangeApproval) *refusal {
	name := application.Spec.AnswersRef.Name
	returned := slices.ContainsFunc(w.cases, func(c procedure.Case) bool {
		return c.Application.Name == name && c.Application.Status.Decision == v1alpha1.DecisionReturned
	})
	if !returned {
		return refuse(message.AnswersNothing, application.Name, name)
	}
	for _, c := range w.cases {
		other := c.Application
		if other.Name != application.Name && other.Spec.Stage == v1alpha1.StageSubmitted && other.Spec.AnswersRef != nil &&
			other.Spec.AnswersRef.Name == name {
			return refuse(message.AnsweredAlready, application.Name, name, other.Name)
		}
	}
	return nil
}

// minor refuses as minor what widens what the system is approved for (article 13).
func minor(w write, application *v1alpha1.ChangeApproval) *refusal {
	if application.Spec.Type != v1alpha1.ChangeMinor {
		return nil
	}
	widening := clearance.Widens(application, w.organisation, w.systemOrNone(), w.cases)
	if !widening.Any() {
		return nil
	}
	p := w.printer()
	applicants := w.organisation.Applicants(w.systemOrNone(), v1alpha1.ChangeModification)
	return refuse(message.NotMinor, application.Name, clearance.WideningText(widening, p),
		clearance.Applicants(applicants, v1alpha1.ChangeModification, p))
}

// ground is what a decision rests on beside who makes it.
type ground struct {
	// meeting whose outcome it records; nil for none.
	meeting *v1alpha1.NameReference
	// ratifyBy is when it lapses, if it was made in urgency.
	ratifyBy *metav1.Time
}

// basis finds what a decision rests on: the consents (article 14), what the application widens (article 13), and the
// committee's meeting (article 12-4), or the urgency.
func basis(w write, decision v1alpha1.Decision) (ground, *refusal) {
	p, application := w.printer(), w.old
	committee := procedure.Committee(w.organisation, application.Spec.Type)
	if decision == v1alpha1.DecisionApproved {
		if missing := w.papers.MissingConsents(); len(missing) > 0 {
			return ground{}, refuse(message.ConsentsNotGiven, application.Name, clearance.Consents(missing, w.organisation, p))
		}
		if refused := minor(w, application); refused != nil {
			return ground{}, refused
		}
	}
	if committee == "" || decision == v1alpha1.DecisionRevoked {
		return ground{}, nil
	}
	switch meeting, outcome := w.papers.Decided(committee); {
	case meeting != nil && string(outcome) != string(decision):
		return ground{}, refuse(message.OutcomeDiffers, application.Name, string(decision), meeting.Name, p.Say(message.OutcomeID(outcome)))
	case meeting != nil:
		return ground{meeting: &v1alpha1.NameReference{Name: meeting.Name}}, nil
	case decision == v1alpha1.DecisionReturned: // sent back before the committee sees it
		return ground{}, nil
	case decision == v1alpha1.DecisionApproved && application.Spec.Urgency != nil:
		return urgent(w)
	}
	return ground{}, refuse(message.NoMeetingDecided, application.Name, committee)
}

// urgent lets an approval come before its meeting, which must ratify it in time; not while another waits for that.
func urgent(w write) (ground, *refusal) {
	if len(w.debts) > 0 {
		return ground{}, refuse(message.RatificationOwed, w.old.Name, w.printer().List(w.debts))
	}
	days := int(w.organisation.Regulation.Spec.RatificationDays)
	if days == 0 {
		days = defaultRatificationDays
	}
	by := metav1.NewTime(w.now().AddDate(0, 0, days))
	return ground{ratifyBy: &by}, nil
}

// defaultRatificationDays is the default of the Regulation's ratificationDays.
const defaultRatificationDays = 30
