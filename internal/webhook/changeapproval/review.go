package changeapproval

import (
	"errors"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
	"kitei.dev/kitei/internal/webhook/attest"
)

// write is one request to write a ChangeApproval.
type write struct {
	// old object; nil on creation.
	old *v1alpha1.ChangeApproval
	// object as the request would leave it.
	object *v1alpha1.ChangeApproval
	// status says that the request came by the status subresource: the spec it carries counts for nothing.
	status bool
	// identity of the authenticated requester.
	identity regulation.Identity
	// organisation at the time of the request.
	organisation regulation.Organisation
	// key seals the stamps.
	key ledger.Key
	// system that the application is for; nil if the register lacks it.
	system *v1alpha1.ElectronicSystem
	// papers of the application itself; read for a decision.
	papers procedure.Case
	// cases of the system; read for a minor change, and for an application that answers another.
	cases []procedure.Case
	// debts are the approvals of the section's systems that were given in urgency and wait for their ratification; read for an
	// approval in urgency.
	debts []string
}

// refusal says why a write is refused: a sentence of the catalogue.
type refusal = attest.Refusal

func refuse(id message.ID, arguments ...any) *refusal { return attest.Refuse(id, arguments...) }

// submits says that the write makes a draft, or what was not there, an application.
func (w write) submits() bool {
	return !w.status && w.object.Spec.Stage == v1alpha1.StageSubmitted && (w.old == nil || w.old.Spec.Stage != v1alpha1.StageSubmitted)
}

// decides says that the write changes the decision.
func (w write) decides() bool { return w.status && w.object.Status.Decision != w.old.Status.Decision }

// review decides a write. It returns the object with the stamps that the write calls for, or why it is refused.
func review(w write) (*v1alpha1.ChangeApproval, *refusal) {
	if w.status {
		return reviewStatus(w)
	}
	return reviewSpec(w)
}

func reviewSpec(w write) (*v1alpha1.ChangeApproval, *refusal) {
	stamped := w.object.DeepCopy()
	times := []*metav1.Time{stamped.Spec.Scope.NotBefore, stamped.Spec.Scope.NotAfter}
	for _, at := range times {
		if at != nil {
			at.Time = at.Truncate(time.Second) // as precise as the API stores it, or a manifest applied again would be a change
		}
	}
	if w.old != nil && w.old.Spec.Stage == v1alpha1.StageSubmitted {
		if stamped.Spec.Submission == nil { // a manifest applied again does not know the stamp
			stamped.Spec.Submission = w.old.Spec.Submission
		}
		if !equality.Semantic.DeepEqual(stamped.Spec, w.old.Spec) {
			return nil, refuse(message.ApplicationFrozen, w.object.Name, w.old.Spec.Submission.By)
		}
		return stamped, nil
	}
	if stamped.Spec.Submission != nil {
		return nil, refuse(message.StampForged, "spec.submission")
	}
	if slices.ContainsFunc(times, unwritable) {
		return nil, refuse(message.TimeUnwritable)
	}
	if _, err := image.ParseAll(stamped.Spec.Scope.Images); err != nil {
		return nil, refuse(message.ImagePatternBad, w.explain(err))
	}
	if stamped.Spec.Stage != v1alpha1.StageSubmitted {
		return stamped, nil
	}
	return submit(w, stamped)
}

// unwritable says whether a time would be lost when it is written in UTC: the bound that it is would be none.
func unwritable(at *metav1.Time) bool {
	return at != nil && (at.IsZero() || at.UTC().Year() < 1 || at.UTC().Year() > 9999)
}

// explain says in the reader's language what is wrong with a pattern.
func (w write) explain(err error) string {
	var bad *image.PatternError
	if !errors.As(err, &bad) {
		return err.Error()
	}
	if bad.Pattern == "" {
		return w.printer().Say(message.ID(bad.Problem))
	}
	return w.printer().Say(message.ID(bad.Problem), string(bad.Pattern))
}

