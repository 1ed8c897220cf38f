package controlplane

import (
	"context"
	"errors"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/notification"
	sender "kitei.dev/kitei/internal/notification"
	"kitei.dev/kitei/internal/register"
)

// counting is a channel that only counts.
type counting struct{ delivered int }

func (*counting) Name() v1alpha1.NotificationChannel    { return v1alpha1.ChannelCloudEvent }
func (*counting) Configured(v1alpha1.Notification) bool { return true }
func (c *counting) Deliver(context.Context, v1alpha1.Notification, sender.Notice, []v1alpha1.MailAddress) (
	[]v1alpha1.MailAddress, error,
) {
	c.delivered++
	return nil, nil
}

// Who reads what is old, from a slow cache or beside another operator, tells nothing; who cannot write down what was told
// remembers it and does not tell it again.
func TestRecordKeepsFromTellingTwice(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	stopOperator(t) // its controllers would tell too
	unchecked := register.Live(register.Unchecked{})
	live, err := client.NewWithWatch(env.cluster.Config(), client.Options{Scheme: env.admin.Scheme()})
	must(t, err)
	withoutWebhooks(t, func() {
		decided := func() (*v1alpha1.ChangeApproval, ctrl.Request) {
			a := b.application(v1alpha1.ChangeIntroduction)
			now := metav1.Now()
			a.Spec.Submission = &v1alpha1.Submission{By: "head", As: v1alpha1.RoleDepartmentHead, At: now}
			must(t, live.Create(t.Context(), a))
			a.Status = v1alpha1.ChangeApprovalStatus{Decision: v1alpha1.DecisionDenied, DecidedBy: "cio", DecidedAt: &now,
				DecidedAs: v1alpha1.RoleChiefInformationOfficer, DecidedGeneration: a.Generation}
			must(t, live.Status().Update(t.Context(), a))
			return a, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(a)}
		}
		state := func(name string) v1alpha1.NotificationState {
			return recordOf(get(t, &v1alpha1.ChangeApproval{}, "", name), v1alpha1.DecisionDenied, v1alpha1.ChannelCloudEvent).State
		}

		old, request := decided()
		channel := &counting{}
		fresh := &notification.Reconciler{Client: live, Source: unchecked, Clock: clock.RealClock{}, Channel: channel}
		_, err := fresh.Reconcile(t.Context(), request)
		must(t, err)
		stale := &notification.Reconciler{Source: unchecked, Clock: clock.RealClock{}, Channel: channel}
		stale.Client = interceptor.NewClient(live, interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, o ...client.GetOption) error {
				if a, is := object.(*v1alpha1.ChangeApproval); is {
					old.DeepCopyInto(a)
					return nil
				}
				return c.Get(ctx, key, object, o...)
			}})
		result, err := stale.Reconcile(t.Context(), request)
		must(t, err)
		if channel.delivered != 1 || result.RequeueAfter == 0 || state(old.Name) != v1alpha1.NotificationDelivered {
			t.Errorf("told %d times; the stale one says %+v; recorded %q", channel.delivered, result, state(old.Name))
		}

		lost, request := decided()
		channel = &counting{}
		away, writes := false, 0
		cut := &notification.Reconciler{Source: unchecked, Clock: clock.RealClock{}, Channel: channel}
		cut.Client = interceptor.NewClient(live, interceptor.Funcs{
			SubResourceApply: func(ctx context.Context, c client.Client, part string, object runtime.ApplyConfiguration,
				o ...client.SubResourceApplyOption,
			) error {
				if writes++; writes > 1 && away {
					return errors.New("the API server is away")
				}
				return c.SubResource(part).Apply(ctx, object, o...)
			}})
		away = true
		for range 3 { // it claims, tells, and cannot write that down
			if _, err := cut.Reconcile(t.Context(), request); err == nil {
				t.Error("the lost write is no error")
			}
		}
		if got := state(lost.Name); channel.delivered != 1 || got != v1alpha1.NotificationSending {
			t.Errorf("told %d times, recorded %q", channel.delivered, got)
		}
		away = false
		for range 2 {
			_, err := cut.Reconcile(t.Context(), request)
			must(t, err)
		}
		if got := state(lost.Name); channel.delivered != 1 || got != v1alpha1.NotificationDelivered {
			t.Errorf("told %d times, recorded %q", channel.delivered, got)
		}

		unanswered, request := decided()
		channel, writes = &counting{}, 0
		deaf := &notification.Reconciler{Source: unchecked, Clock: clock.RealClock{}, Channel: channel}
		deaf.Client = interceptor.NewClient(live, interceptor.Funcs{
			SubResourceApply: func(ctx context.Context, c client.Client, part string, object runtime.ApplyConfiguration,
				o ...client.SubResourceApplyOption,
			) error {
				err := c.SubResource(part).Apply(ctx, object, o...)
				if writes++; writes == 1 {
					return errors.New("the answer was lost")
				}
				return err
			}})
		if _, err := deaf.Reconcile(t.Context(), request); err == nil {
			t.Error("the lost answer is no error")
		}
		other := &notification.Reconciler{Client: live, Source: unchecked, Clock: clock.RealClock{}, Channel: channel}
		if result, err := other.Reconcile(t.Context(), request); err != nil || channel.delivered != 0 || result.RequeueAfter == 0 {
			t.Errorf("beside a claim of another's: told %d times, %+v, %v", channel.delivered, result, err)
		}
		_, err = deaf.Reconcile(t.Context(), request) // its own claim, with which nothing was sent
		must(t, err)
		if got := state(unanswered.Name); channel.delivered != 1 || got != v1alpha1.NotificationDelivered {
			t.Errorf("told %d times, recorded %q", channel.delivered, got)
		}
	})
}
