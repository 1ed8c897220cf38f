package plugin

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
)

func newMeetingCommand(o *options) *cobra.Command {
	command := &cobra.Command{Use: "meeting"}
	command.AddCommand(newRecordCommand(o), newConfirmCommand(o))
	o.refuseOthers(command)
	return command
}

// recordFlags are the record of a meeting.
type recordFlags struct {
	committee, on             string
	attendees, guests, agenda []string
}

func newRecordCommand(o *options) *cobra.Command {
	var flags recordFlags
	command := &cobra.Command{
		Use: "record NAME",
		Example: "  kubectl kitei meeting record 2026-12 --committee steering --on 2026-12-01 \\\n" +
			"    --attendees general-affairs,finance,personnel,digital-promotion --agenda r8-tax=Approved",
		RunE: func(command *cobra.Command, names []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if len(names) != 1 {
				return usage(p.Say(message.PluginNoName, "meeting record"))
			}
			return o.record(command.Context(), names[0], flags, p)
		},
	}
	command.Flags().StringVar(&flags.committee, "committee", "", "")
	command.Flags().StringVar(&flags.on, "on", "", "")
	command.Flags().StringSliceVar(&flags.attendees, "attendees", nil, "")
	command.Flags().StringSliceVar(&flags.guests, "guests", nil, "")
	command.Flags().StringSliceVar(&flags.agenda, "agenda", nil, "")
	return command
}

func (o *options) record(ctx context.Context, name string, flags recordFlags, p message.Printer) error {
	agenda, err := parseAgenda(flags.agenda, p)
	if err != nil {
		return err
	}
	c, err := o.connect()
	if err != nil {
		return err
	}
	organisation, err := register.Organisation(ctx, c, c.now)
	if err != nil {
		return err
	}
	if flags.committee == "" {
		if flags.committee = procedure.Committee(organisation, v1alpha1.ChangeIntroduction); flags.committee == "" {
			return usage(p.Say(message.PluginBadFlag, "", "--committee", "kubectl get committees"))
		}
	}
	if flags.on == "" {
		flags.on = c.now.In(organisation.Location()).Format("2006-01-02")
	}
	meeting := &v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.CommitteeMeetingSpec{
		CommitteeRef: v1alpha1.NameReference{Name: flags.committee}, HeldOn: v1alpha1.Date(flags.on),
		Attendees: flags.attendees, Guests: flags.guests, Agenda: agenda}}
	if err := c.Create(ctx, meeting, client.FieldOwner(fieldManager)); err != nil {
		o.tellRefusal(p.Say(message.PluginMeetingRefused, name, plain(err, p)), "kubectl get committee "+flags.committee+" -o yaml", p)
		return &ExitError{Code: exitNo}
	}
	fmt.Fprintln(o.Out, p.Say(message.PluginRecorded, name))
	var r rows
	if committee := c.committees(ctx)[flags.committee]; committee != nil {
		count, _ := procedure.Attendance(committee, meeting.Spec.Attendees)
		r.add(p.Say(message.PluginAttendance), p.Say(message.PluginAttended, count.Attended, count.Seats, count.Quorum))
	}
	r.addAll(p.Say(message.PluginAgenda), agendaTexts(meeting, p))
	r.add(p.Say(message.PluginNext), "kubectl kitei meeting confirm "+name)
	r.write(o.Out)
	return nil
}

// parseAgenda reads items as NAME or NAME=OUTCOME.
func parseAgenda(items []string, p message.Printer) ([]v1alpha1.AgendaItem, error) {
	agenda := make([]v1alpha1.AgendaItem, 0, len(items))
	for _, item := range items {
		name, outcome, _ := strings.Cut(item, "=")
		switch v1alpha1.Outcome(outcome) {
		case "", v1alpha1.OutcomeApproved, v1alpha1.OutcomeDenied, v1alpha1.OutcomeReturned:
		default:
			return nil, usage(p.Say(message.PluginBadFlag, item, "--agenda", "NAME, NAME=Approved, NAME=Denied, NAME=Returned"))
		}
		agenda = append(agenda, v1alpha1.AgendaItem{ApplicationRef: v1alpha1.NameReference{Name: name}, Outcome: v1alpha1.Outcome(outcome)})
	}
	return agenda, nil
}