func submit(w write, stamped *v1alpha1.ChangeApproval) (*v1alpha1.ChangeApproval, *refusal) {
	switch {
	case w.organisation.Regulation == nil:
		return nil, refuse(message.NoRegulationYet)
	case w.system == nil:
		return nil, refuse(message.SystemNotFound, stamped.Name, stamped.Spec.SystemRef.Name)
	}
	applicants := w.organisation.Applicants(w.system, stamped.Spec.Type)
	office, entitled := w.identity.Among(applicants)
	if !entitled {
		p := w.printer()
		return nil, refuse(message.NotEntitledToApply, w.identity.Username, clearance.SystemName(w.system, p),
			clearance.Applicants(applicants, stamped.Spec.Type, p))
	}
	if refused := complete(w, stamped); refused != nil {
		return nil, refused
	}
	stamped.Spec.Submission = &v1alpha1.Submission{By: w.identity.Username, As: office.Role, At: w.now()}
	if year := stamped.Spec.FiscalYear; year != 0 {
		stamped.Spec.Submission.FiscalYear = regulation.FiscalYearName(int(year))
	}
	stamp, _ := ledger.Submission(stamped)
	stamped.Spec.Submission.Seal = w.key.Seal(stamp.Entry)
	return stamped, nil
}

func reviewStatus(w write) (*v1alpha1.ChangeApproval, *refusal) {
	stamped := w.object.DeepCopy()
	before, after := &w.old.Status, &stamped.Status
	if w.identity.Username == v1alpha1.OperatorUsername {
		return reviewOperator(w, stamped)
	}
	if field := forgedField(before, after); field != "" {
		return nil, refuse(message.StampForged, field)
	}
	if !equality.Semantic.DeepEqual(before.Conditions, after.Conditions) {
		return nil, refuse(message.ConditionsNotYours, w.object.Name)
	}
	if before.Decision == after.Decision {
		if before.DecisionReason != after.DecisionReason {
			return nil, refuse(message.ReasonAlone, w.object.Name)
		}
		return stamped, nil
	}
	return decide(w, stamped)
}

// reviewOperator lets the operator's own account write conditions, how a decision was told, and the seals with which a ledger is
// opened, and nothing else: it decides nothing.
func reviewOperator(w write, stamped *v1alpha1.ChangeApproval) (*v1alpha1.ChangeApproval, *refusal) {
	rest := stamped.Status.DeepCopy()
	rest.Conditions, rest.Notifications = w.old.Status.Conditions, w.old.Status.Notifications
	sealed := w.old.DeepCopy()
	sealed.Status = *rest
	if w.old.Status.Decision != "" && w.key.OnlySealed(w.old, sealed) {
		rest.Seal, rest.PastDecisions = w.old.Status.Seal, w.old.Status.PastDecisions
	}
	if !equality.Semantic.DeepEqual(*rest, w.old.Status) {
		return nil, refuse(message.NotEntitledToDecide, w.identity.Username, w.object.Name, w.deciders())
	}
	return stamped, nil
}

// forgedField names the first stamped field that the request itself would change.
func forgedField(before, after *v1alpha1.ChangeApprovalStatus) string {
	switch {
	case before.DecidedBy != after.DecidedBy:
		return "status.decidedBy"
	case before.DecidedAs != after.DecidedAs:
		return "status.decidedAs"
	case !before.DecidedAt.Equal(after.DecidedAt):
		return "status.decidedAt"
	case before.DecidedGeneration != after.DecidedGeneration:
		return "status.decidedGeneration"
	case !equality.Semantic.DeepEqual(before.MeetingRef, after.MeetingRef):
		return "status.meetingRef"
	case !before.RatifyBy.Equal(after.RatifyBy):
		return "status.ratifyBy"
	case before.Seal != after.Seal:
		return "status.seal"
	case !equality.Semantic.DeepEqual(before.PastDecisions, after.PastDecisions):
		return "status.pastDecisions"
	case !equality.Semantic.DeepEqual(before.Notifications, after.Notifications):
		return "status.notifications"
	}
	return ""
}

