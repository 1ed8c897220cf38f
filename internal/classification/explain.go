package classification

import (
	"encoding/json"
	"fmt"
	"strings"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// Explain says what [Check] found, one line for each finding and a last one with what to do: the labels to write, and the
// commands to run. The language is the regulation's. It is empty where there are no findings.
func Explain(q Question, findings []Finding, organisation regulation.Organisation) []string {
	if len(findings) == 0 {
		return nil
	}
	s := speaker{q: q, organisation: organisation, p: message.In(organisation.Language())}
	lines := make([]string, 0, most+2)
	for _, finding := range findings[:min(most, len(findings))] {
		lines = append(lines, s.finding(finding))
	}
	if more := len(findings) - most; more > 0 {
		lines = append(lines, strings.TrimSpace(s.p.Say(message.AndMore, more)))
	}
	return append(lines, s.p.Say(message.AssetNext, strings.Join(s.steps(), s.p.Say(message.AssetThen))))
}

const (
	// most findings to say, and most steps. Where there are more, the next refusal says them.
	most = 8
	// mostClaims to label with one command.
	mostClaims = 16
)

// speaker writes about one question in one language.
type speaker struct {
	q            Question
	organisation regulation.Organisation
	p            message.Printer
}

func (s speaker) finding(f Finding) string {
	switch f.Reason {
	case StandardNotFound:
		return s.p.Say(message.AssetStandardNotFound, s.q.StandardName, s.standardMaker())
	case SystemNotFound:
		return s.p.Say(message.AssetSystemNotFound, s.q.Namespace, s.q.SystemName)
	case SystemUnclassified:
		return s.p.Say(message.AssetSystemUnclassified, s.system(), s.registrars())
	case SystemUnknownLevel:
		return s.p.Say(message.AssetSystemLevelUnknown, s.system(), s.registrars(), s.gaps(f.Gaps, message.AssetLevelOf),
			s.q.StandardName)
	case Unlabelled:
		return s.p.Say(message.AssetUnlabelled, f.Subject, s.missing(f.Gaps))
	case AboveSystem:
		return s.p.Say(message.AssetAboveSystem, f.Subject, s.system(), s.gaps(f.Gaps, message.AssetLevelTooHigh))
	case AboveWorkload:
		return s.p.Say(message.AssetAboveWorkload, f.Subject, s.p.List(f.Others), s.gaps(f.Gaps, message.AssetLevelTooHigh))
	case BelowClaim:
		return s.p.Say(message.AssetBelowClaim, f.Subject, s.p.List(f.Others), s.gaps(f.Gaps, message.AssetLevelTooLow))
	case ClaimsUnlabelled:
		return s.p.Say(message.AssetClaimsUnlabelled, f.Subject, s.p.List(f.Others))
	case ClaimAboveSystem:
	}
	return s.p.Say(message.AssetClaimAboveSystem, f.Subject, s.p.List(f.Others), s.system(),
		s.gaps(f.Gaps, message.AssetLevelTooHigh))
}

// standardMaker is 情報統括責任者, who makes the standard (article 27).
func (s speaker) standardMaker() string {
	var offices []regulation.Office
	if office := s.organisation.ChiefInformationOfficer(); office.Unit != "" {
		offices = append(offices, office)
	}
	return clearance.Offices(offices, v1alpha1.RoleChiefInformationOfficer, s.p)
}

// registrars are the offices that may class the system.
func (s speaker) registrars() string {
	return clearance.Offices(s.organisation.Registrars(s.q.System), v1alpha1.RoleManagingSectionHead, s.p)
}

func (s speaker) system() string { return clearance.SystemName(s.q.System, s.p) }

func (s speaker) aspect(aspect Aspect) string { return s.p.Say(message.ID(aspect)) }

func (s speaker) gaps(gaps []Gap, id message.ID) string {
	written := make([]string, 0, len(gaps))
	for _, gap := range gaps {
		if id == message.AssetLevelOf {
			written = append(written, s.p.Say(id, s.aspect(gap.Aspect), string(gap.Level)))
			continue
		}
		written = append(written, s.p.Say(id, s.aspect(gap.Aspect), string(gap.Level), string(gap.Bound)))
	}
	return s.p.List(written)
}

func (s speaker) missing(gaps []Gap) string {
	written := make([]string, 0, len(gaps))
	for _, gap := range gaps {
		if gap.Level == "" {
			written = append(written, s.p.Say(message.AssetLabelMissing, gap.Aspect.Label(), join(gap.Allowed)))
			continue
		}
		written = append(written, s.p.Say(message.AssetLabelUnknown, gap.Aspect.Label(), string(gap.Level), join(gap.Allowed)))
	}
	return s.p.List(written)
}

// steps put right what is wrong, in the order in which they pass: the system, the claims that exist, the asset.
func (s speaker) steps() []string {
	switch {
	case s.q.Standard == nil:
		return []string{"kubectl get securitystandards"}
	case s.q.System == nil:
		return []string{"kubectl get electronicsystems"}
	}
	var steps []string
	unclassed := len(unknown(s.q.Standard, s.q.systemClass())) > 0
	if unclassed {
		steps = append(steps, s.patchSystem())
	}
	for _, group := range s.q.claimsToLabel() {
		steps = append(steps, s.label("pvc", group.claims[:min(mostClaims, len(group.claims))], group.class))
	}
	if proposed := s.q.proposed(); proposed != s.q.Asset.Class {
		steps = append(steps, s.labelAsset(proposed))
	}
	for _, template := range s.q.Asset.Templates {
		if proposed := s.q.proposedTemplate(template); proposed != template.Class {
			steps = append(steps, s.labelTemplate(template, proposed))
		}
	}
	if len(steps) == 0 { // cannot happen: each finding has a step
		return []string{"kubectl get securitystandard " + s.q.StandardName + " -o yaml"}
	}
	if more := len(steps) - most; more > 0 {
		steps = steps[:most]
		steps[most-1] += s.p.Say(message.AndMore, more)
	}
	if unclassed {
		steps[len(steps)-1] += s.p.Say(message.AssetStepLevel, string(Placeholder), s.levels())
	}
	return steps
}

func (s speaker) patchSystem() string {
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"classification": s.q.proposedSystem()}})
	if err != nil { // cannot happen: strings can be encoded
		return err.Error()
	}
	return fmt.Sprintf("kubectl patch electronicsystem %s --type=merge -p '%s'", s.q.System.Name, patch)
}

