package classification

import "kitei.dev/kitei/api/v1alpha1"

// OfSystem judges how a system of the register is classed: its class as one word, for example 3A/2/2, and the reason of its
// condition Classified. standard is the one in force; nil when there is none, or when the one that the Regulation names does
// not exist.
func OfSystem(system *v1alpha1.ElectronicSystem, standard *v1alpha1.SecurityStandard) (class, reason string) {
	classification := system.Spec.Classification
	if classification != nil {
		class = Word(*classification)
	}
	switch {
	case standard == nil:
		return class, v1alpha1.ReasonNoStandard
	case classification == nil:
		return class, v1alpha1.ReasonUnclassified
	case len(unknown(standard, *classification)) > 0:
		return class, v1alpha1.ReasonUnknownLevel
	}
	return class, v1alpha1.ReasonClassified
}

// Word writes a class as one word: confidentiality/integrity/availability.
func Word(class v1alpha1.Classification) string {
	return string(class.Confidentiality) + "/" + string(class.Integrity) + "/" + string(class.Availability)
}
