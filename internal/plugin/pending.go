package plugin

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	authenticationv1 "k8s.io/api/authentication/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/paging"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

func newPendingCommand(o *options) *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use:     "pending",
		Example: "  kubectl kitei pending\n  kubectl kitei pending --all",
		RunE: func(command *cobra.Command, _ []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			c, err := o.connect()
			if err != nil {
				return err
			}
			return o.pending(command.Context(), c, all, p)
		},
	}
	command.Flags().BoolVar(&all, "all", false, "")
	return command
}

func (o *options) pending(ctx context.Context, c *connection, all bool, p message.Printer) error {
	identity, err := c.whoAmI(ctx)
	if err != nil {
		return err
	}
	tasks, organisation, err := c.tasks(ctx)
	if err != nil {
		return err
	}
	if organisation.Regulation == nil {
		fmt.Fprintln(o.Out, p.Say(message.NoRegulation))
		return nil
	}
	byOffice := map[string][]task{}
	for _, t := range tasks {
		if all || t.of(identity) {
			office := clearance.Offices(t.offices, t.missing, p)
			byOffice[office] = append(byOffice[office], t)
		}
	}
	if len(byOffice) == 0 {
		fmt.Fprintln(o.Out, p.Say(message.PluginNothingPending, identity.Username))
		return nil
	}
	offices := make([]string, 0, len(byOffice))
	for office := range byOffice {
		offices = append(offices, office)
	}
	slices.Sort(offices)
	for _, office := range offices {
		fmt.Fprintln(o.Out, office)
		for _, t := range byOffice[office] {
			var r rows
			r.add(p.Say(t.what), t.name)
			r.add("", t.title)
			r.add(p.Say(message.PluginNext), t.next)
			r.write(o.Out)
		}
	}
	return nil
}

// whoAmI asks the API server who the reader is.
func (c *connection) whoAmI(ctx context.Context) (regulation.Identity, error) {
	review := &authenticationv1.SelfSubjectReview{}
	if err := c.Create(ctx, review); err != nil {
		return regulation.Identity{}, fmt.Errorf("ask the API server who I am: %w", err)
	}
	return regulation.Identity{Username: review.Status.UserInfo.Username, Groups: review.Status.UserInfo.Groups}, nil
}

// tasks are all steps that wait for somebody, as the register has them now.
func (c *connection) tasks(ctx context.Context) ([]task, regulation.Organisation, error) {
	organisation, err := register.Organisation(ctx, c, c.now)
	if err != nil {
		return nil, organisation, err
	}
	systems := map[string]*v1alpha1.ElectronicSystem{}
	err = paging.Each(ctx, c, &v1alpha1.ElectronicSystemList{}, func(system *v1alpha1.ElectronicSystem) error {
		systems[system.Name] = system
		return nil
	})
	if err != nil {
		return nil, organisation, err
	}
	var meetings []v1alpha1.CommitteeMeeting
	err = paging.Each(ctx, c, &v1alpha1.CommitteeMeetingList{}, func(meeting *v1alpha1.CommitteeMeeting) error {
		meetings = append(meetings, *meeting)
		return nil
	})
	if err != nil {
		return nil, organisation, err
	}
	var consents []v1alpha1.DataUseConsent
	err = paging.Each(ctx, c, &v1alpha1.DataUseConsentList{}, func(consent *v1alpha1.DataUseConsent) error {
		consents = append(consents, *consent)
		return nil
	})
	if err != nil {
		return nil, organisation, err
	}
	committees := c.committees(ctx)
	var tasks []task
	err = paging.Each(ctx, c, &v1alpha1.ChangeApprovalList{}, func(application *v1alpha1.ChangeApproval) error {
		if system := systems[application.Spec.SystemRef.Name]; system != nil {
			tasks = append(tasks, tasksOf(paperOf(application, consents, meetings), system, organisation, committees)...)
		}
		return nil
	})
	if err != nil {
		return nil, organisation, err
	}
	for i := range meetings {
		if meetings[i].Status.State == "" {
			tasks = append(tasks, meetingTask(&meetings[i], organisation))
		}
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return cmp.Or(cmp.Compare(a.what, b.what), cmp.Compare(a.name, b.name)) })
	return tasks, organisation, nil
}

// paperOf picks an application's papers out of all.
func paperOf(application *v1alpha1.ChangeApproval, consents []v1alpha1.DataUseConsent, meetings []v1alpha1.CommitteeMeeting,
) procedure.Case {
	papers := procedure.Case{Application: application}
	for i := range consents {
		if consents[i].Spec.ApplicationRef.Name == application.Name {
			papers.Consents = append(papers.Consents, consents[i])
		}
	}
	for i := range meetings {
		if slices.Contains(register.Agenda(&meetings[i]), application.Name) {
			papers.Meetings = append(papers.Meetings, meetings[i])
		}
	}
	return papers
}
