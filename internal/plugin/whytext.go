package plugin

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
)

// ExplanationList is what "-o json" writes where several objects were named.
type ExplanationList struct {
	Items []Explanation `json:"items"`
}

func (o *options) tellWhy(explanations []Explanation, output string, p message.Printer) error {
	switch {
	case output != "" && len(explanations) == 1:
		return encode(o.Out, output, explanations[0])
	case output != "":
		return encode(o.Out, output, ExplanationList{Items: explanations})
	}
	for i, e := range explanations {
		if i > 0 {
			fmt.Fprintln(o.Out)
		}
		writeExplanation(o.Out, e, p)
	}
	return nil
}

var headlines = map[Answer]message.ID{
	AnswerNotGoverned:  message.PluginAnswerNotGoverned,
	AnswerAllowed:      message.PluginAnswerAllowed,
	AnswerHeld:         message.PluginAnswerHeld,
	AnswerRefused:      message.PluginAnswerRefused,
	AnswerHeldByOthers: message.PluginAnswerHeldByOthers,
	AnswerNotHeld:      message.PluginAnswerNotHeld,
}

// writeExplanation writes an explanation for a person.
func writeExplanation(out io.Writer, e Explanation, p message.Printer) {
	about := p.Say(message.PluginNamespace, e.Namespace)
	if e.Object != nil {
		about = p.Say(message.PluginObjectIn, e.Object.Kind, e.Object.Name, e.Namespace)
	}
	fmt.Fprintln(out, p.Say(headlines[e.Answer], about))

	var r rows
	r.add(p.Say(message.PluginWhy), e.Message)
	if e.Article != "" {
		r.add(p.Say(message.PluginArticle), p.Say(message.PluginArticleNo, e.Article))
	}
	r.addAll(p.Say(message.PluginWho), actorTexts(e.MustAct, p))
	r.add(p.Say(message.PluginNext), e.Next)
	r.addAll(p.Say(message.PluginUncovered), e.UncoveredImages)
	r.addAll(p.Say(message.PluginWaiting), waitingTexts(e.Waiting, p))
	if s := e.Recorded; s != nil {
		r.add(p.Say(message.PluginClearance), standingText(*s, p))
		r.add(p.Say(message.PluginFieldSystem), s.System)
		r.add(p.Say(message.PluginApprovals), p.List(s.Approvals))
		r.addAll(p.Say(message.PluginImages), s.Images)
		r.add(p.Say(message.PluginUntil), s.Until)
	}
	if c := e.Pods; c != nil && c.All > 0 {
		r.add(p.Say(message.PluginPods), p.Say(message.PluginPodCount, c.All, c.Held, c.HeldByOthers))
	}
	notes := slices.Clone(e.Notes)
	r.addAll(p.Say(message.PluginNote), slices.DeleteFunc(notes, func(note string) bool { return note == "" }))
	r.write(out)
}

// actorTexts write offices with those who hold them, an office a line.
func actorTexts(actors []Actor, p message.Printer) []string {
	var texts []string
	for _, actor := range actors {
		text := roleText(actor.Role, p)
		if len(actor.Subjects) == 0 {
			text = p.Say(message.OfficeNot, text)
		}
		if actor.Title != "" {
			text = p.Say(message.OfficeOf, text, actor.Title)
		}
		if names := subjectTexts(actor.Subjects); len(names) > 0 {
			text += ": " + p.List(names)
		}
		texts = append(texts, text)
	}
	return texts
}

func roleText(role v1alpha1.OfficeRole, p message.Printer) string { return p.Say(message.ID(role)) }

func subjectTexts(subjects []v1alpha1.Subject) []string {
	var names []string
	for _, subject := range subjects {
		name := subject.Name
		if subject.Namespace != "" {
			name = subject.Namespace + "/" + name
		}
		names = append(names, fmt.Sprintf("%s %s", subject.Kind, name))
	}
	return names
}

func waitingTexts(applications []Application, p message.Printer) []string {
	var texts []string
	for _, a := range applications {
		kind := typeText(a.Type, p)
		switch a.State {
		case clearance.StatePending:
			texts = append(texts, p.Say(message.PluginWaitingFor, a.Name, a.Title, kind, clearance.Deciders(a.offices, a.Type, p)))
		case clearance.StateNotSubmitted:
			texts = append(texts, p.Say(message.PluginWaitingDraft, a.Name, a.Title, kind, clearance.Applicants(a.offices, a.Type, p)))
		default:
			texts = append(texts, p.Say(message.PluginWaitingUntil, a.Name, a.Title, kind, a.NotBefore.Format("2006-01-02 15:04 MST")))
		}
	}
	return texts
}

func typeText(change v1alpha1.ChangeType, p message.Printer) string {
	return p.Say(message.ID("PluginType" + change))
}

// standingText writes a clearance with its reason and mode.
func standingText(s Standing, p message.Printer) string {
	if s.Clearance == "" {
		return p.Say(message.PluginUnseenWord)
	}
	if s.Mode == "" {
		return p.Say(message.PluginClearanceIs, string(s.Clearance), cmp.Or(string(s.Reason), "-"))
	}
	return p.Say(message.PluginClearanceMode, string(s.Clearance), string(s.Reason), strings.TrimSpace(string(s.Mode)))
}
