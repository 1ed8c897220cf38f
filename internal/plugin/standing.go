package plugin

import (
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/regulation"
)

// Standing is what may run in a namespace and why, as it is recorded on the Namespace, or as the register says.
type Standing struct {
	// Clearance: cleared, images, held, denied or observed; empty for a namespace that the operator has not seen.
	Clearance v1alpha1.Clearance `json:"clearance,omitempty"`
	// Reason of the clearance.
	Reason v1alpha1.ClearanceReason `json:"reason,omitempty"`
	// Mode that enforces it.
	Mode v1alpha1.EnforcementMode `json:"mode,omitempty"`
	// System that the namespace belongs to.
	System string `json:"system,omitempty"`
	// Approvals in effect.
	Approvals []string `json:"approvals,omitempty"`
	// Images that they cover, where they do not cover every image.
	Images []string `json:"images,omitempty"`
	// Until when, if the clearance changes by itself.
	Until string `json:"until,omitempty"`
	// Message in the regulation's language.
	Message string `json:"message,omitempty"`

	match string
}

// standingOf reads the marks on a namespace.
func standingOf(labels, annotations map[string]string) Standing {
	list := func(key string) []string {
		if annotations[key] == "" {
			return nil
		}
		return strings.Split(annotations[key], ",")
	}
	return Standing{
		Clearance: v1alpha1.Clearance(labels[v1alpha1.LabelClearance]),
		Reason:    v1alpha1.ClearanceReason(annotations[v1alpha1.AnnotationReason]),
		Mode:      v1alpha1.EnforcementMode(annotations[v1alpha1.AnnotationMode]),
		System:    labels[v1alpha1.LabelSystem],
		Approvals: list(v1alpha1.AnnotationApprovals),
		Images:    list(v1alpha1.AnnotationImages),
		Until:     annotations[v1alpha1.AnnotationUntil],
		Message:   annotations[v1alpha1.AnnotationMessage],
		match:     annotations[v1alpha1.AnnotationImagesMatch],
	}
}

// seen says whether the operator recorded a clearance that the policies know. Any other they treat like none.
func (s Standing) seen() bool {
	switch s.Clearance {
	case v1alpha1.ClearanceCleared, v1alpha1.ClearanceImages, v1alpha1.ClearanceHeld, v1alpha1.ClearanceDenied,
		v1alpha1.ClearanceObserved:
		return true
	}
	return false
}

// uncovered are the images that the recorded expression does not match, as the API server matches it: an expression that is
// missing or broken matches nothing.
func (s Standing) uncovered(images []string) []string {
	expression, err := regexp.Compile(s.match)
	var uncovered []string
	for _, image := range images {
		covered := err == nil && s.match != "" && expression.MatchString(image)
		if !covered && !slices.Contains(uncovered, image) {
			uncovered = append(uncovered, image)
		}
	}
	return uncovered
}

// differs names what differs between two standings.
func (s Standing) differs(other Standing) []string {
	var names []string
	add := func(name string, same bool) {
		if !same {
			names = append(names, name)
		}
	}
	add("clearance", s.Clearance == other.Clearance)
	add("reason", s.Reason == other.Reason)
	add("mode", s.Mode == other.Mode)
	add("system", s.System == other.System)
	add("approvals", slices.Equal(s.Approvals, other.Approvals))
	add("images", s.match == other.match)
	add("until", s.Until == other.Until)
	add("message", s.Message == other.Message)
	return names
}

// view is what the register says of a namespace.
type view struct {
	input   clearance.Input
	verdict clearance.Verdict
}

// newView decides on what was read from the register.
func newView(input clearance.Input) *view {
	return &view{input: input, verdict: clearance.Namespace(input)}
}

// standing of the namespace by the register.
func (v *view) standing() Standing {
	return standingOf(v.verdict.Marks(v.input.Organisation))
}

// organisation that the register describes.
func (v *view) organisation() regulation.Organisation { return v.input.Organisation }

// system that the namespace belongs to by the register; nil for none.
func (v *view) system() *v1alpha1.ElectronicSystem { return v.verdict.System.System }

// notEnforced says why the regulation is not enforced as written, as the operator reports it; nothing if it is. A server that
// cannot hold enforces (the condition is true), but not as written.
func (v *view) notEnforced() (reason, text string) {
	r := v.organisation().Regulation
	if r == nil {
		return "", ""
	}
	for _, condition := range r.Status.Conditions {
		if condition.Type == v1alpha1.ConditionEnforced &&
			(condition.Status == metav1.ConditionFalse || condition.Reason == v1alpha1.ReasonHoldUnavailable) {
			return condition.Reason, condition.Message
		}
	}
	return "", ""
}

// place is a namespace with all that is known of it.
type place struct {
	name   string
	exists bool
	labels map[string]string
	// recorded on the namespace, where it exists.
	recorded Standing
	// register's view; nil when the register could not be read.
	register *view
	// unread says why not.
	unread error
}

// enforced is the standing that counts: what is recorded, and for a namespace that does not exist what the register says.
func (at place) enforced() Standing {
	if !at.exists && at.register != nil {
		return at.register.standing()
	}
	return at.recorded
}

// differs names what the register says differently from the record.
func (at place) differs() []string {
	if !at.exists || at.register == nil {
		return nil
	}
	return at.recorded.differs(at.register.standing())
}

// cannotHold says that the API server refuses where it should hold.
func (at place) cannotHold() bool {
	if at.register == nil {
		return false
	}
	reason, _ := at.register.notEnforced()
	return reason == v1alpha1.ReasonHoldUnavailable
}
