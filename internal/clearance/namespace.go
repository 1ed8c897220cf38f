package clearance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// Input is all that a namespace's clearance depends on.
type Input struct {
	// Organisation in force, at the moment of the decision.
	Organisation regulation.Organisation
	// Namespace by name.
	Namespace string
	// Labels of the namespace.
	Labels map[string]string
	// Claims are the systems whose spec.namespaces name the namespace.
	Claims []v1alpha1.ElectronicSystem
	// Cases are the applications made for those systems, each with its papers.
	Cases []procedure.Case
}

// Verdict says what may run in a namespace, and why.
type Verdict struct {
	// Clearance of the namespace.
	Clearance v1alpha1.Clearance
	// Mode that enforces it; empty without a Regulation.
	Mode v1alpha1.EnforcementMode
	// Reason of the clearance.
	Reason v1alpha1.ClearanceReason
	// Namespace judged.
	Namespace string
	// System that the namespace belongs to; its System field is nil for none.
	System SystemVerdict
}

// Governed says whether Kitei governs a namespace at all: neither the control plane's, nor the operator's own, nor exempt.
func Governed(namespace string, namespaceLabels map[string]string) bool {
	return !slices.Contains(v1alpha1.UngovernedNamespaces(), namespace) && namespaceLabels[v1alpha1.LabelExempt] != "true"
}

// Namespace decides a namespace's clearance.
func Namespace(in Input) Verdict {
	verdict := Verdict{Namespace: in.Namespace, Mode: Mode(in.Organisation.Regulation, in.Labels)}
	holder := Holder(in.Labels[v1alpha1.LabelSystem], in.Claims)
	if holder != nil {
		verdict.System = systemIn(in.Organisation, holder, in.Cases, in.Namespace)
	}
	switch {
	case in.Organisation.Regulation == nil:
		verdict.Reason = v1alpha1.ReasonNoRegulation
	case holder == nil:
		verdict.Reason = v1alpha1.ReasonUnregisteredNamespace
	default:
		verdict.Reason = verdict.System.Reason
	}
	verdict.Clearance = clearanceOf(verdict)
	return verdict
}

func clearanceOf(verdict Verdict) v1alpha1.Clearance {
	approved := verdict.Reason == v1alpha1.ReasonApproved
	switch {
	case verdict.Mode == "", verdict.Mode == v1alpha1.ModeWarn, verdict.Mode == v1alpha1.ModeAudit:
		return v1alpha1.ClearanceObserved
	case approved && verdict.System.AnyImage:
		return v1alpha1.ClearanceCleared
	case approved:
		return v1alpha1.ClearanceImages
	case verdict.Mode == v1alpha1.ModeDeny, verdict.Reason == v1alpha1.ReasonUnregisteredNamespace:
		return v1alpha1.ClearanceDenied
	}
	return v1alpha1.ClearanceHeld
}

// Holder is the system that a namespace belongs to among those that claim it. The webhook lets a namespace be claimed once;
// should two claims exist all the same, the system that has the namespace keeps it, and otherwise the older one gets it.
func Holder(current string, claims []v1alpha1.ElectronicSystem) *v1alpha1.ElectronicSystem {
	if len(claims) == 0 {
		return nil
	}
	holder := slices.MinFunc(claims, func(a, b v1alpha1.ElectronicSystem) int {
		if a.Name != b.Name && (a.Name == current || b.Name == current) {
			if a.Name == current {
				return -1
			}
			return 1
		}
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(a.Name, b.Name))
	})
	return &holder
}

// Mode is the mode of a namespace with these labels; empty without a Regulation. An override whose selector is invalid
// selects nothing.
func Mode(r *v1alpha1.Regulation, namespaceLabels map[string]string) v1alpha1.EnforcementMode {
	if r == nil {
		return ""
	}
	for _, override := range r.Spec.Enforcement.Overrides {
		selector, err := metav1.LabelSelectorAsSelector(&override.NamespaceSelector)
		if err == nil && selector.Matches(labels.Set(namespaceLabels)) {
			return override.Mode
		}
	}
	return cmp.Or(r.Spec.Enforcement.Mode, v1alpha1.ModeHold)
}

// Lets says whether Pods with these images may run, and which of the images nothing covers.
func (v Verdict) Lets(images []string) (uncovered []string, may bool) {
	switch v.Clearance {
	case v1alpha1.ClearanceCleared, v1alpha1.ClearanceObserved:
		return nil, true
	case v1alpha1.ClearanceImages:
		uncovered = v.System.Images.Uncovered(images)
		return uncovered, len(uncovered) == 0
	case v1alpha1.ClearanceHeld, v1alpha1.ClearanceDenied:
	}
	return nil, false
}

// Marks are the labels and annotations by which the API server and people read a verdict off the Namespace. The language is
// the regulation's.
func (v Verdict) Marks(organisation regulation.Organisation) (namespaceLabels, annotations map[string]string) {
	namespaceLabels = map[string]string{v1alpha1.LabelClearance: string(v.Clearance)}
	annotations = map[string]string{
		v1alpha1.AnnotationReason:  string(v.Reason),
		v1alpha1.AnnotationMessage: Explain(v, organisation, organisation.Language()),
	}
	if v.Mode != "" {
		annotations[v1alpha1.AnnotationMode] = string(v.Mode)
	}
	if v.System.System == nil {
		return namespaceLabels, annotations
	}
	namespaceLabels[v1alpha1.LabelSystem] = v.System.System.Name
	if names := v.System.ApprovalNames(); len(names) > 0 {
		annotations[v1alpha1.AnnotationApprovals] = strings.Join(names, ",")
	}
	if v.System.Approved() && !v.System.AnyImage {
		sources := make([]string, 0, len(v.System.Images.Sources()))
		for _, source := range v.System.Images.Sources() {
			sources = append(sources, string(source))
		}
		annotations[v1alpha1.AnnotationImages] = strings.Join(sources, ",")
		annotations[v1alpha1.AnnotationImagesMatch] = v.System.Images.Expression()
	}
	if !v.System.Until.IsZero() {
		annotations[v1alpha1.AnnotationUntil] = v.System.Until.UTC().Format(time.RFC3339)
	}
	return namespaceLabels, annotations
}

// ApprovalNames are the names of the approvals in effect, the newest decision first.
func (v SystemVerdict) ApprovalNames() []string {
	names := make([]string, 0, len(v.InEffect))
	for _, approval := range v.InEffect {
		names = append(names, approval.Name)
	}
	return names
}
