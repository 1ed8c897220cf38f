package classification

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
)

// Aspect is one of the three aspects by which assets are classed (article 26-2 (2)).
type Aspect string

const (
	// Confidentiality is 機密性 (article 2 (20)).
	Confidentiality Aspect = "Confidentiality"
	// Integrity is 完全性 (article 2 (21)).
	Integrity Aspect = "Integrity"
	// Availability is 可用性 (article 2 (22)).
	Availability Aspect = "Availability"
)

// Aspects are all three, in the order of the regulation.
func Aspects() []Aspect { return []Aspect{Confidentiality, Integrity, Availability} }

// Label is the key of the label that holds an asset's level of the aspect.
func (a Aspect) Label() string {
	switch a {
	case Confidentiality:
		return v1alpha1.LabelConfidentiality
	case Integrity:
		return v1alpha1.LabelIntegrity
	case Availability:
	}
	return v1alpha1.LabelAvailability
}

// Of is the level of the aspect in a class; empty when the class has none.
func (a Aspect) Of(class v1alpha1.Classification) v1alpha1.Level { return *a.in(&class) }

func (a Aspect) in(class *v1alpha1.Classification) *v1alpha1.Level {
	switch a {
	case Confidentiality:
		return &class.Confidentiality
	case Integrity:
		return &class.Integrity
	case Availability:
	}
	return &class.Availability
}

// Levels of the aspect in a standard.
func (a Aspect) Levels(standard *v1alpha1.SecurityStandard) Levels {
	var defined []v1alpha1.LevelDefinition
	switch a {
	case Confidentiality:
		defined = standard.Spec.Confidentiality
	case Integrity:
		defined = standard.Spec.Integrity
	case Availability:
		defined = standard.Spec.Availability
	}
	levels := make(Levels, 0, len(defined))
	for _, definition := range defined {
		levels = append(levels, definition.Name)
	}
	return levels
}

// ClassOf reads a class off an object's labels; an aspect without a label is empty.
func ClassOf(labels map[string]string) v1alpha1.Classification {
	var class v1alpha1.Classification
	for _, aspect := range Aspects() {
		*aspect.in(&class) = v1alpha1.Level(labels[aspect.Label()])
	}
	return class
}

// Levels of one aspect, the highest first, as the standard lists them (article 27). Only the list orders them: 3A is above
// 3B because it stands before it.
type Levels []v1alpha1.Level

// Has says whether the level is one of them.
func (l Levels) Has(level v1alpha1.Level) bool { return slices.Contains(l, level) }

// Compare orders two levels: negative when a is below b, positive when it is above. It knows nothing (false) of a level that
// is not one of them.
func (l Levels) Compare(a, b v1alpha1.Level) (order int, known bool) {
	rankA, rankB := slices.Index(l, a), slices.Index(l, b)
	if rankA < 0 || rankB < 0 {
		return 0, false
	}
	return rankB - rankA, true
}

// Above says whether a is known to be above b.
func (l Levels) Above(a, b v1alpha1.Level) bool {
	order, known := l.Compare(a, b)
	return known && order > 0
}

// lower of two levels; one that is unknown bounds nothing.
func (l Levels) lower(a, b v1alpha1.Level) v1alpha1.Level {
	switch {
	case !l.Has(b) && l.Has(a), l.Above(b, a):
		return a
	case !l.Has(b):
		return ""
	}
	return b
}

// higher of two levels; one that is unknown bounds nothing.
func (l Levels) higher(a, b v1alpha1.Level) v1alpha1.Level {
	switch {
	case !l.Has(b) && l.Has(a), l.Above(a, b):
		return a
	case !l.Has(b):
		return ""
	}
	return b
}

// between are the levels from the ceiling down to the floor. An unknown bound is none.
func (l Levels) between(floor, ceiling v1alpha1.Level) Levels {
	allowed := make(Levels, 0, len(l))
	for _, level := range l {
		if !l.Above(level, ceiling) && !l.Above(floor, level) {
			allowed = append(allowed, level)
		}
	}
	return allowed
}

// each makes a class aspect by aspect.
func each(standard *v1alpha1.SecurityStandard, level func(Aspect, Levels) v1alpha1.Level) v1alpha1.Classification {
	var class v1alpha1.Classification
	for _, aspect := range Aspects() {
		*aspect.in(&class) = level(aspect, aspect.Levels(standard))
	}
	return class
}

func lowest(standard *v1alpha1.SecurityStandard, a, b v1alpha1.Classification) v1alpha1.Classification {
	return each(standard, func(aspect Aspect, levels Levels) v1alpha1.Level { return levels.lower(aspect.Of(a), aspect.Of(b)) })
}

func highest(standard *v1alpha1.SecurityStandard, a, b v1alpha1.Classification) v1alpha1.Classification {
	return each(standard, func(aspect Aspect, levels Levels) v1alpha1.Level { return levels.higher(aspect.Of(a), aspect.Of(b)) })
}
