// Package attest holds what the webhooks share that see to who wrote what. A kind's rules are pure; a [Handler] asks them twice
// for each request: the mutating webhook to stamp who did it, the validating webhook to see that the final object carries
// exactly that stamp. Identity comes from the authenticated request, never from the object.
package attest
