package plugin

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
)

func newSubmitCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:     "submit NAME...",
		Example: "  kubectl kitei submit r9-tax",
		RunE: func(command *cobra.Command, names []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				return usage(p.Say(message.PluginNoName, "submit"))
			}
			c, err := o.connect()
			if err != nil {
				return err
			}
			failed := false
			for _, name := range names {
				if err := o.submitOne(command.Context(), c, name, p); err != nil {
					failed = true
					o.tellRefusal(p.Say(message.PluginNotSubmitted, name, plain(err, p)), "kubectl describe changeapproval "+name, p)
				}
				c.warnings.tell(o.ErrOut, p)
			}
			if failed {
				return &ExitError{Code: exitNo}
			}
			return nil
		},
	}
}

// tellRefusal writes what was refused, and what to run next where the refusal itself does not say.
func (o *options) tellRefusal(sentence, next string, p message.Printer) {
	if said, own := splitNext(sentence); own != "" {
		sentence, next = said, own
	}
	fmt.Fprintln(o.ErrOut, sentence)
	fmt.Fprintln(o.ErrOut, "  "+p.Say(message.PluginNextMark)+next)
}

func (o *options) submitOne(ctx context.Context, c *connection, name string, p message.Printer) error {
	var application v1alpha1.ChangeApproval
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &application); err != nil {
		return fmt.Errorf("get changeapproval %s: %w", name, err)
	}
	// The resource version keeps a draft from being submitted that is no longer what was read. The operator writes conditions at
	// any time: that is no change.
	read := application.DeepCopy()
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		patch := fmt.Sprintf(`{"metadata":{"resourceVersion":%q},"spec":{"stage":"Submitted"}}`, application.ResourceVersion)
		err := c.Patch(ctx, &application, client.RawPatch(types.MergePatchType, []byte(patch)), client.FieldOwner(fieldManager))
		if !apierrors.IsConflict(err) {
			return err
		}
		application = v1alpha1.ChangeApproval{}
		if again := c.Get(ctx, client.ObjectKeyFromObject(read), &application); again != nil {
			return fmt.Errorf("get changeapproval %s again: %w", name, again)
		}
		if !sameQuestion(read, &application) {
			return usage(p.Say(message.PluginChangedMeanwhile, name))
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(o.Out, p.Say(message.PluginSubmitted, name))
	seen := c.outlook(ctx, &application)
	system := application.Spec.SystemRef.Name
	if seen.system != nil {
		system = clearance.SystemName(seen.system, p)
	}
	var r rows
	r.add(p.Say(message.PluginFieldSystem), system)
	r.add(p.Say(message.PluginTitle), application.Spec.Title)
	r.add(p.Say(message.PluginType), typeText(application.Spec.Type, p))
	if by := application.Spec.Submission; by != nil {
		r.add(p.Say(message.PluginYear), by.FiscalYear)
		r.add(p.Say(message.PluginSubmittedBy), p.Say(message.PluginHolder, by.By, p.Say(message.ID(by.As))))
	}
	if seen.unread == nil && seen.system != nil {
		for _, waits := range tasksOf(c.caseOf(ctx, &application), seen.system, seen.organisation, c.committees(ctx)) {
			r.add(p.Say(message.PluginWaitsFor), waits.text(p))
		}
	}
	r.write(o.Out)
	return nil
}
