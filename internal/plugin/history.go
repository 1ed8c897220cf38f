package plugin

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
)

func newHistoryCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:     "history SYSTEM",
		Example: "  kubectl kitei history tax",
		RunE: func(command *cobra.Command, names []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if len(names) != 1 {
				return usage(p.Say(message.PluginNoName, "history"))
			}
			c, err := o.connect()
			if err != nil {
				return err
			}
			return c.history(command.Context(), names[0], o.Out, p)
		},
	}
}

// occurrence is one thing that happened to a system.
type occurrence struct {
	at           time.Time
	application  string
	what, by, as string
	note         string
}

// history writes what was applied for and decided of a system, the oldest first. Names and offices are those of the time.
func (c *connection) history(ctx context.Context, name string, out io.Writer, p message.Printer) error {
	var system v1alpha1.ElectronicSystem
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &system); err != nil {
		return fmt.Errorf("get electronicsystem %s: %w", name, err)
	}
	organisation, err := register.Organisation(ctx, c, c.now)
	if err != nil {
		return err
	}
	cases, err := c.source(ctx).Cases(ctx, c, name)
	if err != nil {
		return err
	}
	var all []occurrence
	for _, papers := range cases {
		all = append(all, occurrences(papers, p)...)
	}
	slices.SortStableFunc(all, func(a, b occurrence) int { return a.at.Compare(b.at) })
	fmt.Fprintln(out, clearance.SystemName(&system, p))
	if len(all) == 0 {
		fmt.Fprintln(out, "  "+p.Say(message.PluginNoHistory))
		return nil
	}
	var r rows
	for _, o := range all {
		text := o.application + "  " + o.what
		if o.by != "" {
			text += "  " + p.Say(message.PluginHolder, o.by, o.as)
		}
		if o.note != "" {
			text += "  " + o.note
		}
		r.add(clearance.Moment(o.at, organisation), text)
	}
	r.write(out)
	return nil
}

func occurrences(papers procedure.Case, p message.Printer) []occurrence {
	application := papers.Application
	var all []occurrence
	office := func(role v1alpha1.OfficeRole) string { return p.Say(message.ID(role)) }
	if by := application.Spec.Submission; by != nil {
		all = append(all, occurrence{at: by.At.Time, application: application.Name, what: p.Say(message.PluginWasSubmitted),
			by: by.By, as: office(by.As), note: application.Spec.Title})
	}
	for i := range papers.Consents {
		consent := &papers.Consents[i]
		if status := &consent.Status; status.DecidedAt != nil && consent.Spec.ApplicationUID == string(application.UID) {
			all = append(all, occurrence{at: status.DecidedAt.Time, application: application.Name,
				what: p.Say(message.PluginConsentWas, consent.Spec.Use.Name, string(status.Decision)),
				by:   status.DecidedBy, as: office(status.DecidedAs), note: status.DecisionReason})
		}
	}
	for i := range papers.Meetings {
		meeting := &papers.Meetings[i]
		if outcome := procedure.OutcomeOf(meeting, application.Name); outcome != "" && procedure.Binding(meeting) {
			all = append(all, occurrence{at: meeting.Status.ConfirmedAt.Time, application: application.Name,
				what: p.Say(message.PluginMeetingWas, meeting.Name, p.Say(message.OutcomeID(outcome))),
				by:   meeting.Status.ConfirmedBy, as: office(v1alpha1.RoleChiefInformationOfficer)})
		}
	}
	for _, past := range application.Status.PastDecisions {
		all = append(all, occurrence{at: past.At.Time, application: application.Name, what: string(past.Decision), by: past.By,
			as: office(past.As), note: past.Reason})
	}
	if status := &application.Status; status.DecidedAt != nil {
		all = append(all, occurrence{at: status.DecidedAt.Time, application: application.Name, what: string(status.Decision),
			by: status.DecidedBy, as: office(status.DecidedAs), note: status.DecisionReason})
	}
	return all
}
