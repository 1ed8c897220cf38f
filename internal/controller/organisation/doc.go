// Package organisation keeps the status of Departments (部) and ManagingSections (課): whether what they name exists, somebody
// holds the office of their head, and how many sections or systems are theirs (articles 2 and 4).
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;electronicsystems;changeapprovals;datauseconsents;committeemeetings,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=departments/status;managingsections/status,verbs=patch
package organisation
