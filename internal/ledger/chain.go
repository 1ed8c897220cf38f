package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
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
	Previous string `json:"previous"`
	Entry    Entry  `json:"entry"`
}

// Hash of a record: the SHA-256 of its signed payload and its signature, in hexadecimal.
func Hash(envelope *dsse.Envelope) string {
	text, err := json.Marshal(envelope)
	if err != nil {
		panic(fmt.Sprintf("encode an envelope: %v", err)) // cannot happen: it holds strings
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Append signs an entry as the record that follows previous, which is nil for the first.
func Append(ctx context.Context, key Key, previous *dsse.Envelope, sequence int64, entry Entry) (*dsse.Envelope, error) {
	statement := Statement{Type: statementType, PredicateType: PredicateType,
		Subject:   []Subject{{Name: entry.Resource + "/" + entry.Name, Digest: map[string]string{"sha256": entry.Digest}}},
		Predicate: Predicate{Sequence: sequence, Entry: entry}}
	if previous != nil {
		statement.Predicate.Previous = Hash(previous)
	}
	payload, err := json.Marshal(statement)
	if err != nil {
		return nil, fmt.Errorf("encode record %d: %w", sequence, err)
	}
	signer, err := dsse.NewEnvelopeSigner(key)
	if err != nil {
		return nil, fmt.Errorf("sign record %d: %w", sequence, err)
	}
	envelope, err := signer.SignPayload(ctx, PayloadType, payload)
	if err != nil {
		return nil, fmt.Errorf("sign record %d: %w", sequence, err)
	}
	return envelope, nil
}

// Problem is what is wrong with a chain.
type Problem string

const (
	// ProblemMissing: a record is not there.
	ProblemMissing Problem = "Missing"
	// ProblemAltered: a record's signature does not fit, or it is no record.
	ProblemAltered Problem = "Altered"
	// ProblemOrder: a record is in another's place, or twice there.
	ProblemOrder Problem = "OutOfOrder"
	// ProblemBroken: a record does not follow the one before it.
	ProblemBroken Problem = "Broken"
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

// Unwrap returns the cause.
func (e *ChainError) Unwrap() error { return e.Cause }

// Open checks a record's signature and reads what it says.
func Open(ctx context.Context, key Public, envelope *dsse.Envelope) (Predicate, error) {
	verifier, err := dsse.NewEnvelopeVerifier(key)
	if err != nil {
		return Predicate{}, fmt.Errorf("make a verifier: %w", err)
	}
	if _, err := verifier.Verify(ctx, envelope); err != nil {
		return Predicate{}, fmt.Errorf("verify the signature: %w", err)
	}
	payload, err := envelope.DecodeB64Payload()
	if err != nil {
		return Predicate{}, fmt.Errorf("decode the payload: %w", err)
	}
	var statement Statement
	if err := json.Unmarshal(payload, &statement); err != nil {
		return Predicate{}, fmt.Errorf("read the statement: %w", err)
	}
	if envelope.PayloadType != PayloadType || statement.Type != statementType || statement.PredicateType != PredicateType {
		return Predicate{}, fmt.Errorf("it is a %s, no record", statement.PredicateType)
	}
	return statement.Predicate, nil
}

// Verify checks a whole chain, in the order of its records: each is signed, follows the one before it, and none is missing.
// Its error is a [ChainError] that names the first record at fault. That the last ones are there, only a head that is known
// otherwise can tell: compare it with [Hash] of the last.
func Verify(ctx context.Context, key Public, records []*dsse.Envelope) ([]Predicate, error) {
	predicates := make([]Predicate, 0, len(records))
	previous := ""
	for i, envelope := range records {
		sequence := int64(i) + 1
		predicate, err := Open(ctx, key, envelope)
		switch {
		case err != nil:
			return predicates, &ChainError{Problem: ProblemAltered, Sequence: sequence, Cause: err}
		case predicate.Sequence > sequence:
			return predicates, &ChainError{Problem: missingOrMoved(ctx, key, records[i:], sequence), Sequence: sequence}
		case predicate.Sequence < sequence:
			return predicates, &ChainError{Problem: ProblemOrder, Sequence: predicate.Sequence}
		case predicate.Previous != previous:
			return predicates, &ChainError{Problem: ProblemBroken, Sequence: sequence}
		}
		previous = Hash(envelope)
		predicates = append(predicates, predicate)
	}
	return predicates, nil
}

// missingOrMoved tells whether a record is nowhere among the rest, or only in another place.
func missingOrMoved(ctx context.Context, key Public, rest []*dsse.Envelope, sequence int64) Problem {
	for _, envelope := range rest {
		if predicate, err := Open(ctx, key, envelope); err == nil && predicate.Sequence == sequence {
			return ProblemOrder
		}
	}
	return ProblemMissing
}
