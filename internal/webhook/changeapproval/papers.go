package changeapproval

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
)

// loadPapers reads what a submission or a decision rests on beside the application itself. Other writes rest on nothing.
func loadPapers(ctx context.Context, live client.Reader, w *write) error {
	switch {
	case w.decides():
		return loadForDecision(ctx, live, w)
	case w.submits() && w.system != nil && (w.object.Spec.Type == v1alpha1.ChangeMinor || w.object.Spec.AnswersRef != nil):
		return loadCases(ctx, live, w)
	}
	return nil
}

func loadForDecision(ctx context.Context, live client.Reader, w *write) error {
	var err error
	if w.papers, err = register.Live(w.key).Case(ctx, live, w.old); err != nil || w.system == nil {
		return err
	}
	switch spec := &w.old.Spec; {
	case spec.Type == v1alpha1.ChangeMinor:
		return loadCases(ctx, live, w)
	case w.object.Status.Decision == v1alpha1.DecisionApproved && spec.Urgency != nil:
		return loadDebts(ctx, live, w, procedure.Committee(w.organisation, spec.Type))
	}
	return nil
}

func loadCases(ctx context.Context, live client.Reader, w *write) error {
	var err error
	w.cases, err = register.Live(w.key).Cases(ctx, live, w.system.Name)
	return err
}

// loadDebts finds the approvals of every system of the section that wait for their ratification.
func loadDebts(ctx context.Context, live client.Reader, w *write, committee string) error {
	section, _ := w.organisation.ManagingSection(w.system)
	if section == nil {
		return nil
	}
	systems, err := register.LiveSystems(ctx, live, w.organisation, section.Name)
	if err != nil {
		return fmt.Errorf("look for open ratifications: %w", err)
	}
	for _, system := range systems {
		applications, err := register.Applications(ctx, live, system)
		if err != nil {
			return err
		}
		for i := range applications {
			if applications[i].Status.RatifyBy == nil || applications[i].Name == w.old.Name {
				continue
			}
			papers, err := register.Live(w.key).Case(ctx, live, &applications[i])
			if err != nil {
				return err
			}
			if papers.Debt(committee) {
				w.debts = append(w.debts, applications[i].Name)
			}
		}
	}
	slices.Sort(w.debts)
	return nil
}
