package plugin

import (
	"slices"
	"strings"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// Application is one that waits, and would cover images that nothing covers yet.
type Application struct {
	Name  string                  `json:"name"`
	Title string                  `json:"title"`
	Type  v1alpha1.ChangeType     `json:"type"`
	State clearance.ApprovalState `json:"state"`
	// Covers says which of the uncovered images it would cover.
	Covers []string `json:"covers"`
	// MustAct are the offices that it waits for.
	MustAct []Actor `json:"mustAct,omitempty"`
	// NotBefore is when it takes effect, where that is what it waits for.
	NotBefore *time.Time `json:"notBefore,omitempty"`

	offices []regulation.Office
}

// explainImages answers for images of which the approvals in effect cover some.
func explainImages(e *Explanation, at place, uncovered []string, p message.Printer) {
	if len(uncovered) == 0 {
		explainStanding(e, at, p)
		return
	}
	e.Answer, e.Reason, e.UncoveredImages = AnswerRefused, v1alpha1.ReasonImageNotCovered, uncovered
	e.Article = article(e.Reason)
	for _, reference := range uncovered {
		if short(reference) {
			e.Notes = append(e.Notes, p.Say(message.PluginShortImage, reference))
		}
	}
	if at.register == nil || at.register.system() == nil {
		_, e.Next = splitNext(at.enforced().Message)
		e.Message = p.Say(message.PluginNotCoveredRecord, p.List(uncovered))
		return
	}
	e.Waiting = waiting(at.register, uncovered)
	explainWaiting(e, at.register, p)
}

// explainWaiting says whom uncovered images wait for: for the decision of an application that covers all of them, if there
// is one, or else for an application.
func explainWaiting(e *Explanation, v *view, p message.Printer) {
	images := p.List(e.UncoveredImages)
	for _, application := range e.Waiting {
		if len(application.Covers) < len(e.UncoveredImages) {
			continue
		}
		e.MustAct = application.MustAct
		switch name := application.Name; application.State {
		case clearance.StatePending:
			e.Message = p.Say(message.PluginNotCoveredPending, images, name, clearance.Deciders(application.offices, application.Type, p))
			e.Next = "kubectl kitei approve " + name + " -m " + p.Say(message.PluginReasonWord)
		case clearance.StateNotSubmitted:
			e.Message = p.Say(message.PluginNotCoveredDraft, images, name, clearance.Applicants(application.offices, application.Type, p))
			e.Next = "kubectl patch changeapproval " + name + ` --type=merge -p '{"spec":{"stage":"Submitted"}}'`
		default:
			e.Message = p.Say(message.PluginNotCoveredLater, images, name, moment(*application.NotBefore, v))
			e.Next = "kubectl describe changeapproval " + name
		}
		return
	}
	applicants := v.organisation().Applicants(v.system(), v1alpha1.ChangeModification)
	e.MustAct = actors(applicants)
	e.Message = p.Say(message.PluginNotCovered, images, clearance.Applicants(applicants, v1alpha1.ChangeModification, p))
	e.Next = "kubectl explain changeapproval.spec"
}

// waiting are the applications for the system that would cover one of the images, those that need the least first.
func waiting(v *view, uncovered []string) []Application {
	rank := []clearance.ApprovalState{clearance.StateNotYetInEffect, clearance.StatePending, clearance.StateNotSubmitted}
	var list []Application
	for _, papers := range v.input.Cases {
		application := papers.Application
		state := clearance.Approval(papers, v.organisation())
		if application.Spec.SystemRef.Name != v.system().Name || !slices.Contains(rank, state) {
			continue
		}
		covers := coveredBy(application.Spec.Scope.Images, uncovered)
		if len(covers) == 0 {
			continue
		}
		item := Application{Name: application.Name, Title: application.Spec.Title, Type: application.Spec.Type, State: state,
			Covers: covers}
		switch state {
		case clearance.StatePending:
			item.offices = v.organisation().Deciders(v.system(), application.Spec.Type)
		case clearance.StateNotSubmitted:
			item.offices = v.organisation().Applicants(v.system(), application.Spec.Type)
		default:
			item.NotBefore = &application.Spec.Scope.NotBefore.Time
		}
		item.MustAct = actors(item.offices)
		list = append(list, item)
	}
	slices.SortStableFunc(list, func(a, b Application) int {
		if more := len(b.Covers) - len(a.Covers); more != 0 {
			return more
		}
		return slices.Index(rank, a.State) - slices.Index(rank, b.State)
	})
	return list
}

// coveredBy are the references that the patterns cover; without a pattern, all.
func coveredBy(sources []v1alpha1.ImagePattern, references []string) []string {
	if len(sources) == 0 {
		return references
	}
	patterns, err := image.ParseAll(sources)
	if err != nil {
		return nil
	}
	var covered []string
	for _, reference := range references {
		if patterns.Covers(reference) {
			covered = append(covered, reference)
		}
	}
	return covered
}

// short says whether a reference leaves its registry out, so that no pattern can cover it.
func short(reference string) bool {
	name, _, _ := strings.Cut(reference, "@")
	_, err := image.ParseAll([]v1alpha1.ImagePattern{v1alpha1.ImagePattern(name)})
	return name != "" && err != nil
}

// moment writes a time for people, in the regulation's time zone.
func moment(at time.Time, v *view) string {
	return clearance.Moment(at, v.organisation())
}
