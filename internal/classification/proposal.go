package classification

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
)

// Placeholder stands in a proposal for a level that only a person can choose: that of a system without a class, and then of
// its assets.
const Placeholder v1alpha1.Level = "LEVEL"

// ceiling is the highest class that the asset may have: that of its system, and for a claim that of each workload that
// mounts it. It is empty in an aspect that nothing bounds.
func (q Question) ceiling() v1alpha1.Classification {
	ceiling := lowest(q.Standard, q.systemClass(), v1alpha1.Classification{})
	if !q.AsksForWorkloads() {
		return ceiling
	}
	for _, workload := range q.Workloads {
		ceiling = lowest(q.Standard, ceiling, workload.Class)
	}
	return ceiling
}

// floor is the lowest class that the asset may have: that of the claims that it mounts, as far as the ceiling lets it.
func (q Question) floor() v1alpha1.Classification {
	var floor v1alpha1.Classification
	for _, claim := range q.asked() {
		floor = highest(q.Standard, floor, claim.Class)
	}
	ceiling := q.ceiling()
	return each(q.Standard, func(aspect Aspect, levels Levels) v1alpha1.Level {
		if levels.Above(aspect.Of(floor), aspect.Of(ceiling)) {
			return aspect.Of(ceiling)
		}
		return aspect.Of(floor)
	})
}

// proposed is a class with which the asset would pass. It keeps what fits, brings what does not to the next level that does,
// and fills what is missing with the highest level that may be.
func (q Question) proposed() v1alpha1.Classification {
	return q.fit(q.Asset.Class, q.floor(), q.ceiling())
}

func (q Question) proposedTemplate(template Template) v1alpha1.Classification {
	return q.fit(template.Class, v1alpha1.Classification{}, lowest(q.Standard, q.systemClass(), q.proposed()))
}

// proposedClaim is a class for a mounted claim, where the asset gets the one proposed for it.
func (q Question) proposedClaim(claim Claim, asset v1alpha1.Classification) v1alpha1.Classification {
	ceiling := q.systemClass()
	if len(unknown(q.Standard, claim.Class)) > 0 {
		ceiling = lowest(q.Standard, ceiling, asset)
	}
	return q.fit(claim.Class, v1alpha1.Classification{}, ceiling)
}

// proposedSystem keeps the system's levels that the standard knows.
func (q Question) proposedSystem() v1alpha1.Classification {
	return q.fit(q.systemClass(), v1alpha1.Classification{}, v1alpha1.Classification{})
}

func (q Question) fit(class, floor, ceiling v1alpha1.Classification) v1alpha1.Classification {
	return each(q.Standard, func(aspect Aspect, levels Levels) v1alpha1.Level {
		level, low, high := aspect.Of(class), aspect.Of(floor), aspect.Of(ceiling)
		switch {
		case levels.Has(level) && levels.Above(level, high):
			return high
		case levels.Has(level) && levels.Above(low, level):
			return low
		case levels.Has(level):
			return level
		case levels.Has(high):
			return high
		case levels.Has(low):
			return low
		}
		return Placeholder
	})
}

// relabelled are the mounted claims to label, grouped by the class to give them.
type relabelled struct {
	class  v1alpha1.Classification
	claims []string
}

func (q Question) claimsToLabel() []relabelled {
	var groups []relabelled
	asset := q.proposed() // once: it looks at every claim itself
	for _, claim := range q.asked() {
		class := q.proposedClaim(claim, asset)
		if class == claim.Class {
			continue
		}
		at := slices.IndexFunc(groups, func(group relabelled) bool { return group.class == class })
		if at < 0 {
			at, groups = len(groups), append(groups, relabelled{class: class})
		}
		groups[at].claims = append(groups[at].claims, claim.Name)
	}
	return groups
}
