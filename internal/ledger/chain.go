package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
)

const (
	statementType = "https://in-toto.io/Statement/v1"
	// PredicateType of a record's statement.
	PredicateType = "https://kitei.dev/attestations/decision-record/v1"
)

// Statement is an in-toto statement about what was acted on.
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// Subject is the content that was acted on.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// Predicate is an entry in its place in the chain.
type Predicate struct {
	// Sequence counts from 1 without a gap.
	Sequence int64 `json:"sequence"`
	// Previous is the [Hash] of the record before; empty for the first.
	Previous string               `json:"previous"`
	Entry    v1alpha1.LedgerEntry `json:"entry"`
}

// Hash of a record: the SHA-256 of what its signature signs, DSSE's pre-authentication encoding of the payload, in hexadecimal.
func Hash(record *v1alpha1.DecisionRecord) string {
	payload, err := envelope(record).DecodeB64Payload()
	if err != nil {
		return "" // no record, as Open says
	}
	sum := sha256.Sum256(dsse.PAE(record.Spec.Envelope.PayloadType, payload))
	return hex.EncodeToString(sum[:])
}

// Name of the record with a sequence: lists come in its order.
func Name(sequence int64) string { return fmt.Sprintf("%012d", sequence) }

// Append signs an entry as the record with a sequence, after the record that has the hash previous.
func Append(ctx context.Context, key Key, previous string, sequence int64, entry v1alpha1.LedgerEntry) (*v1alpha1.DecisionRecord, error) {
	statement := Statement{
		Type: statementType, PredicateType: PredicateType,
		Subject:   []Subject{{Name: entry.Resource + "/" + entry.Name, Digest: map[string]string{"sha256": entry.Digest}}},
		Predicate: Predicate{Sequence: sequence, Previous: previous, Entry: entry},
	}
	payload, err := json.Marshal(statement)
	if err != nil {
		return nil, fmt.Errorf("encode record %d: %w", sequence, err)
	}
	signer, err := dsse.NewEnvelopeSigner(key)
	if err != nil {
		return nil, fmt.Errorf("sign record %d: %w", sequence, err)
	}
	signed, err := signer.SignPayload(ctx, PayloadType, payload)
	if err != nil {
		return nil, fmt.Errorf("sign record %d: %w", sequence, err)
	}
	record := &v1alpha1.DecisionRecord{ObjectMeta: metav1.ObjectMeta{Name: Name(sequence)}, Spec: v1alpha1.DecisionRecordSpec{
		Sequence: sequence, Previous: previous, Entry: entry,
		Envelope: v1alpha1.SignedEnvelope{PayloadType: signed.PayloadType, Payload: signed.Payload},
	}}
	for _, signature := range signed.Signatures {
		record.Spec.Envelope.Signatures = append(record.Spec.Envelope.Signatures,
			v1alpha1.EnvelopeSignature{KeyID: signature.KeyID, Signature: signature.Sig})
	}
	return record, nil
}

func envelope(record *v1alpha1.DecisionRecord) *dsse.Envelope {
	said := &record.Spec.Envelope
	e := &dsse.Envelope{PayloadType: said.PayloadType, Payload: said.Payload}
	for _, signature := range said.Signatures {
		e.Signatures = append(e.Signatures, dsse.Signature{KeyID: signature.KeyID, Sig: signature.Signature})
	}
	return e
}

// Problem is what is wrong with a chain.
type Problem string // the reason of the condition Ledger

const (
	// ProblemMissing: a record is not there.
	ProblemMissing Problem = v1alpha1.ReasonRecordMissing
	// ProblemAltered: a record is not what Kitei signed, or does not follow the one before it.
	ProblemAltered Problem = v1alpha1.ReasonRecordAltered
	// ProblemOrder: a record is in another's place, or there twice.
	ProblemOrder Problem = v1alpha1.ReasonRecordOutOfOrder
)

// ChainError names the first record at fault.
type ChainError struct {
	Problem Problem
	// Sequence at fault.
	Sequence int64
	// Cause, where there is more to say.
	Cause error
}

