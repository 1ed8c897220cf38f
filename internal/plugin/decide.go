package plugin

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
)

// decisionCommand is a command that decides.
type decisionCommand struct {
	name     string
	decision v1alpha1.Decision
	// done says that it was decided.
	done message.ID
	// reasoned says that the command wants a reason.
	reasoned bool
}

var decisions = []decisionCommand{
	{"approve", v1alpha1.DecisionApproved, message.PluginDecidedApproved, false},
	{"deny", v1alpha1.DecisionDenied, message.PluginDecidedDenied, true},
	{"return", v1alpha1.DecisionReturned, message.PluginDecidedReturned, true},
	{"revoke", v1alpha1.DecisionRevoked, message.PluginDecidedRevoked, true},
}

// decisionFlags are the flags of the commands that decide.
type decisionFlags struct{ reason, dryRun string }

func newDecideCommand(o *options, as decisionCommand) *cobra.Command {
	var flags decisionFlags
	command := &cobra.Command{
		Use:     as.name + " NAME... -m REASON",
		Example: "  kubectl kitei " + as.name + " r8-tax -m REASON\n  kubectl kitei " + as.name + " r8-tax -m REASON --dry-run=server",
		RunE: func(command *cobra.Command, names []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if err := checkDecision(as, names, flags, p); err != nil {
				return err
			}
			return o.decideAll(command.Context(), as, names, flags, p)
		},
	}
	command.Flags().StringVarP(&flags.reason, "reason", "m", "", "")
	command.Flags().StringVar(&flags.dryRun, "dry-run", "none", "")
	return command
}

func checkDecision(as decisionCommand, names []string, flags decisionFlags, p message.Printer) error {
	switch {
	case len(names) == 0:
		return usage(p.Say(message.PluginNoName, as.name))
	case as.reasoned && flags.reason == "":
		return usage(p.Say(message.PluginNoReason, as.name))
	case flags.dryRun != "none" && flags.dryRun != "server":
		return usage(p.Say(message.PluginBadFlag, flags.dryRun, "--dry-run", "none, server"))
	}
	return nil
}

// decideAll decides each application for itself: what stands in the way of one does not stand in the way of the others.
func (o *options) decideAll(ctx context.Context, as decisionCommand, names []string, flags decisionFlags, p message.Printer) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	failed := false
	for i, name := range names {
		if i > 0 {
			fmt.Fprintln(o.Out)
		}
		if err := o.decideOne(ctx, c, as, name, flags, p); err != nil {
			failed = true
			fmt.Fprintln(o.ErrOut, p.Say(message.PluginNotDecided, name, plain(err, p)))
			help, next := c.whatNow(ctx, name, err, p)
			for _, line := range help {
				fmt.Fprintln(o.ErrOut, "  "+line)
			}
			fmt.Fprintln(o.ErrOut, "  "+p.Say(message.PluginNextMark)+next)
		}
		c.warnings.tell(o.ErrOut, p)
	}
	if failed {
		return &ExitError{Code: exitNo}
	}
	return nil
}

func (o *options) decideOne(ctx context.Context, c *connection, as decisionCommand, name string, flags decisionFlags,
	p message.Printer,
) error {
	var application v1alpha1.ChangeApproval
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &application); err != nil {
		return fmt.Errorf("get changeapproval %s: %w", name, err)
	}
	if application.Status.Decision == as.decision {
		fmt.Fprintln(o.Out, p.Say(message.PluginAlready, name, string(as.decision), application.Status.DecidedBy))
		return nil
	}
	before := c.outlook(ctx, &application)
	decided, err := c.decide(ctx, &application, as.decision, flags)
	if err != nil {
		return err
	}
	after := c.outlook(ctx, decided)
	writeDecision(o.Out, decided, as, before, after, p)
	if flags.dryRun == "server" {
		fmt.Fprintln(o.Out, p.Say(message.PluginDryRun))
	}
	return nil
}

// errChanged says that an application is no longer what was read first.
var errChanged = errors.New("the application changed after it was read")

// decide writes a decision on the application as it was read. After a conflict it tries again only if what is decided on is
// still the same: the operator writes conditions into the status at any time.
func (c *connection) decide(ctx context.Context, read *v1alpha1.ChangeApproval, decision v1alpha1.Decision, flags decisionFlags,
) (*v1alpha1.ChangeApproval, error) {
	const tries = 5
	options := []client.SubResourcePatchOption{client.FieldOwner(fieldManager)}
	if flags.dryRun == "server" {
		options = append(options, client.DryRunAll)
	}
	current := read
	for try := 1; ; try++ {
		patch, err := decisionPatch(current.ResourceVersion, decision, flags.reason)
		if err != nil {
			return nil, err
		}
		decided := current.DeepCopy()
		err = c.Status().Patch(ctx, decided, client.RawPatch(types.MergePatchType, patch), options...)
		switch {
		case err == nil:
			return decided, nil
		case !apierrors.IsConflict(err) || try == tries:
			return nil, fmt.Errorf("decide changeapproval %s: %w", read.Name, err)
		}
		current = &v1alpha1.ChangeApproval{}
		if err := c.Get(ctx, client.ObjectKeyFromObject(read), current); err != nil {
			return nil, fmt.Errorf("get changeapproval %s again: %w", read.Name, err)
		}
		if !sameQuestion(read, current) {
			return nil, errChanged
		}
	}
}

// whatNow says, after a refusal, what there is to know and what to run next.
func (c *connection) whatNow(ctx context.Context, name string, err error, p message.Printer) (help []string, next string) {
	switch kindOf(err) {
	case refusalChanged:
		return []string{p.Say(message.PluginChangedMeanwhile, name)}, "kubectl describe changeapproval " + name
	case refusalNotFound:
		return nil, "kubectl get changeapprovals"
	case refusalDown:
		return []string{p.Say(message.PluginWebhookDown)}, operatorPods
	case refusalNoRight:
		return c.deciderHelp(ctx, name, p, p.Say(message.PluginNoRight)), "kubectl auth can-i patch changeapprovals --subresource=status"
	case refusalUnreachable:
		return nil, "kubectl cluster-info"
	case refusalVerdict:
	}
	return c.deciderHelp(ctx, name, p), "kubectl describe changeapproval " + name
}

// deciderHelp adds who decides the application, as far as the reader may read that.
func (c *connection) deciderHelp(ctx context.Context, name string, p message.Printer, lines ...string) []string {
	var application v1alpha1.ChangeApproval
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &application); err != nil {
		return lines
	}
	seen := c.outlook(ctx, &application)
	if seen.system == nil || seen.unread != nil {
		return lines
	}
	deciders := seen.organisation.Deciders(seen.system, application.Spec.Type)
	return append(lines, p.Say(message.PluginDeciderIs, clearance.Deciders(deciders, application.Spec.Type, p)))
}
