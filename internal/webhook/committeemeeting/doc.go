// Package committeemeeting answers for every write of a CommitteeMeeting: the secretariat writes the record of a meeting, the
// chair confirms it, and nothing changes afterwards (articles 18, 19, 23 and 24). Nobody is exempt.
//
// rules.go holds what the secretariat may write, confirm.go what the chair may confirm: pure functions. load.go reads what they
// depend on.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=departments;managingsections;committeemeetings;datauseconsents,verbs=list
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;committees;changeapprovals,verbs=get
package committeemeeting