// Error names the problem and the record.
func (e *ChainError) Error() string {
	text := fmt.Sprintf("record %d: %s", e.Sequence, e.Problem)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Message is the sentence that says it to a person; its argument is the sequence.
func (e *ChainError) Message() message.ID {
	switch e.Problem {
	case ProblemMissing:
		return message.LedgerMissing
	case ProblemOrder:
		return message.LedgerOutOfOrder
	case ProblemAltered:
	}
	return message.LedgerAltered
}

// Unwrap returns the cause.
func (e *ChainError) Unwrap() error { return e.Cause }

// Open checks that one of the keys signed a record, and that the record says what was signed.
func Open(ctx context.Context, keys []Public, record *v1alpha1.DecisionRecord) (Predicate, error) {
	verifiers := make([]dsse.Verifier, 0, len(keys))
	for _, key := range keys {
		verifiers = append(verifiers, key)
	}
	verifier, err := dsse.NewEnvelopeVerifier(verifiers...)
	if err != nil {
		return Predicate{}, fmt.Errorf("make a verifier: %w", err)
	}
	e := envelope(record)
	if _, err := verifier.Verify(ctx, e); err != nil {
		return Predicate{}, fmt.Errorf("verify the signature: %w", err)
	}
	payload, err := e.DecodeB64Payload()
	if err != nil {
		return Predicate{}, fmt.Errorf("decode the payload: %w", err)
	}
	var statement Statement
	if err := json.Unmarshal(payload, &statement); err != nil {
		return Predicate{}, fmt.Errorf("read the statement: %w", err)
	}
	if e.PayloadType != PayloadType || statement.Type != statementType || statement.PredicateType != PredicateType {
		return Predicate{}, fmt.Errorf("it is a %s, no record", statement.PredicateType)
	}
	said := Predicate{Sequence: record.Spec.Sequence, Previous: record.Spec.Previous, Entry: record.Spec.Entry}
	if !equality.Semantic.DeepEqual(said, statement.Predicate) || record.Name != Name(statement.Predicate.Sequence) {
		return Predicate{}, errors.New("it says something else than was signed")
	}
	return statement.Predicate, nil
}

// Head is the last record of a ledger: its sequence and its [Hash]. There is none before the first.
type Head struct {
	Sequence int64
	Hash     string
}

// Verifier checks the records of a ledger one after the other.
type Verifier struct {
	// Keys that may have signed them.
	Keys []Public
	// Head of what was checked.
	Head Head
}

// Next checks the record that should follow: it is signed, and follows the one before it. Its error is a [ChainError].
func (v *Verifier) Next(ctx context.Context, record *v1alpha1.DecisionRecord) error {
	sequence := v.Head.Sequence + 1
	predicate, err := Open(ctx, v.Keys, record)
	switch {
	case err != nil:
		return &ChainError{Problem: ProblemAltered, Sequence: sequence, Cause: err}
	case predicate.Sequence > sequence:
		return &ChainError{Problem: ProblemMissing, Sequence: sequence}
	case predicate.Sequence < sequence:
		return &ChainError{Problem: ProblemOrder, Sequence: predicate.Sequence}
	case predicate.Previous != v.Head.Hash:
		return &ChainError{Problem: ProblemAltered, Sequence: sequence, Cause: errors.New("it does not follow the record before it")}
	}
	v.Head = Head{Sequence: sequence, Hash: Hash(record)}
	return nil
}

// Verify checks a whole ledger, in the order in which it is given, and returns its head. Its error is a [ChainError] that names
// the first record at fault. That the last ones are there, only a head that is known otherwise can tell.
func Verify(ctx context.Context, keys []Public, records []v1alpha1.DecisionRecord) (Head, error) {
	verifier := Verifier{Keys: keys}
	for i := range records {
		err := verifier.Next(ctx, &records[i])
		var fault *ChainError
		if errors.As(err, &fault) && fault.Problem == ProblemMissing &&
			slices.ContainsFunc(records[i:], func(later v1alpha1.DecisionRecord) bool { return later.Spec.Sequence == fault.Sequence }) {
			fault.Problem = ProblemOrder
		}
		if err != nil {
			return verifier.Head, err
		}
	}
	return verifier.Head, nil
}
