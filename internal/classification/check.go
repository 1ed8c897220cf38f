package classification

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
)

// Question is all that the verdict on an asset depends on.
type Question struct {
	// Namespace of the asset.
	Namespace string
	// StandardName is the name of the standard that the Regulation names (article 27).
	StandardName string
	// Standard of that name; nil if there is none.
	Standard *v1alpha1.SecurityStandard
	// SystemName is the name of the system that the namespace belongs to.
	SystemName string
	// System of that name; nil if the register has none.
	System *v1alpha1.ElectronicSystem
	// Asset as the request would leave it.
	Asset Asset
	// Before is the asset as it is; nil when it is created.
	Before *Asset
	// Claims that exist and that the asset mounts.
	Claims []Claim
	// Workloads that mount the asset, where it is a claim.
	Workloads []Asset
}

// Reason says what is wrong with an asset.
type Reason string

const (
	// StandardNotFound: the Regulation names a standard that does not exist (article 27).
	StandardNotFound Reason = "StandardNotFound"
	// SystemNotFound: the namespace's system is not in the register (article 4).
	SystemNotFound Reason = "SystemNotFound"
	// SystemUnclassified: the system has no class (article 26-2 (2)).
	SystemUnclassified Reason = v1alpha1.ReasonUnclassified
	// SystemUnknownLevel: the system has a level that the standard does not know (article 27).
	SystemUnknownLevel Reason = v1alpha1.ReasonUnknownLevel
	// Unlabelled: an asset, or a template, lacks a label or has a level that the standard does not know (article 26-2 (2)).
	Unlabelled Reason = "Unlabelled"
	// AboveSystem: an asset, or a template, is classed above its system (article 26-2 (2)).
	AboveSystem Reason = "AboveSystem"
	// AboveWorkload: a claim, or a template, is classed above the workload that mounts it (article 26-2 (2)).
	AboveWorkload Reason = "AboveWorkload"
	// BelowClaim: a workload is classed below a claim that it mounts (article 26-2 (2)).
	BelowClaim Reason = "BelowClaim"
	// ClaimsUnlabelled: a workload mounts claims that bear no class (article 26-2 (2)).
	ClaimsUnlabelled Reason = "ClaimsUnlabelled"
	// ClaimAboveSystem: a workload mounts a claim that is classed above the system (article 26-2 (2)).
	ClaimAboveSystem Reason = "ClaimAboveSystem"
)

// Finding is one thing that is wrong.
type Finding struct {
	Reason Reason
	// Subject that it is wrong with, for people: Deployment web.
	Subject string
	// Others are the objects that the subject is measured against: claims, or a workload.
	Others []string
	// Gaps are the aspects in which it is wrong.
	Gaps []Gap
}

// Gap is one aspect in which a class does not fit.
type Gap struct {
	Aspect Aspect
	// Level that there is; empty for none.
	Level v1alpha1.Level
	// Bound that it oversteps.
	Bound v1alpha1.Level
	// Allowed levels, where the level is unknown.
	Allowed Levels
}

// Check judges an asset. It returns everything that is wrong with it, what must be put right first before the rest.
func Check(q Question) []Finding {
	switch {
	case q.Standard == nil:
		return []Finding{{Reason: StandardNotFound}}
	case q.System == nil:
		return []Finding{{Reason: SystemNotFound}}
	}
	findings := q.checkSystem()
	findings = append(findings, q.checkClass(q.Asset.subject(), q.Asset.Class, q.floor(), q.ceiling())...)
	findings = append(findings, q.checkTemplates()...)
	findings = append(findings, q.checkClaims()...)
	return append(findings, q.checkWorkloads()...)
}

// checkSystem asks that the system itself is classed: it is what its assets are measured against.
func (q Question) checkSystem() []Finding {
	switch _, reason := OfSystem(q.System, q.Standard); reason {
	case v1alpha1.ReasonUnclassified:
		return []Finding{{Reason: SystemUnclassified}}
	case v1alpha1.ReasonUnknownLevel:
		return []Finding{{Reason: SystemUnknownLevel, Gaps: unknown(q.Standard, *q.System.Spec.Classification)}}
	}
	return nil
}

// checkClass asks for the three labels, with levels of the standard that are not above the system's.
func (q Question) checkClass(subject string, class, floor, ceiling v1alpha1.Classification) []Finding {
	var findings []Finding
	if gaps := unknown(q.Standard, class); len(gaps) > 0 {
		for i, gap := range gaps {
			gaps[i].Allowed = gap.Aspect.Levels(q.Standard).between(gap.Aspect.Of(floor), gap.Aspect.Of(ceiling))
		}
		findings = append(findings, Finding{Reason: Unlabelled, Subject: subject, Gaps: gaps})
	}
	if gaps := above(q.Standard, class, q.systemClass()); len(gaps) > 0 {
		findings = append(findings, Finding{Reason: AboveSystem, Subject: subject, Gaps: gaps})
	}
	return findings
}

