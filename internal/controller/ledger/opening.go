package ledger

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/paging"
)

// cachePause between looks at the cache.
const cachePause = 20 * time.Millisecond

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
		var last client.Object
		err := paging.Each(ctx, b.Live, list, func(object client.Object) error {
			sealed, err := b.sealFound(ctx, object)
			if sealed {
				last = object
				if found++; found%progressEvery == 0 {
					log.FromContext(ctx).Info("opening the ledger: sealing what was decided before", "sealed", found)
				}
			}
			return err
		})
		if err == nil && last != nil {
			err = b.cached(ctx, last)
		}
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

// cached waits until the cache is as new as an object that was written: it then has all of its kind that was written before.
func (b *Book) cached(ctx context.Context, object client.Object) error {
	wanted := object.GetResourceVersion()
	err := wait.PollUntilContextCancel(ctx, cachePause, true, func(ctx context.Context) (bool, error) {
		err := b.Client.Get(ctx, client.ObjectKeyFromObject(object), object)
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		order, err := resourceversion.CompareResourceVersion(object.GetResourceVersion(), wanted)
		return order >= 0, err
	})
	if err != nil {
		return fmt.Errorf("wait for the seal of %T %s in the cache: %w", object, object.GetName(), err)
	}
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