func agendaTexts(meeting *v1alpha1.CommitteeMeeting, p message.Printer) []string {
	texts := make([]string, 0, len(meeting.Spec.Agenda))
	for _, item := range meeting.Spec.Agenda {
		text := item.ApplicationRef.Name
		if item.Outcome != "" {
			text += "  " + p.Say(message.OutcomeID(item.Outcome))
		}
		texts = append(texts, text)
	}
	return texts
}

func newConfirmCommand(o *options) *cobra.Command {
	var decide bool
	command := &cobra.Command{
		Use:     "confirm NAME",
		Example: "  kubectl kitei meeting confirm 2026-12\n  kubectl kitei meeting confirm 2026-12 --decide=false",
		RunE: func(command *cobra.Command, names []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if len(names) != 1 {
				return usage(p.Say(message.PluginNoName, "meeting confirm"))
			}
			return o.confirm(command.Context(), names[0], decide, p)
		},
	}
	command.Flags().BoolVar(&decide, "decide", true, "")
	return command
}

// confirm confirms a meeting's record and, in the same step, decides its applications as the meeting did. Done again, it
// decides what is left.
func (o *options) confirm(ctx context.Context, name string, decide bool, p message.Printer) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	var meeting v1alpha1.CommitteeMeeting
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &meeting); err != nil {
		return fmt.Errorf("get committeemeeting %s: %w", name, err)
	}
	if meeting.Status.State == "" {
		if err := c.confirmRecord(ctx, &meeting); err != nil {
			o.tellRefusal(p.Say(message.PluginNotConfirmed, name, plain(err, p)), "kubectl get committeemeeting "+name+" -o yaml", p)
			return &ExitError{Code: exitNo}
		}
	}
	fmt.Fprintln(o.Out, p.Say(message.PluginConfirmed, name, meeting.Status.ConfirmedBy))
	var r rows
	if count := meeting.Status.Attendance; count != nil {
		r.add(p.Say(message.PluginAttendance), p.Say(message.PluginAttended, count.Attended, count.Seats, count.Quorum))
	}
	r.addAll(p.Say(message.PluginAgenda), agendaTexts(&meeting, p))
	r.write(o.Out)
	if !decide {
		return nil
	}
	return o.decideAgenda(ctx, c, &meeting, p)
}

// confirmRecord confirms a record as it was read. After a conflict it tries again only if the record is still the same: the
// operator writes conditions into the status at any time.
func (c *connection) confirmRecord(ctx context.Context, meeting *v1alpha1.CommitteeMeeting) error {
	read := meeting.Generation
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		if err := c.Get(ctx, client.ObjectKeyFromObject(meeting), meeting); err != nil {
			return fmt.Errorf("get committeemeeting %s again: %w", meeting.Name, err)
		}
		if meeting.Generation != read {
			return errChanged
		}
		patch := fmt.Sprintf(`{"metadata":{"resourceVersion":%q},"status":{"state":"Confirmed"}}`, meeting.ResourceVersion)
		return c.Status().Patch(ctx, meeting, client.RawPatch(types.MergePatchType, []byte(patch)), client.FieldOwner(fieldManager))
	})
}

// decideAgenda decides each application of the agenda that waits for its decision.
func (o *options) decideAgenda(ctx context.Context, c *connection, meeting *v1alpha1.CommitteeMeeting, p message.Printer) error {
	names := map[v1alpha1.Outcome][]string{}
	for _, item := range meeting.Spec.Agenda {
		var application v1alpha1.ChangeApproval
		if err := c.Get(ctx, client.ObjectKey{Name: item.ApplicationRef.Name}, &application); err != nil {
			return fmt.Errorf("get changeapproval %s: %w", item.ApplicationRef.Name, err)
		}
		if application.Status.Decision == "" && item.Outcome != "" { // what is decided already was brought for its ratification
			names[item.Outcome] = append(names[item.Outcome], item.ApplicationRef.Name)
		}
	}
	var failed error
	for _, as := range decisions { // what stands in the way of one outcome does not stand in the way of the others
		if undecided := names[v1alpha1.Outcome(as.decision)]; len(undecided) > 0 {
			flags := decisionFlags{reason: p.Say(message.PluginByMeeting, meeting.Name, string(meeting.Spec.HeldOn)), dryRun: "none"}
			if err := o.decideAll(ctx, applications, as, undecided, flags, p); err != nil {
				failed = err
			}
		}
	}
	return failed
}
