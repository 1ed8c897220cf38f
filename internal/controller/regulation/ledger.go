package regulation

import (
	"sigs.k8s.io/controller-runtime/pkg/event"

	"kitei.dev/kitei/api/v1alpha1"
	book "kitei.dev/kitei/internal/controller/ledger"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/message"
)

// Ledger tells how the ledger stands, and when that changed.
type Ledger interface {
	Standing() (book.Standing, bool)
	Changed() <-chan event.GenericEvent
}

// ledger writes how the ledger stands into the status; until it is open, what stood there stays.
func (r *Reconciler) ledger(current *v1alpha1.Regulation, wanted *v1alpha1.RegulationStatus, p message.Printer) error {
	wanted.Ledger = current.Status.Ledger
	standing, open := r.Ledger.Standing()
	if !open {
		return nil
	}
	public, err := standing.Key.PEM()
	if err != nil {
		return err
	}
	wanted.Ledger = &v1alpha1.LedgerStatus{PublicKey: string(public), Sequence: standing.Head.Sequence, Hash: standing.Head.Hash}
	whole := status.Condition(v1alpha1.ConditionLedger, true, v1alpha1.ReasonWhole, p.Say(message.LedgerWhole, standing.Head.Sequence))
	if fault := standing.Fault; fault != nil {
		whole = status.Condition(v1alpha1.ConditionLedger, false, string(fault.Problem), p.Say(fault.Message(), fault.Sequence))
	}
	status.Set(&wanted.Conditions, current.Generation, whole)
	return nil
}