func (s speaker) labelAsset(class v1alpha1.Classification) string {
	if s.q.Before == nil {
		return s.p.Say(message.AssetStepManifest, "metadata.labels", labels(class))
	}
	return s.label(strings.ToLower(s.q.Asset.Kind), []string{s.q.Asset.Name}, class)
}

func (s speaker) labelTemplate(template Template, class v1alpha1.Classification) string {
	field := template.Path + ".metadata.labels"
	if s.q.Before == nil || !s.q.Asset.templatesFrozen() {
		return s.p.Say(message.AssetStepManifest, field, labels(class))
	}
	remove := fmt.Sprintf("kubectl delete %s %s -n %s", strings.ToLower(s.q.Asset.Kind), s.q.Asset.Name, s.q.Namespace)
	if s.q.Asset.Kind == "StatefulSet" { // its Pods run on
		remove += " --cascade=orphan"
	}
	return s.p.Say(message.AssetStepRecreate, remove, field, labels(class))
}

func (s speaker) label(kind string, names []string, class v1alpha1.Classification) string {
	command := fmt.Sprintf("kubectl label %s %s -n %s", kind, strings.Join(names, " "), s.q.Namespace)
	for _, aspect := range Aspects() {
		command += " " + aspect.Label() + "=" + string(aspect.Of(class))
	}
	return command + " --overwrite"
}

// levels of each aspect, for whoever must choose.
func (s speaker) levels() string {
	written := make([]string, 0, len(Aspects()))
	for _, aspect := range Aspects() {
		written = append(written, s.p.Say(message.AssetLevelOf, s.aspect(aspect), join(aspect.Levels(s.q.Standard))))
	}
	return s.p.List(written)
}

// labels of a class as YAML on one line.
func labels(class v1alpha1.Classification) string {
	written := make([]string, 0, len(Aspects()))
	for _, aspect := range Aspects() {
		written = append(written, fmt.Sprintf("%s: %q", aspect.Label(), aspect.Of(class)))
	}
	return "{" + strings.Join(written, ", ") + "}"
}

func join(levels Levels) string {
	written := make([]string, 0, len(levels))
	for _, level := range levels {
		written = append(written, string(level))
	}
	return strings.Join(written, ", ")
}
