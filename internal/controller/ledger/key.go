package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
)

// KeySecret holds the ledger's key. It is installed empty, and the first replica fills it.
const KeySecret = "kitei-ledger-key"

const (
	// privateKey in the Secret: PEM, PKCS #8.
	privateKey = "key.pem"
	// formerKeys in the Secret, which an administrator may add: the public keys of an earlier ledger, PEM, one after the other.
	formerKeys = "former.pem"
	// openedAt in the Secret: when what had been decided before there was this key was sealed with it.
	openedAt = "opened"
)

// keyPause between attempts to read the key, and for how long they go on.
const keyPause, keyPatience = 2 * time.Second, time.Minute

// Keys of the ledger.
type Keys struct {
	// Key that seals and signs.
	Key ledger.Key
	// Former keys that signed earlier records.
	Former []ledger.Public
}

// ReadKeys reads the ledger's keys from their Secret, and makes a key where there is none yet. Replicas that start together
// agree on one. It waits a while for a Secret that is not there: what is installed may come in any order.
func ReadKeys(ctx context.Context, c client.Client) (Keys, error) {
	var keys Keys
	var last error
	err := wait.PollUntilContextTimeout(ctx, keyPause, keyPatience, true, func(ctx context.Context) (bool, error) {
		if keys, last = readKeys(ctx, c); last != nil {
			log.FromContext(ctx).Info("the ledger's key is not there yet", "why", last.Error())
		}
		return last == nil, nil
	})
	if err != nil {
		return Keys{}, fmt.Errorf("read the ledger's key from Secret %s/%s: %w", v1alpha1.OperatorNamespace, KeySecret,
			errors.Join(err, last))
	}
	return keys, nil
}

func readKeys(ctx context.Context, c client.Client) (Keys, error) {
	secret, err := keySecret(ctx, c)
	if err != nil {
		return Keys{}, err
	}
	if len(secret.Data[privateKey]) == 0 {
		if err := makeKey(ctx, c, secret); apierrors.IsConflict(err) { // another replica made one
			return readKeys(ctx, c)
		} else if err != nil {
			return Keys{}, err
		}
	}
	var keys Keys
	if keys.Key, err = ledger.ParseKey(secret.Data[privateKey]); err != nil {
		return Keys{}, err
	}
	if former := secret.Data[formerKeys]; len(former) > 0 {
		if keys.Former, err = ledger.ParsePublics(former); err != nil {
			return Keys{}, fmt.Errorf("read %s: %w", formerKeys, err)
		}
	}
	return keys, nil
}

func keySecret(ctx context.Context, c client.Reader) (*corev1.Secret, error) {
	var secret corev1.Secret
	if err := c.Get(ctx, client.ObjectKey{Namespace: v1alpha1.OperatorNamespace, Name: KeySecret}, &secret); err != nil {
		return nil, fmt.Errorf("get Secret %s: %w", KeySecret, err)
	}
	return &secret, nil
}

func makeKey(ctx context.Context, c client.Client, secret *corev1.Secret) error {
	key, err := ledger.NewKey()
	if err != nil {
		return err
	}
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	if secret.Data[privateKey], err = key.PEM(); err != nil {
		return err
	}
	delete(secret.Data, openedAt)
	if err := c.Update(ctx, secret); err != nil {
		return fmt.Errorf("write the ledger's new key: %w", err)
	}
	log.FromContext(ctx).Info("made the ledger's key: keep a copy of the Secret outside the cluster",
		"secret", v1alpha1.OperatorNamespace+"/"+KeySecret, "key", key.ID())
	return nil
}
