// Package v1alpha1 holds the kinds with which a municipality writes its regulation (規程) on electronic information
// systems into a cluster: who heads what, which systems exist, and what was approved.
//
// Every kind is cluster-scoped, because a governance record outlives the namespaces that it speaks of. The articles named
// in the comments are those of 荒川区電子情報システム管理運営規程.
//
// +kubebuilder:object:generate=true
// +groupName=governance.kitei.dev
package v1alpha1
