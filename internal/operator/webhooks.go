package operator

import (
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/webhook/changeapproval"
	"kitei.dev/kitei/internal/webhook/classification"
	"kitei.dev/kitei/internal/webhook/committee"
	"kitei.dev/kitei/internal/webhook/committeemeeting"
	"kitei.dev/kitei/internal/webhook/datauseconsent"
	"kitei.dev/kitei/internal/webhook/electronicsystem"
	"kitei.dev/kitei/internal/webhook/wellformed"
)

// addWebhooks registers the handlers under the paths that config/webhook names.
func addWebhooks(manager ctrl.Manager, server webhook.Server, ending *drain, time clock.PassiveClock, key ledger.Key) {
	cached, live := manager.GetClient(), manager.GetAPIReader()
	decoder := admission.NewDecoder(manager.GetScheme())
	approvals := changeapproval.New(live, decoder, time, key)
	meetings, consents := committeemeeting.New(live, decoder, time, key), datauseconsent.New(live, decoder, time, key)
	for path, handler := range map[string]admission.Handler{
		"/mutate-changeapproval":     admission.HandlerFunc(approvals.Mutate),
		"/validate-changeapproval":   admission.HandlerFunc(approvals.Validate),
		"/validate-committee":        admission.HandlerFunc(committee.New(live, decoder, time).Validate),
		"/mutate-committeemeeting":   admission.HandlerFunc(meetings.Mutate),
		"/validate-committeemeeting": admission.HandlerFunc(meetings.Validate),
		"/mutate-datauseconsent":     admission.HandlerFunc(consents.Mutate),
		"/validate-datauseconsent":   admission.HandlerFunc(consents.Validate),
		"/validate-electronicsystem": &electronicsystem.Handler{Cache: cached, Live: live, Decoder: decoder, Clock: time},
		"/validate-classification":   &classification.Handler{Cache: cached, Live: live, Clock: time},
	} {
		server.Register(path, ending.handler(&webhook.Admission{Handler: wellformed.Only(handler)}))
	}
}