// moves are the legal moves of a decision.
var moves = map[v1alpha1.Decision][]v1alpha1.Decision{
	"":                        {v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned},
	v1alpha1.DecisionApproved: {v1alpha1.DecisionRevoked},
}

func decide(w write, stamped *v1alpha1.ChangeApproval) (*v1alpha1.ChangeApproval, *refusal) {
	before, after := &w.old.Status, &stamped.Status
	submission := w.old.Spec.Submission
	if refused := decidable(w, before, after); refused != nil {
		return nil, refused
	}
	office, entitled := w.identity.Among(w.organisation.Deciders(w.systemOrNone(), w.old.Spec.Type))
	met, refused := basis(w, after.Decision)
	switch {
	// Who records what a meeting decided may record it of their own application too.
	case w.identity.Username == submission.By && (refused != nil || met.meeting == nil):
		return nil, refuse(message.DecisionOfOwn, w.old.Name, w.identity.Username, w.deciders())
	case !entitled:
		return nil, refuse(message.NotEntitledToDecide, w.identity.Username, w.old.Name, w.deciders())
	case refused != nil:
		return nil, refused
	}
	if before.Decision != "" {
		keepRecord(before, after)
	}
	now := w.now()
	after.DecidedBy, after.DecidedAs, after.DecidedAt = w.identity.Username, office.Role, &now
	after.DecidedGeneration, after.MeetingRef, after.RatifyBy = w.old.Generation, met.meeting, met.ratifyBy
	decided := w.old.DeepCopy() // the spec that comes with a status counts for nothing
	decided.Status = *after
	stamp, _ := ledger.Decision(decided)
	after.Seal = w.key.Seal(stamp.Entry)
	return stamped, nil
}

// decidable says why an application cannot be decided so at all, whoever asks.
func decidable(w write, before, after *v1alpha1.ChangeApprovalStatus) *refusal {
	legal := slices.Contains(moves[before.Decision], after.Decision)
	switch {
	case !legal && before.Decision == "":
		return refuse(message.DecisionNotYet, w.old.Name, string(after.Decision))
	case !legal:
		return refuse(message.DecisionMoveBad, w.old.Name, string(before.Decision), string(after.Decision), before.DecidedBy)
	case w.old.Spec.Stage != v1alpha1.StageSubmitted || w.old.Spec.Submission == nil:
		return refuse(message.DecisionOfDraft, w.old.Name)
	case w.organisation.Regulation == nil:
		return refuse(message.NoRegulationYet)
	case w.system == nil && after.Decision == v1alpha1.DecisionApproved:
		return refuse(message.SystemNotFound, w.old.Name, w.old.Spec.SystemRef.Name)
	case after.Decision == v1alpha1.DecisionApproved && !w.key.Submitted(w.old):
		return refuse(message.SubmissionUnattested, w.old.Name, w.old.Spec.Submission.By)
	}
	return nil
}

// keepRecord puts the decision that ends among the past ones. An approval that nobody stamped leaves none, and can be revoked all
// the same.
func keepRecord(before, after *v1alpha1.ChangeApprovalStatus) {
	if standing, decided := before.Standing(); decided {
		after.PastDecisions = append(after.PastDecisions, standing)
	}
	if after.DecisionReason == before.DecisionReason { // a merge patch keeps the old reason: it was not given for this
		after.DecisionReason = ""
	}
}

func (w write) deciders() string {
	return clearance.Deciders(w.organisation.Deciders(w.systemOrNone(), w.old.Spec.Type), w.old.Spec.Type, w.printer())
}

// systemOrNone stands in for a system that was taken off the register: no section manages it.
func (w write) systemOrNone() *v1alpha1.ElectronicSystem {
	if w.system == nil {
		return &v1alpha1.ElectronicSystem{}
	}
	return w.system
}

func (w write) printer() message.Printer { return message.In(w.organisation.Language()) }

// now is the time of the request, as precise as the API stores it.
func (w write) now() metav1.Time {
	return metav1.NewTime(w.organisation.Now.Truncate(time.Second))
}
