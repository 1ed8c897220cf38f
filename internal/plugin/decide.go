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

// paper is a kind of record that is decided: applications, and consents to the use of data.
type paper struct {
	// prefix of the commands that decide it, and its resource as kubectl writes it.
	prefix, resource string
	// named are the records that a name on the command line stands for.
	named func(ctx context.Context, c *connection, name string) ([]string, error)
	// decide decides one and says what follows.
	decide func(ctx context.Context, o *options, c *connection, as decisionCommand, name string, flags decisionFlags,
		p message.Printer) error
	// deciders says who decides it; empty where the reader may not read that.
	deciders func(ctx context.Context, c *connection, name string, p message.Printer) string
}

// applications are decided by their own names.
var applications = paper{
	resource: "changeapproval",
	named:    func(_ context.Context, _ *connection, name string) ([]string, error) { return []string{name}, nil },
	decide:   decideApplication,
	deciders: applicationDeciders,
}

func newDecideCommand(o *options, of paper, as decisionCommand) *cobra.Command {
	var flags decisionFlags
	example := "  kubectl kitei " + of.prefix + as.name + " r8-tax -m REASON"
	command := &cobra.Command{
		Use:     as.name + " NAME... -m REASON",
		Example: example + "\n" + example + " --dry-run=server",
		RunE: func(command *cobra.Command, names []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if err := checkDecision(of, as, names, flags, p); err != nil {
				return err
			}
			return o.decideAll(command.Context(), of, as, names, flags, p)
		},
	}
	command.Flags().StringVarP(&flags.reason, "reason", "m", "", "")
	command.Flags().StringVar(&flags.dryRun, "dry-run", "none", "")
	return command
}

func checkDecision(of paper, as decisionCommand, names []string, flags decisionFlags, p message.Printer) error {
	switch {
	case len(names) == 0:
		return usage(p.Say(message.PluginNoName, of.prefix+as.name))
	case as.reasoned && flags.reason == "":
		return usage(p.Say(message.PluginNoReason, of.prefix+as.name))
	case flags.dryRun != "none" && flags.dryRun != "server":
		return usage(p.Say(message.PluginBadFlag, flags.dryRun, "--dry-run", "none, server"))
	}
	return nil
}

// decideAll decides each record for itself: what stands in the way of one does not stand in the way of the others.
func (o *options) decideAll(ctx context.Context, of paper, as decisionCommand, names []string, flags decisionFlags, p message.Printer,
) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	failed := false
	for i, name := range names {
		if i > 0 {
			fmt.Fprintln(o.Out)
		}
		records, err := of.named(ctx, c, name)
		if err != nil {
			failed = true
			o.tellUndecided(ctx, c, of, name, err, p)
		}
		for _, record := range records {
			if err := of.decide(ctx, o, c, as, record, flags, p); err != nil {
				failed = true
				o.tellUndecided(ctx, c, of, record, err, p)
			}
		}
		c.warnings.tell(o.ErrOut, p)
	}
	if failed {
		return &ExitError{Code: exitNo}
	}
	return nil
}

// tellUndecided writes why a record was not decided, who decides it, and what to run next.
func (o *options) tellUndecided(ctx context.Context, c *connection, of paper, name string, err error, p message.Printer) {
	help, next := c.whatNow(ctx, of, name, err, p)
	sentence, own := splitNext(p.Say(message.PluginNotDecided, name, plain(err, p)))
	if own != "" {
		next = own
	}
	fmt.Fprintln(o.ErrOut, sentence)
	for _, line := range help {
		fmt.Fprintln(o.ErrOut, "  "+line)
	}
	fmt.Fprintln(o.ErrOut, "  "+p.Say(message.PluginNextMark)+next)
}

func decideApplication(ctx context.Context, o *options, c *connection, as decisionCommand, name string, flags decisionFlags,
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
	decided, err := decide(ctx, c, &application, as.decision, flags, sameQuestion)
	if err != nil {
		return err
	}
	after := c.outlook(ctx, decided)
	writeDecision(o.Out, decided, as, before, after, p)
	o.tellDryRun(flags, p)
	return nil
}

func (o *options) tellDryRun(flags decisionFlags, p message.Printer) {
	if flags.dryRun == "server" {
		fmt.Fprintln(o.Out, p.Say(message.PluginDryRun))
	}
}

// errChanged says that a record is no longer what was read first.
var errChanged = errors.New("it changed after it was read")

// decide writes a decision on a record as it was read. After a conflict it tries again only if what is decided on is still the
// same: the operator writes conditions into the status at any time.
func decide[T any, P interface {
	*T
	client.Object
}](ctx context.Context, c *connection, read P, decision v1alpha1.Decision, flags decisionFlags, same func(first, again P) bool,
) (P, error) {
	const tries = 5
	options := []client.SubResourcePatchOption{client.FieldOwner(fieldManager)}
	if flags.dryRun == "server" {
		options = append(options, client.DryRunAll)
	}
	current := read
	for try := 1; ; try++ {
		patch, err := decisionPatch(current.GetResourceVersion(), decision, flags.reason)
		if err != nil {
			return nil, err
		}
		decided := P(new(T))
		decided.SetName(read.GetName())
		err = c.Status().Patch(ctx, decided, client.RawPatch(types.MergePatchType, patch), options...)
		switch {
		case err == nil:
			return decided, nil
		case !apierrors.IsConflict(err) || try == tries:
			return nil, fmt.Errorf("decide %s: %w", read.GetName(), err)
		}
		current = P(new(T))
		if err := c.Get(ctx, client.ObjectKeyFromObject(read), current); err != nil {
			return nil, fmt.Errorf("get %s again: %w", read.GetName(), err)
		}
		if !same(read, current) {
			return nil, errChanged
		}
	}
}

// whatNow says, after a refusal, what there is to know and what to run next.
func (c *connection) whatNow(ctx context.Context, of paper, name string, err error, p message.Printer) (help []string, next string) {
	describe := "kubectl describe " + of.resource + " " + name
	switch kindOf(err) {
	case refusalChanged:
		return []string{p.Say(message.PluginChangedMeanwhile, name)}, describe
	case refusalNotFound:
		return nil, "kubectl get " + of.resource + "s"
	case refusalDown:
		return []string{p.Say(message.PluginWebhookDown)}, operatorPods
	case refusalNoRight:
		help = []string{p.Say(message.PluginNoRight, of.resource+"s/status")}
		next = "kubectl auth can-i patch " + of.resource + "s --subresource=status"
	case refusalUnreachable:
		return nil, "kubectl cluster-info"
	case refusalVerdict:
		next = describe
	}
	if deciders := of.deciders(ctx, c, name, p); deciders != "" {
		help = append(help, p.Say(message.PluginDeciderIs, deciders))
	}
	return help, next
}

// applicationDeciders are who decides an application.
func applicationDeciders(ctx context.Context, c *connection, name string, p message.Printer) string {
	var application v1alpha1.ChangeApproval
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &application); err != nil {
		return ""
	}
	seen := c.outlook(ctx, &application)
	if seen.system == nil || seen.unread != nil {
		return ""
	}
	return clearance.Deciders(seen.organisation.Deciders(seen.system, application.Spec.Type), application.Spec.Type, p)
}
