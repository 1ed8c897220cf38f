// Package committee answers for every change of a Committee that there is: who sits on it, how many of them make a quorum and
// who keeps its records decide what its meetings can decide, so that is for its chair and 情報管理責任者 to say (articles 17 and
// 22). A new committee may be made by anybody whom RBAC lets: it decides nothing until the Regulation names it.
//
// A change touches no meeting that was confirmed: who attended, of how many, is stamped into its record.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=departments;managingsections,verbs=list
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations,verbs=get
package committee

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/webhook/attest"
)

// New makes the handler.
func New(live client.Reader, decoder admission.Decoder, time clock.PassiveClock) *attest.Handler[*v1alpha1.Committee] {
	return &attest.Handler[*v1alpha1.Committee]{
		Live: live, Decoder: decoder, Clock: time, Unexpected: message.MeetingStampUnexpected, // never said: there is no stamp
		New: func() *v1alpha1.Committee { return &v1alpha1.Committee{} },
		Rules: func(context.Context, client.Reader, write) (attest.Rules[*v1alpha1.Committee], error) {
			return rules{}, nil
		},
	}
}

type write = attest.Write[*v1alpha1.Committee]

type rules struct{}

// Review decides a write.
func (rules) Review(w write) (*v1alpha1.Committee, *attest.Refusal) {
	if w.Created || equality.Semantic.DeepEqual(w.Object.Spec, w.Old.Spec) {
		return w.Object, nil
	}
	return w.Object, compose(w)
}

// Delete decides a deletion: who may not change a committee may not make it anew either.
func (rules) Delete(w write) *attest.Refusal { return compose(w) }

func compose(w write) *attest.Refusal {
	if w.Organisation.Regulation == nil { // no offices yet
		return nil
	}
	offices := w.Organisation.Composers()
	if _, entitled := w.Identity.Among(offices); entitled {
		return nil
	}
	p := w.Printer()
	return attest.Refuse(message.NotEntitledToCompose, w.Identity.Username,
		p.Say(message.System, w.Object.Spec.DisplayName, w.Object.Name),
		clearance.Offices(offices, v1alpha1.RoleChiefInformationOfficer, p))
}

// Unstamped is the object: there is no stamp.
func (rules) Unstamped(w write) *v1alpha1.Committee { return w.Object }

// StampedAt is never.
func (rules) StampedAt(write) *metav1.Time { return nil }
