// Package ledger is the proof of the procedure: what was submitted, consented to, met on and decided, as entries that are
// sealed when they are stamped, and kept as records that are signed and chained by hash.
//
// An entry is what one stamp says. Its seal is a signature that only the operator can make, written beside the stamp by the
// webhook that made it: a stamp that was written while the webhook was away, or into etcd, has none, and clears nothing. A
// record is an entry with its number and the hash of the record before it, in a DSSE envelope around an in-toto statement. So
// an auditor who has the records and the public key can tell, without the cluster, which record is missing, altered or out of
// order.
//
// It is pure: it reads no cluster and no clock.
package ledger
