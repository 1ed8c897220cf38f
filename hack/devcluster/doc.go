// Package devcluster runs a real Kubernetes control plane on loopback: etcd,
// kube-apiserver, kube-controller-manager and kube-scheduler as separate
// processes, and KWOK, which plays the nodes and the containers on them.
//
// The programs are built from Go modules pinned in the nested module
// "binaries" and kept in the user's cache directory, so that a machine with a
// Go toolchain and a module proxy needs nothing else. The same cluster serves
// a person who tries the operator and the tests.
//
// The cluster differs from the test environment of controller-runtime in what
// matters to an operator that governs admission: the ServiceAccount admission
// plugin and RBAC are on, controllers and a scheduler act under their own
// identities, and Pods really run (as far as the API can tell).
//
// No process outlives the one that started the cluster, however that one ends.
package devcluster
