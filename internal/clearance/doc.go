// Package clearance decides what may run in a namespace, and if not, why (articles 4 and 12).
//
// It is pure: it reads no cluster and no clock. The controllers, the webhooks and the kubectl plugin all ask it, so that they
// give one answer. [Approval] judges one application, [System] one electronic information system, [Namespace] one namespace;
// [Explain] says the verdict in a person's language.
package clearance
