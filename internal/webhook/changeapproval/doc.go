// Package changeapproval answers for every write of a ChangeApproval: who may submit an application, who may decide it, and
// what nobody may change (articles 12 and 13).
//
// review.go holds the rules as pure functions, papers.go and handler.go read what they depend on, and package attest asks them
// for each request. Nobody is exempt.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=departments;managingsections,verbs=list
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;electronicsystems,verbs=get
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=electronicsystems;changeapprovals;datauseconsents;committeemeetings,verbs=list
package changeapproval
