// Package changeapproval answers for every write of a ChangeApproval: who may submit an application, who may decide it, and
// what nobody may change (articles 12 and 13).
//
// review.go holds the rules as pure functions. handler.go asks them twice for each request: the mutating webhook to stamp
// who submitted or decided, the validating webhook to see that the final object carries exactly that stamp. Identity comes
// from the authenticated request, never from the object, and nobody is exempt.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=departments;managingsections,verbs=list
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;electronicsystems,verbs=get
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=electronicsystems;changeapprovals;datauseconsents;committeemeetings,verbs=list
package changeapproval
