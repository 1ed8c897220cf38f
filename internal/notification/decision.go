package notification

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// decisionData is the data of a CloudEvent on a decision.
type decisionData struct {
	Application      string              `json:"application"`
	UID              string              `json:"uid"`
	Generation       int64               `json:"generation"`
	ElectronicSystem string              `json:"electronicSystem"`
	Type             v1alpha1.ChangeType `json:"type"`
	Decision         v1alpha1.Decision   `json:"decision"`
	DecidedAs        v1alpha1.OfficeRole `json:"decidedAs"`
	DecidedAt        string              `json:"decidedAt"`
	Article          string              `json:"article"`
}

// OfDecision is the notice of one decision on an application, in the regulation's language. The system is nil where the
// register lacks it.
func OfDecision(application *v1alpha1.ChangeApproval, system *v1alpha1.ElectronicSystem, decision v1alpha1.PastDecision,
	organisation regulation.Organisation,
) Notice {
	p := message.In(organisation.Language())
	name, decider := application.Spec.SystemRef.Name, p.Say(message.ID(decision.As))
	if system != nil {
		name = clearance.SystemName(system, p)
		for _, office := range organisation.Deciders(system, application.Spec.Type) {
			if office.Role == decision.As {
				decider = p.Say(message.OfficeOf, decider, office.Title)
			}
		}
	}
	result := p.Say(message.ID("Notice" + decision.Decision))
	article, cited := "12-5", message.NoticeArticle12
	if application.Spec.Type == v1alpha1.ChangeMinor {
		article, cited = "13-2", message.NoticeArticle13
	}
	return Notice{
		ID:    fmt.Sprintf("%s.%d.%s", application.UID, decision.Generation, strings.ToLower(string(decision.Decision))),
		Title: p.Say(message.NoticeTitle, result, application.Spec.Title, application.Name),
		Lines: decisionLines(application, decision, organisation, p.Say(cited), result, name, decider),
		About: corev1.ObjectReference{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: "ChangeApproval", Name: application.Name, UID: application.UID,
		},
		Reason: string(decision.Decision),
		Type:   "dev.kitei.changeapproval." + strings.ToLower(string(decision.Decision)) + ".v1",
		At:     decision.At.Time,
		Data: decisionData{
			Application: application.Name, UID: string(application.UID), Generation: decision.Generation,
			ElectronicSystem: application.Spec.SystemRef.Name, Type: application.Spec.Type, Decision: decision.Decision,
			DecidedAs: decision.As, DecidedAt: decision.At.UTC().Format(time.RFC3339), Article: article,
		},
	}
}

func decisionLines(application *v1alpha1.ChangeApproval, decision v1alpha1.PastDecision, organisation regulation.Organisation,
	cited, result, system, decider string,
) []string {
	p := message.In(organisation.Language())
	field := func(label message.ID, value string) string { return p.Say(message.NoticeField, p.Say(label), value) }
	reason := decision.Reason
	if reason == "" {
		reason = p.Say(message.NoticeNoReason)
	}
	lines := []string{
		cited, "",
		field(message.NoticeResult, result),
		field(message.NoticeName, application.Name),
		field(message.NoticeSubject, application.Spec.Title),
		field(message.NoticeType, p.Say(message.ID("PluginType"+application.Spec.Type))),
		field(message.NoticeSystem, system),
		field(message.NoticeDecider, decider),
		field(message.NoticeAt, clearance.Moment(decision.At.Time, organisation)),
		field(message.NoticeReason, reason),
	}
	if scope := &application.Spec.Scope; decision.Decision == v1alpha1.DecisionApproved {
		if scope.NotBefore != nil {
			lines = append(lines, field(message.NoticeFrom, clearance.Moment(scope.NotBefore.Time, organisation)))
		}
		if scope.NotAfter != nil {
			lines = append(lines, field(message.NoticeUntil, clearance.Moment(scope.NotAfter.Time, organisation)))
		}
	}
	return append(lines, "", p.Say(message.ID("NoticeNext"+decision.Decision), application.Name), "", p.Say(message.NoticeAutomatic))
}
