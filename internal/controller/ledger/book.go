// Package ledger keeps the ledger: it appends to it what the webhooks stamped and sealed, and what the operator told, as
// DecisionRecords (articles 12 to 14, 18 and 23); and it says when a record is missing or altered, and when a stamp bears no
// seal, which counts for nothing.
//
// Only the leader writes. It holds the last record and the IDs of all entries in memory, read once, page by page.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=changeapprovals;datauseconsents;committeemeetings,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=changeapprovals/status;datauseconsents/status;committeemeetings/status,verbs=patch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=decisionrecords,verbs=create;list
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations,verbs=get
// +kubebuilder:rbac:groups="",namespace=kitei-system,resources=secrets,resourceNames=kitei-ledger-key,verbs=get;update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/paging"
)

const fieldOwner = "kitei-ledger"

// retryPause between attempts to open the ledger: the webhooks of this replica may not answer yet.
const retryPause = time.Second

// Standing is how the ledger stands.
type Standing struct {
	// Key that checks the records.
	Key ledger.Public
	// Head is the last record.
	Head ledger.Head
	// Fault is the first record at fault; nil where the ledger is whole.
	Fault *ledger.ChainError
}

// Book is the ledger as its leader holds it.
type Book struct {
	Keys

	Client client.Client
	// Live reads from the API server: the ledger must not rest on a stale cache.
	Live  client.Reader
	Clock clock.PassiveClock

	once     sync.Once
	open     chan struct{}
	changed  chan event.GenericEvent
	mu       sync.Mutex
	standing Standing
	recorded sets.Set[string]
}

func (b *Book) init() {
	b.once.Do(func() {
		b.open, b.changed = make(chan struct{}), make(chan event.GenericEvent, 1)
		b.recorded = sets.New[string]()
	})
}

// Opened waits until what was decided before there was a ledger is sealed, and the ledger is read.
func (b *Book) Opened(ctx context.Context) error {
	b.init()
	select {
	case <-b.open:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the ledger: %w", ctx.Err())
	}
}

// Changed wakes who reports how the ledger stands.
func (b *Book) Changed() <-chan event.GenericEvent {
	b.init()
	return b.changed
}

// Standing of the ledger; false until it is open.
func (b *Book) Standing() (Standing, bool) {
	b.init()
	select {
	case <-b.open:
	default:
		return Standing{}, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.standing, true
}

// Start opens the ledger, again until it could. It implements manager.Runnable, and runs on the leader alone.
func (b *Book) Start(ctx context.Context) error {
	b.init()
	err := wait.PollUntilContextCancel(ctx, retryPause, true, func(ctx context.Context) (bool, error) {
		err := b.opening(ctx)
		if err != nil {
			log.FromContext(ctx).Error(err, "the ledger is not open yet")
		}
		return err == nil, nil
	})
	if err != nil { // the operator ends
		return nil //nolint:nilerr // nothing is wrong
	}
	close(b.open)
	b.wake()
	return nil
}

func (b *Book) opening(ctx context.Context) error {
	if err := b.seal(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read(ctx)
}

// read reads and checks the whole ledger. A sequence that was given is never given again: where the last records are gone, which
// the Regulation's status tells, the next follows those that are gone, and the gap stays to be seen.
func (b *Book) read(ctx context.Context) error {
	known, err := b.known(ctx)
	if err != nil {
		return err
	}
	b.standing = Standing{Key: b.Key.Public}
	b.recorded = sets.New[string]()
	verifier := ledger.Verifier{Keys: append([]ledger.Public{b.Key.Public}, b.Former...)}
	last := ledger.Head{}
	err = paging.Each(ctx, b.Live, &v1alpha1.DecisionRecordList{}, func(record *v1alpha1.DecisionRecord) error {
		b.recorded.Insert(ledger.ID(record.Spec.Entry))
		last = ledger.Head{Sequence: max(last.Sequence, record.Spec.Sequence), Hash: ledger.Hash(record)}
		if b.standing.Fault == nil {
			b.fault(verifier.Next(ctx, record))
		}
		if known != nil && known.Sequence == record.Spec.Sequence && known.Hash != ledger.Hash(record) {
			b.fault(&ledger.ChainError{Problem: ledger.ProblemAltered, Sequence: known.Sequence})
		}
		if b.recorded.Len()%progressEvery == 0 {
			log.FromContext(ctx).Info("reading the ledger", "records", b.recorded.Len())
		}
		return nil
	})
	if err != nil {
		return err
	}
	if known != nil && known.Sequence > last.Sequence {
		b.fault(&ledger.ChainError{Problem: ledger.ProblemMissing, Sequence: last.Sequence + 1})
		last = ledger.Head{Sequence: known.Sequence, Hash: known.Hash}
	}
	b.standing.Head = last
	return nil
}

// fault keeps the first one.
func (b *Book) fault(err error) {
	var fault *ledger.ChainError
	if b.standing.Fault == nil && errors.As(err, &fault) {
		b.standing.Fault = fault
	}
}

// known is the last record that the Regulation's status knows of.
func (b *Book) known(ctx context.Context) (*v1alpha1.LedgerStatus, error) {
	var regulation v1alpha1.Regulation
	err := b.Live.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &regulation)
	if err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return regulation.Status.Ledger, nil
}

// Record appends the entries that the ledger does not have yet.
func (b *Book) Record(ctx context.Context, entries ...v1alpha1.LedgerEntry) error {
	if err := b.Opened(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, entry := range entries {
		if b.recorded.Has(ledger.ID(entry)) {
			continue
		}
		if err := b.append(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) append(ctx context.Context, entry v1alpha1.LedgerEntry) error {
	head := &b.standing.Head
	record, err := ledger.Append(ctx, b.Key, head.Hash, head.Sequence+1, entry)
	if err != nil {
		return err
	}
	err = b.Client.Create(ctx, record, client.FieldOwner(fieldOwner))
	if err != nil {
		// Another leader wrote it, or the API server took it and could not say so: what is there tells.
		if read := b.read(ctx); read != nil {
			return errors.Join(err, read)
		}
		if apierrors.IsAlreadyExists(err) || b.recorded.Has(ledger.ID(entry)) {
			return fmt.Errorf("append to the ledger once more: %w", err)
		}
		return fmt.Errorf("append %s of %s to the ledger: %w", entry.Kind, entry.Name, err)
	}
	*head = ledger.Head{Sequence: record.Spec.Sequence, Hash: ledger.Hash(record)}
	b.recorded.Insert(ledger.ID(entry))
	b.wake()
	return nil
}

// wake tells who reports; it is enough to be woken once.
func (b *Book) wake() {
	select {
	case b.changed <- event.GenericEvent{Object: &v1alpha1.Regulation{}}:
	default:
	}
}
