package plugin

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// consents are decided by their own names or by that of the application which needs them.
var consents = paper{
	prefix: "consent ", resource: "datauseconsent", named: namedConsents, decide: decideConsent, deciders: consentDeciders,
}

func newConsentCommand(o *options) *cobra.Command {
	command := &cobra.Command{Use: "consent"}
	for _, as := range decisions {
		if as.decision != v1alpha1.DecisionReturned { // a consent is not returned
			command.AddCommand(newDecideCommand(o, consents, as))
		}
	}
	o.refuseOthers(command)
	return command
}

// namedConsents are the consent of that name, or else those that the application of that name needs and that are the reader's to
// decide. Where none is the reader's it is all of them: the API server then says whose they are.
func namedConsents(ctx context.Context, c *connection, name string) ([]string, error) {
	var consent v1alpha1.DataUseConsent
	err := c.Get(ctx, client.ObjectKey{Name: name}, &consent)
	switch {
	case err == nil:
		return []string{name}, nil
	case !apierrors.IsNotFound(err):
		return nil, err
	}
	var list v1alpha1.DataUseConsentList
	if failed := c.List(ctx, &list, client.MatchingFields{"spec.applicationRef.name": name}); failed != nil || len(list.Items) == 0 {
		return nil, err // there is no such consent, whatever else
	}
	identity, err := c.whoAmI(ctx)
	if err != nil {
		return nil, err
	}
	organisation, err := register.Organisation(ctx, c, c.now)
	if err != nil {
		return nil, err
	}
	return theirs(list.Items, identity, organisation), nil
}

// theirs are the names of the consents that somebody decides; of all where they decide none.
func theirs(consents []v1alpha1.DataUseConsent, identity regulation.Identity, organisation regulation.Organisation) []string {
	var all, own []string
	for i := range consents {
		all = append(all, consents[i].Name)
		if _, among := identity.Among(organisation.DataSectionHead(&consents[i].Spec.Use.SectionRef)); among {
			own = append(own, consents[i].Name)
		}
	}
	if len(own) == 0 {
		return all
	}
	return own
}

func decideConsent(ctx context.Context, o *options, c *connection, as decisionCommand, name string, flags decisionFlags,
	p message.Printer,
) error {
	var consent v1alpha1.DataUseConsent
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &consent); err != nil {
		return fmt.Errorf("get datauseconsent %s: %w", name, err)
	}
	if consent.Status.Decision == as.decision {
		fmt.Fprintln(o.Out, p.Say(message.PluginAlready, name, string(as.decision), consent.Status.DecidedBy))
		return nil
	}
	var application v1alpha1.ChangeApproval
	if err := c.Get(ctx, client.ObjectKey{Name: consent.Spec.ApplicationRef.Name}, &application); err != nil {
		return fmt.Errorf("get changeapproval %s: %w", consent.Spec.ApplicationRef.Name, err)
	}
	before := c.outlook(ctx, &application)
	decided, err := decide(ctx, c, &consent, as.decision, flags, sameConsent)
	if err != nil {
		return err
	}
	fmt.Fprintln(o.Out, p.Say(as.done, name))
	var r rows
	r.add(p.Say(message.PluginApplication), application.Name)
	r.add(p.Say(message.PluginTitle), application.Spec.Title)
	r.add(p.Say(message.PluginUsedData), decided.Spec.Use.Data)
	stamp := &decided.Status
	r.add(p.Say(message.PluginDecidedBy), stampText(stamp.DecidedBy, stamp.DecidedAs, stamp.DecidedAt, before.organisation, p))
	r.add(p.Say(message.PluginReason), decided.Status.DecisionReason)
	if flags.dryRun != "server" { // nothing follows from what was only tried
		c.addConsequences(ctx, &r, &application, decided.Status.Decision, before, p)
	}
	r.write(o.Out)
	o.tellDryRun(flags, p)
	return nil
}

// addConsequences says for whom the application waits now, or what became of it.
func (c *connection) addConsequences(ctx context.Context, r *rows, application *v1alpha1.ChangeApproval, decision v1alpha1.Decision,
	before outlook, p message.Printer,
) {
	after := c.outlook(ctx, application)
	switch {
	case after.unread != nil:
		r.add(p.Say(message.PluginFollows), p.Say(message.PluginFollowUnread, plain(after.unread, p)))
	case decision == v1alpha1.DecisionApproved:
		for _, waits := range tasksOf(c.caseOf(ctx, application), after.system, after.organisation, c.committees(ctx)) {
			r.add(p.Say(message.PluginWaitsFor), waits.text(p))
		}
	default:
		var lines []string
		if application.Status.Decision == v1alpha1.DecisionApproved {
			lines = append(namespaceTexts(before, after, p), afterRevocation(after, p)...)
		}
		applicants := after.organisation.Applicants(after.system, application.Spec.Type)
		r.addAll(p.Say(message.PluginFollows), append(lines,
			p.Say(message.PluginFollowApplyAnew, clearance.Applicants(applicants, application.Spec.Type, p))))
	}
}

// sameConsent says whether a consent read again is the same, and as undecided. What it is for never changes.
func sameConsent(first, again *v1alpha1.DataUseConsent) bool {
	return first.UID == again.UID && first.Status.Decision == again.Status.Decision &&
		first.Status.DecisionReason == again.Status.DecisionReason
}

// consentDeciders are who decides a consent.
func consentDeciders(ctx context.Context, c *connection, name string, p message.Printer) string {
	var consent v1alpha1.DataUseConsent
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &consent); err != nil {
		return ""
	}
	organisation, err := register.Organisation(ctx, c, c.now)
	if err != nil {
		return ""
	}
	return clearance.Offices(organisation.DataSectionHead(&consent.Spec.Use.SectionRef), v1alpha1.RoleDataSectionHead, p)
}