// checkTemplates asks of each template what is asked of a claim.
func (q Question) checkTemplates() []Finding {
	var findings []Finding
	for _, template := range q.Asset.Templates {
		subject := q.Asset.templateSubject(template)
		findings = append(findings, q.checkClass(subject, template.Class, v1alpha1.Classification{}, q.proposed())...)
		if gaps := above(q.Standard, template.Class, q.Asset.Class); len(gaps) > 0 {
			findings = append(findings,
				Finding{Reason: AboveWorkload, Subject: subject, Others: []string{q.Asset.subject()}, Gaps: gaps})
		}
	}
	return findings
}

// checkClaims asks that a workload is not classed below the claims that it mounts.
func (q Question) checkClaims() []Finding {
	var unlabelled []string
	var findings []Finding
	for _, claim := range q.asked() {
		if len(unknown(q.Standard, claim.Class)) > 0 {
			unlabelled = append(unlabelled, claim.Name)
			continue
		}
		if gaps := above(q.Standard, claim.Class, q.systemClass()); len(gaps) > 0 {
			findings = append(findings,
				Finding{Reason: ClaimAboveSystem, Subject: q.Asset.subject(), Others: []string{claim.Name}, Gaps: gaps})
			continue
		}
		if gaps := below(q.Standard, q.Asset.Class, claim.Class); len(gaps) > 0 {
			findings = append(findings,
				Finding{Reason: BelowClaim, Subject: q.Asset.subject(), Others: []string{claim.Name}, Gaps: gaps})
		}
	}
	if len(unlabelled) > 0 {
		findings = append(findings, Finding{Reason: ClaimsUnlabelled, Subject: q.Asset.subject(), Others: unlabelled})
	}
	return findings
}

// checkWorkloads asks that a claim is not classed above the workloads that mount it. A workload without a class bounds
// nothing: it is asked for its class when it changes.
func (q Question) checkWorkloads() []Finding {
	var findings []Finding
	if !q.AsksForWorkloads() {
		return nil
	}
	for _, workload := range q.Workloads {
		if gaps := above(q.Standard, q.Asset.Class, workload.Class); len(gaps) > 0 {
			findings = append(findings,
				Finding{Reason: AboveWorkload, Subject: q.Asset.subject(), Others: []string{workload.subject()}, Gaps: gaps})
		}
	}
	return findings
}

// AsksForWorkloads says whether the verdict depends on the workloads that mount the asset: it is a claim, and its class is
// new or raised.
func (q Question) AsksForWorkloads() bool {
	return q.Standard != nil && q.Asset.Kind == KindClaim &&
		(q.Before == nil || !atMost(q.Standard, q.Asset.Class, q.Before.Class))
}

// asked are the mounted claims that the workload must account for: all of them, unless it mounted them before and its class
// was not lowered. What was let pass once, for example by mode Warn, must not stand in the way of putting it right.
func (q Question) asked() []Claim {
	return slices.DeleteFunc(slices.Clone(q.Claims), func(claim Claim) bool {
		return q.Before != nil && q.Before.Mounts(claim.Name) && atMost(q.Standard, q.Before.Class, q.Asset.Class)
	})
}

// systemClass is the system's class; empty where it has none.
func (q Question) systemClass() v1alpha1.Classification {
	if q.System.Spec.Classification == nil {
		return v1alpha1.Classification{}
	}
	return *q.System.Spec.Classification
}

// unknown are the aspects in which a class has no level of the standard.
func unknown(standard *v1alpha1.SecurityStandard, class v1alpha1.Classification) []Gap {
	return gaps(standard, class, v1alpha1.Classification{}, func(levels Levels, level, _ v1alpha1.Level) bool {
		return !levels.Has(level)
	})
}

// above are the aspects in which a class is above another.
func above(standard *v1alpha1.SecurityStandard, class, bound v1alpha1.Classification) []Gap {
	return gaps(standard, class, bound, Levels.Above)
}

// below are the aspects in which a class is below another.
func below(standard *v1alpha1.SecurityStandard, class, bound v1alpha1.Classification) []Gap {
	return gaps(standard, class, bound, func(levels Levels, level, bound v1alpha1.Level) bool {
		return levels.Above(bound, level)
	})
}

// atMost says whether a class is known to be above another in no aspect.
func atMost(standard *v1alpha1.SecurityStandard, class, bound v1alpha1.Classification) bool {
	return len(gaps(standard, class, bound, func(levels Levels, level, bound v1alpha1.Level) bool {
		order, known := levels.Compare(level, bound)
		return !known || order > 0
	})) == 0
}

func gaps(standard *v1alpha1.SecurityStandard, class, bound v1alpha1.Classification,
	gapes func(levels Levels, level, bound v1alpha1.Level) bool,
) []Gap {
	var found []Gap
	for _, aspect := range Aspects() {
		if gapes(aspect.Levels(standard), aspect.Of(class), aspect.Of(bound)) {
			found = append(found, Gap{Aspect: aspect, Level: aspect.Of(class), Bound: aspect.Of(bound)})
		}
	}
	return found
}
