package plugin

import (
	"context"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// outlook is what an application means for its system: what the register says, with the application as it is given.
type outlook struct {
	organisation regulation.Organisation
	system       *v1alpha1.ElectronicSystem
	verdict      clearance.SystemVerdict
	// namespaces of the system, with what may run in each; those that Kitei does not govern, or that another system has, are
	// left out.
	namespaces []clearance.Verdict
	// unread says why the register could not be read.
	unread error
}

// outlook reads the register and decides, with the given application in place of the recorded one. What cannot be read
// does not stand in the way of a decision.
func (c *connection) outlook(ctx context.Context, application *v1alpha1.ChangeApproval) outlook {
	seen, err := c.readOutlook(ctx, application)
	seen.unread = err
	return seen
}

func (c *connection) readOutlook(ctx context.Context, application *v1alpha1.ChangeApproval) (outlook, error) {
	var seen outlook
	var system v1alpha1.ElectronicSystem
	if err := c.Get(ctx, client.ObjectKey{Name: application.Spec.SystemRef.Name}, &system); err != nil {
		return seen, fmt.Errorf("get electronicsystem %s: %w", application.Spec.SystemRef.Name, err)
	}
	seen.system = &system
	var err error
	if seen.organisation, err = register.Organisation(ctx, c, c.now); err != nil {
		return seen, err
	}
	cases, err := c.source(ctx).Cases(ctx, c, system.Name)
	if err != nil {
		return seen, err
	}
	for i := range cases {
		if cases[i].Application.Name == application.Name {
			cases[i].Application = application
		}
	}
	seen.verdict = clearance.System(seen.organisation, &system, cases)
	for _, name := range system.Spec.Namespaces {
		labels, err := c.labelsOf(ctx, name)
		if err != nil {
			return seen, err
		}
		if !clearance.Governed(name, labels) {
			continue
		}
		seen.namespaces = append(seen.namespaces, clearance.Namespace(clearance.Input{
			Organisation: seen.organisation, Namespace: name, Labels: labels,
			Claims: []v1alpha1.ElectronicSystem{system}, Cases: cases,
		}))
	}
	return seen, nil
}

// labelsOf a namespace; those that every namespace has, where it is not there yet or the reader may not read it.
func (c *connection) labelsOf(ctx context.Context, name string) (map[string]string, error) {
	var namespace corev1.Namespace
	switch err := c.Get(ctx, client.ObjectKey{Name: name}, &namespace); {
	case err == nil:
		return namespace.Labels, nil
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err):
		return namespaceLabels(name, nil), nil
	default:
		return nil, fmt.Errorf("get namespace %s: %w", name, err)
	}
}

// writeDecision writes what was decided, on what, as whom, and what follows.
func writeDecision(out io.Writer, decided *v1alpha1.ChangeApproval, as decisionCommand, before, after outlook, p message.Printer) {
	fmt.Fprintln(out, p.Say(as.done, decided.Name))
	system := decided.Spec.SystemRef.Name
	if after.system != nil {
		system = clearance.SystemName(after.system, p)
	}
	var r rows
	r.add(p.Say(message.PluginFieldSystem), system)
	r.add(p.Say(message.PluginTitle), decided.Spec.Title)
	r.add(p.Say(message.PluginType), typeText(decided.Spec.Type, p))
	r.addAll(p.Say(message.PluginImages), imageTexts(decided.Spec.Scope.Images, p))
	stamp := &decided.Status
	r.add(p.Say(message.PluginDecidedBy), stampText(stamp.DecidedBy, stamp.DecidedAs, stamp.DecidedAt, after.organisation, p))
	r.add(p.Say(message.PluginReason), decided.Status.DecisionReason)
	if by := decided.Status.RatifyBy; by != nil {
		r.add(p.Say(message.PluginRatification), p.Say(message.PluginRatifyBy, clearance.Moment(by.Time, after.organisation)))
	}
	r.addAll(p.Say(message.PluginFollows), follows(decided, before, after, p))
	r.write(out)
}

