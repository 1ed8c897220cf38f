package ledger

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/paging"
)

// progressEvery so many objects the log says how far a long read has come.
const progressEvery = 1000

// seal is the opening of a ledger with a new key: what was decided before has no seal of that key, and gets one that says that
// it was found. Who could make Kitei do that again, by emptying the Secret, could take the key out of it too.
func (b *Book) seal(ctx context.Context) error {
	secret, err := keySecret(ctx, b.Live)
	if err != nil {
		return err
	}
	if len(secret.Data[openedAt]) > 0 {
		return nil
	}
	found := 0
	for _, list := range []client.ObjectList{
		&v1alpha1.ChangeApprovalList{}, &v1alpha1.DataUseConsentList{}, &v1alpha1.CommitteeMeetingList{},
	} {
		err := paging.Each(ctx, b.Live, list, func(object client.Object) error {
			sealed, err := b.sealFound(ctx, object)
			if sealed {
				if found++; found%progressEvery == 0 {
					log.FromContext(ctx).Info("opening the ledger: sealing what was decided before", "sealed", found)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	secret.Data[openedAt] = []byte(b.Clock.Now().UTC().Format(time.RFC3339))
	if err := b.Client.Update(ctx, secret); err != nil {
		return fmt.Errorf("write down that the ledger is open: %w", err)
	}
	log.FromContext(ctx).Info("the ledger is open", "found", found)
	return nil
}

// sealFound seals the decisions that an object bears.
func (b *Book) sealFound(ctx context.Context, object client.Object) (bool, error) {
	before := object.DeepCopyObject().(client.Object)
	if !b.Key.SealFound(object) {
		return false, nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	switch err := b.Client.Status().Patch(ctx, object, patch, client.FieldOwner(fieldOwner)); {
	case apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("seal %T %s: %w", object, object.GetName(), err)
	}
	for _, stamp := range ledger.Stamps(object) {
		if _, proven := b.Key.Proven(stamp); !proven && stamp.Entry.Kind != v1alpha1.EntrySubmission && stamp.Entry.By != "" {
			return false, fmt.Errorf("the API server keeps no seal of %T %s: its kinds are older than the operator; "+
				"apply config/crd first", object, object.GetName())
		}
	}
	return true, nil
}
