package clearance

import (
	"regexp"
	"slices"
	"strings"

	"kitei.dev/kitei/api/v1alpha1"
)

// Recorded is a namespace's clearance as it stands on the Namespace: what the API server enforces now.
type Recorded struct {
	// Clearance; empty for a namespace that the operator has not seen.
	Clearance v1alpha1.Clearance
	// Reason of the clearance.
	Reason v1alpha1.ClearanceReason
	// Mode that enforces it.
	Mode v1alpha1.EnforcementMode
	// System that the namespace belongs to; empty for none.
	System string
	// Message in the regulation's language.
	Message string
	// Approvals in effect, by name.
	Approvals []string
	// Images that the approvals in effect cover, as patterns.
	Images []string
	// Lapse that this clearance closed; zero for none.
	Lapse Lapse

	match string
}

// Record reads a clearance off a Namespace's labels and annotations.
func Record(namespaceLabels, annotations map[string]string) Recorded {
	return Recorded{
		Clearance: v1alpha1.Clearance(namespaceLabels[v1alpha1.LabelClearance]),
		Reason:    v1alpha1.ClearanceReason(annotations[v1alpha1.AnnotationReason]),
		Mode:      v1alpha1.EnforcementMode(annotations[v1alpha1.AnnotationMode]),
		System:    namespaceLabels[v1alpha1.LabelSystem],
		Message:   annotations[v1alpha1.AnnotationMessage],
		Approvals: split(annotations[v1alpha1.AnnotationApprovals]),
		Images:    split(annotations[v1alpha1.AnnotationImages]),
		Lapse:     parseLapse(annotations[v1alpha1.AnnotationLapse]),
		match:     annotations[v1alpha1.AnnotationImagesMatch],
	}
}

func split(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, ",")
}

// Lets says whether the API server lets Pods with these images run, and which of them nothing covers. It is what the policy
// kitei-pods decides.
func (r Recorded) Lets(images []string) (uncovered []string, may bool) {
	switch r.Clearance {
	case v1alpha1.ClearanceCleared, v1alpha1.ClearanceObserved:
		return nil, true
	case v1alpha1.ClearanceImages:
		match, err := regexp.Compile(r.match)
		for _, image := range images {
			if (r.match == "" || err != nil || !match.MatchString(image)) && !slices.Contains(uncovered, image) {
				uncovered = append(uncovered, image)
			}
		}
		return uncovered, len(uncovered) == 0
	case v1alpha1.ClearanceHeld, v1alpha1.ClearanceDenied:
	}
	return nil, false
}

// Marks are the keys of Kitei among labels or annotations, the exempt label apart, which is a person's to write.
func Marks(keys map[string]string) map[string]string {
	marks := map[string]string{}
	for key, value := range keys {
		if strings.HasPrefix(key, v1alpha1.Prefix) && key != v1alpha1.LabelExempt {
			marks[key] = value
		}
	}
	return marks
}

// Same says whether two recorded clearances let the same Pods run, for the same reason.
func (r Recorded) Same(other Recorded) bool {
	return r.Clearance == other.Clearance && r.match == other.match && r.Message == other.Message
}
