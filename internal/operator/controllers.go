package operator

import (
	"context"
	"fmt"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/access"
	"kitei.dev/kitei/internal/controller/changeapproval"
	"kitei.dev/kitei/internal/controller/committee"
	"kitei.dev/kitei/internal/controller/committeemeeting"
	"kitei.dev/kitei/internal/controller/datauseconsent"
	"kitei.dev/kitei/internal/controller/electronicsystem"
	"kitei.dev/kitei/internal/controller/eviction"
	"kitei.dev/kitei/internal/controller/ledger"
	"kitei.dev/kitei/internal/controller/namespace"
	"kitei.dev/kitei/internal/controller/notification"
	"kitei.dev/kitei/internal/controller/organisation"
	"kitei.dev/kitei/internal/controller/pod"
	"kitei.dev/kitei/internal/controller/regulation"
	"kitei.dev/kitei/internal/controller/securitystandard"
	"kitei.dev/kitei/internal/controller/staticpod"
	sender "kitei.dev/kitei/internal/notification"
	"kitei.dev/kitei/internal/register"
)

// The leader needs its Lease, and reports that it leads.
//
// +kubebuilder:rbac:groups=coordination.k8s.io,namespace=kitei-system,resources=leases,verbs=get;create;update
// +kubebuilder:rbac:groups="",namespace=kitei-system,resources=events,verbs=create

func addControllers(manager ctrl.Manager, o Options, keys ledger.Keys, time clock.PassiveClock) error {
	c, live, events := manager.GetClient(), manager.GetAPIReader(), manager.GetEventRecorder("kitei")
	holdServed, err := regulation.HoldServed(manager.GetRESTMapper())
	if err != nil {
		return err
	}
	if !holdServed {
		manager.GetLogger().Info("the API server has no MutatingAdmissionPolicy: " +
			"Pods that wait for an approval are refused instead of held")
	}
	book := &ledger.Book{Keys: keys, Client: c, Live: live, Clock: time}
	source := register.Cached(book, book.Opened)
	for _, controller := range []interface{ SetupWithManager(ctrl.Manager) error }{
		&namespace.Reconciler{Client: c, Source: source, Events: events, Clock: time},
		&pod.Reconciler{Client: c, Reporter: pod.NewReporter(events, live, language(c))},
		&eviction.Reconciler{Client: c, Live: live, Events: events, Clock: time},
		&staticpod.Reconciler{Client: c, Events: events},
		&changeapproval.Reconciler{Client: c, Source: source, Clock: time},
		&committee.Reconciler{Client: c, Clock: time},
		&committeemeeting.Reconciler{Client: c, Source: source, Clock: time},
		&datauseconsent.Asker{Client: c},
		&datauseconsent.Reconciler{Client: c, Source: source, Clock: time, Events: events},
		&electronicsystem.Reconciler{Client: c, Source: source, Clock: time},
		&organisation.DepartmentReconciler{Client: c, Clock: time, Events: events},
		&organisation.SectionReconciler{Client: c, Source: source, Clock: time, Events: events},
		&access.Reconciler{Client: c, Clock: time},
		&regulation.Reconciler{Client: c, Clock: time, Events: events, HoldServed: holdServed, WebhookHosts: o.DNSNames, Ledger: book},
		&ledger.Reconciler{Book: book, Events: events, Language: language(c)},
		&securitystandard.Reconciler{Client: c},
		&notification.Reconciler{Client: c, Source: source, Clock: time, Channel: &sender.Events{Client: c, Clock: time}},
		&notification.Reconciler{Client: c, Source: source, Clock: time, Channel: &sender.Mail{Live: live, Clock: time}},
		&notification.Reconciler{Client: c, Source: source, Clock: time, Channel: &sender.CloudEvents{Live: live}},
	} {
		if err := controller.SetupWithManager(manager); err != nil {
			return fmt.Errorf("add %T: %w", controller, err)
		}
	}
	return nil
}

// language reads the regulation's language from the cache; Japanese when there is none.
func language(reader client.Reader) func(context.Context) v1alpha1.Language {
	return func(ctx context.Context) v1alpha1.Language {
		var current v1alpha1.Regulation
		if err := reader.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
			return v1alpha1.LanguageJapanese
		}
		return current.Spec.Language
	}
}
