// Package classification answers for what is written into the namespaces of registered systems: workloads and claims of
// volumes bear the class of the information in them (article 26-2 (2)), by the security standard in force (article 27).
//
// It decides nothing itself. assets.go reads from a request what matters to its class, read.go and mounts.go gather what that
// is measured against, and the pure package internal/classification judges. Claims and workloads are read live, so that the
// operator need not hold every one of them in memory: of claims the labels only, of workloads a page at a time.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;securitystandards;electronicsystems,verbs=get;list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=managingsections;departments,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get;list
// +kubebuilder:rbac:groups="",resources=pods;replicationcontrollers,verbs=list
// +kubebuilder:rbac:groups=apps,resources=deployments;statefulsets;daemonsets;replicasets,verbs=list
// +kubebuilder:rbac:groups=batch,resources=jobs;cronjobs,verbs=list
package classification
