package plugin

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
)

func newReviewCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:     "review NAME",
		Example: "  kubectl kitei review r9-tax",
		RunE: func(command *cobra.Command, names []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if len(names) != 1 {
				return usage(p.Say(message.PluginNoName, "review"))
			}
			c, err := o.connect()
			if err != nil {
				return err
			}
			return c.review(command.Context(), names[0], o.Out, p)
		},
	}
}

// review writes what an application changes against what its system is approved for, and what it still waits for.
func (c *connection) review(ctx context.Context, name string, out io.Writer, p message.Printer) error {
	var application v1alpha1.ChangeApproval
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &application); err != nil {
		return fmt.Errorf("get changeapproval %s: %w", name, err)
	}
	organisation, err := register.Organisation(ctx, c, c.now)
	if err != nil {
		return err
	}
	var system v1alpha1.ElectronicSystem
	if err := c.Get(ctx, client.ObjectKey{Name: application.Spec.SystemRef.Name}, &system); err != nil {
		return fmt.Errorf("get electronicsystem %s: %w", application.Spec.SystemRef.Name, err)
	}
	cases, err := c.source(ctx).Cases(ctx, c, system.Name)
	if err != nil {
		return err
	}
	widening := clearance.Widens(&application, organisation, &system, cases)
	standing := clearance.System(organisation, &system, cases)

	fmt.Fprintf(out, "%s  %s\n", application.Name, application.Spec.Title)
	var r rows
	r.add(p.Say(message.PluginFieldSystem), clearance.SystemName(&system, p))
	r.add(p.Say(message.PluginType), typeText(application.Spec.Type, p))
	if by := application.Spec.Submission; by != nil {
		r.add(p.Say(message.PluginYear), by.FiscalYear)
		r.add(p.Say(message.PluginSubmittedBy), p.Say(message.PluginHolder, by.By, p.Say(message.ID(by.As))))
	}
	if urgency := application.Spec.Urgency; urgency != nil {
		r.add(p.Say(message.PluginUrgency), urgency.Reason)
	}
	r.addAll(p.Say(message.PluginApprovals), standing.ApprovalNames())
	r.addAll(p.Say(message.PluginImages), imageChanges(&application, standing, widening, p))
	r.addAll(p.Say(message.PluginNamespaces), marked(application.Spec.Scope.Namespaces, widening.Namespaces, p))
	r.addAll(p.Say(message.PluginData), marked(categoryNames(application.Spec.Scope.DataCategories), widening.DataCategories, p))
	r.add(p.Say(message.PluginClass), classChange(&application, &system))
	papers := procedure.Case{Application: &application}
	for i := range cases {
		if cases[i].Application.Name == name {
			papers = cases[i]
		}
	}
	for _, waits := range tasksOf(papers, &system, organisation, c.committees(ctx)) {
		r.add(p.Say(message.PluginWaitsFor), waits.text(p))
	}
	r.write(out)
	return nil
}

// imageChanges marks the patterns of an application: those that are approved already, those that widen an approved
// repository, and those of a repository that is not approved.
func imageChanges(application *v1alpha1.ChangeApproval, standing clearance.SystemVerdict, widening clearance.Widening, p message.Printer,
) []string {
	if len(application.Spec.Scope.Images) == 0 {
		return imageTexts(nil, p)
	}
	approved := map[string]bool{}
	for _, source := range standing.Images.Sources() {
		approved[string(source)] = true
	}
	unknown := map[string]bool{}
	for _, source := range widening.Images {
		unknown[source] = true
	}
	texts := make([]string, 0, len(application.Spec.Scope.Images))
	for _, source := range application.Spec.Scope.Images {
		mark := message.PluginImageAdded
		switch {
		case standing.AnyImage, approved[string(source)]:
			mark = message.PluginImageKept
		case unknown[string(source)]:
			mark = message.PluginImageNew
		}
		texts = append(texts, p.Say(mark, string(source)))
	}
	if _, err := image.ParseAll(application.Spec.Scope.Images); err != nil {
		texts = append(texts, err.Error())
	}
	return texts
}

// marked marks the names that are new.
func marked(names, added []string, p message.Printer) []string {
	fresh := map[string]bool{}
	for _, name := range added {
		fresh[name] = true
	}
	texts := make([]string, 0, len(names))
	for _, name := range names {
		if fresh[name] {
			name = p.Say(message.PluginAdded, name)
		}
		texts = append(texts, name)
	}
	return texts
}

func categoryNames(categories []v1alpha1.DataCategory) []string {
	names := make([]string, 0, len(categories))
	for _, category := range categories {
		names = append(names, string(category))
	}
	return names
}

// classChange writes the class that an application sets beside the one that its system has.
func classChange(application *v1alpha1.ChangeApproval, system *v1alpha1.ElectronicSystem) string {
	class := func(c *v1alpha1.Classification) string {
		if c == nil {
			return "-"
		}
		return fmt.Sprintf("%s/%s/%s", c.Confidentiality, c.Integrity, c.Availability)
	}
	wanted := application.Spec.Scope.Classification
	switch before, after := class(system.Spec.Classification), class(wanted); {
	case wanted == nil:
		return ""
	case before == after:
		return after
	default:
		return before + " → " + after
	}
}