func imageTexts(patterns []v1alpha1.ImagePattern, p message.Printer) []string {
	if len(patterns) == 0 {
		return []string{p.Say(message.PluginAnyImage)}
	}
	texts := make([]string, 0, len(patterns))
	for _, pattern := range patterns {
		texts = append(texts, string(pattern))
	}
	return texts
}

func stampText(by string, as v1alpha1.OfficeRole, at *metav1.Time, organisation regulation.Organisation, p message.Printer) string {
	if by == "" || at == nil {
		return p.Say(message.PluginUnstamped)
	}
	return p.Say(message.PluginByAs, by, roleText(as, p), clearance.Moment(at.Time, organisation))
}

// follows says what a decision brings about.
func follows(decided *v1alpha1.ChangeApproval, before, after outlook, p message.Printer) []string {
	if after.unread != nil {
		return []string{p.Say(message.PluginFollowUnread, plain(after.unread, p))}
	}
	switch decided.Status.Decision {
	case v1alpha1.DecisionDenied, v1alpha1.DecisionReturned:
		applicants := after.organisation.Applicants(after.system, decided.Spec.Type)
		return []string{p.Say(message.PluginFollowApplyAnew, clearance.Applicants(applicants, decided.Spec.Type, p))}
	case v1alpha1.DecisionApproved, v1alpha1.DecisionRevoked:
	}
	var lines []string
	if len(after.system.Spec.Namespaces) == 0 {
		lines = append(lines, p.Say(message.PluginFollowNoNamespace, after.system.Name))
	}
	lines = append(lines, namespaceTexts(before, after, p)...)
	switch {
	case decided.Status.Decision == v1alpha1.DecisionRevoked && len(after.namespaces) > 0:
		lines = append(lines, afterRevocation(after, p)...)
	case decided.Status.Decision == v1alpha1.DecisionApproved && (before.verdict.Approved() || !after.verdict.Approved()):
		// It ran before, and no Pod waited; or it does not run yet all the same. What is covered now, or what is missing.
		lines = append(lines, clearance.ExplainSystem(after.verdict, after.organisation, p.Language))
	case decided.Status.Decision == v1alpha1.DecisionApproved && len(after.namespaces) > 0:
		lines = append(lines, p.Say(message.PluginFollowStart))
	}
	return lines
}

// namespaceTexts say what becomes of each namespace of the system.
func namespaceTexts(before, after outlook, p message.Printer) []string {
	earlier := map[string]clearance.Verdict{}
	for _, verdict := range before.namespaces {
		earlier[verdict.Namespace] = verdict
	}
	var lines []string
	for _, verdict := range after.namespaces {
		was, known := earlier[verdict.Namespace]
		if known && was.Clearance != verdict.Clearance {
			lines = append(lines, p.Say(message.PluginFollowNamespace, verdict.Namespace, string(was.Clearance), string(verdict.Clearance)))
			continue
		}
		lines = append(lines, p.Say(message.PluginFollowUnchanged, verdict.Namespace, string(verdict.Clearance)))
	}
	return lines
}

// afterRevocation says what becomes of the Pods that run.
func afterRevocation(after outlook, p message.Printer) []string {
	if after.verdict.Approved() {
		return []string{clearance.ExplainSystem(after.verdict, after.organisation, p.Language)}
	}
	if after.organisation.Regulation == nil {
		return []string{p.Say(message.NoRegulation)}
	}
	observed := true
	for _, verdict := range after.namespaces {
		observed = observed && verdict.Clearance == v1alpha1.ClearanceObserved
	}
	switch {
	case observed:
		return []string{p.Say(message.PluginFollowObserved)}
	case after.organisation.Regulation.Spec.Enforcement.OnRevocation == v1alpha1.RevocationEvict:
		return []string{p.Say(message.PluginFollowEvict)}
	}
	return []string{p.Say(message.PluginFollowKeep)}
}
