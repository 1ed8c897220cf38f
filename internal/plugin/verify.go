package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/cli-runtime/pkg/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/paging"
)

func newVerifyCommand(o *options) *cobra.Command {
	var files []string
	var key string
	command := &cobra.Command{
		Use:     "verify [-f EXPORT] [--key FILE]",
		Example: "  kubectl kitei verify\n  kubectl kitei verify -f export.yaml --key ledger.pem",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			var e evidence
			if len(files) > 0 {
				e, err = o.exported(files, p)
			} else {
				e, err = o.present(command.Context())
			}
			if err != nil {
				return err
			}
			keys, err := e.keys(key, p)
			if err != nil {
				return err
			}
			return e.verify(command.Context(), keys, o.Out, p)
		},
	}
	command.Flags().StringSliceVarP(&files, "filename", "f", nil, "")
	command.Flags().StringVar(&key, "key", "", "")
	return command
}

// evidence is what there is to check.
type evidence struct {
	regulation *v1alpha1.Regulation
	records    []v1alpha1.DecisionRecord
	// stamped objects.
	stamped []client.Object
}

// exported reads an export. What else it holds is passed over.
func (o *options) exported(files []string, p message.Printer) (evidence, error) {
	objects, err := o.readManifests(resource.FilenameOptions{Filenames: files}, p)
	if err != nil {
		return evidence{}, err
	}
	var e evidence
	for _, object := range objects {
		if object.GroupVersionKind().GroupVersion() != v1alpha1.GroupVersion {
			continue
		}
		kinds := map[string]client.Object{
			"Regulation": &v1alpha1.Regulation{}, "DecisionRecord": &v1alpha1.DecisionRecord{},
			"ChangeApproval": &v1alpha1.ChangeApproval{}, "DataUseConsent": &v1alpha1.DataUseConsent{},
			"CommitteeMeeting": &v1alpha1.CommitteeMeeting{},
		}
		typed, ours := kinds[object.GetKind()]
		if !ours {
			continue
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
			return evidence{}, usage(p.Say(message.PluginBadFile, object.file, err))
		}
		e.add(typed)
	}
	return e, nil
}

// present reads the cluster, page by page.
func (o *options) present(ctx context.Context) (evidence, error) {
	c, err := o.connect()
	if err != nil {
		return evidence{}, err
	}
	var e evidence
	for _, list := range []client.ObjectList{&v1alpha1.RegulationList{}, &v1alpha1.DecisionRecordList{}, &v1alpha1.ChangeApprovalList{},
		&v1alpha1.DataUseConsentList{}, &v1alpha1.CommitteeMeetingList{}} {
		err := paging.Each(ctx, c, list, func(object client.Object) error {
			e.add(object)
			return nil
		})
		if err != nil {
			return evidence{}, err
		}
	}
	return e, nil
}

func (e *evidence) add(object client.Object) {
	switch object := object.(type) {
	case *v1alpha1.Regulation:
		e.regulation = object
	case *v1alpha1.DecisionRecord:
		e.records = append(e.records, *object)
	default:
		e.stamped = append(e.stamped, object)
	}
}

// keys to check with: those of the file, or the one that the Regulation names.
func (e *evidence) keys(file string, p message.Printer) ([]ledger.Public, error) {
	var text []byte
	switch {
	case file != "":
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, usage(p.Say(message.PluginBadKey, file, err))
		}
		text = content
	case e.regulation != nil && e.regulation.Status.Ledger != nil:
		text, file = []byte(e.regulation.Status.Ledger.PublicKey), "status.ledger.publicKey"
	default:
		return nil, usage(p.Say(message.PluginNoLedgerKey))
	}
	keys, err := ledger.ParsePublics(text)
	if err != nil {
		return nil, usage(p.Say(message.PluginBadKey, file, err))
	}
	return keys, nil
}

// verify says whether the ledger is whole, and everything in it that should be.
func (e *evidence) verify(ctx context.Context, keys []ledger.Public, out io.Writer, p message.Printer) error {
	head, err := ledger.Verify(ctx, keys, e.records)
	if err == nil {
		err = e.reaches(head)
	}
	var fault *ledger.ChainError
	var complaints []string
	switch {
	case errors.As(err, &fault):
		complaints = append(complaints, p.Say(fault.Message(), fault.Sequence))
	case err != nil:
		return err
	default:
		fmt.Fprintln(out, p.Say(message.PluginVerified, head.Sequence, head.Hash))
	}
	stamps, wrong := e.complaints(keys, p)
	complaints = append(complaints, wrong...)
	for _, complaint := range complaints {
		fmt.Fprintln(out, complaint)
	}
	if len(complaints) == 0 && stamps > 0 {
		fmt.Fprintln(out, p.Say(message.PluginStampsVerified, stamps))
	}
	ids := make([]string, 0, len(keys))
	for _, key := range keys {
		ids = append(ids, key.ID())
	}
	fmt.Fprintln(out, p.Say(message.PluginVerifiedWith, strings.Join(ids, ", ")))
	if len(complaints) > 0 {
		return &ExitError{Code: exitNo}
	}
	return nil
}

// complaints are what is wrong with the stamped objects; and it counts their stamps.
func (e *evidence) complaints(keys []ledger.Public, p message.Printer) (stamps int, complaints []string) {
	recorded := sets.New[string]()
	for i := range e.records {
		recorded.Insert(ledger.ID(e.records[i].Spec.Entry))
	}
	for _, object := range e.stamped {
		all := ledger.Stamps(object)
		if ledger.PutBack(object, recorded.Has) {
			complaints = append(complaints, p.Say(message.PluginStampPutBack, all[0].Entry.Resource, all[0].Entry.Name))
		}
		for _, stamp := range all {
			entry := stamp.Entry
			if entry.Kind == v1alpha1.EntrySubmission && stamp.Seal == "" && proven(keys, all[len(all)-1]) {
				continue // it was decided before there was a ledger, and is proven by its decision
			}
			stamps++
			switch {
			case !proven(keys, stamp):
				complaints = append(complaints,
					p.Say(message.PluginStampUnattested, entry.Resource, entry.Name, entry.Decision, entry.By))
			case !recorded.Has(ledger.ID(entry)):
				complaints = append(complaints,
					p.Say(message.PluginStampUnrecorded, entry.Resource, entry.Name, entry.Decision, entry.By))
			}
		}
	}
	return stamps, complaints
}

// reaches says whether the records go as far as the Regulation knows that they went.
func (e *evidence) reaches(head ledger.Head) error {
	if e.regulation == nil || e.regulation.Status.Ledger == nil {
		return nil
	}
	known := e.regulation.Status.Ledger
	switch {
	case known.Sequence > head.Sequence:
		return &ledger.ChainError{Problem: ledger.ProblemMissing, Sequence: head.Sequence + 1}
	case known.Sequence == head.Sequence && known.Hash != head.Hash:
		return &ledger.ChainError{Problem: ledger.ProblemAltered, Sequence: head.Sequence}
	}
	return nil
}

func proven(keys []ledger.Public, stamp ledger.Stamp) bool {
	for _, key := range keys {
		if _, proven := key.Proven(stamp); proven {
			return true
		}
	}
	return false
}
