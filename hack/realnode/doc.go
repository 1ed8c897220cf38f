// Package realnode runs one real Kubernetes node on this machine: the control plane of devcluster, and beside it containerd,
// a kubelet and kube-proxy, so that Pods are containers and Services are programmed. It is for the tests of test/e2e.
//
// All of it runs in namespaces of its own (network, processes, mounts), with no route out: no packet leaves the machine, the
// machine's own rules and interfaces stay as they are, and when the first process of the namespaces ends, however that comes
// about, the kernel ends all others and undoes every mount. What no namespace covers are the cgroups, which [Main] removes,
// and the kernel settings that a kubelet writes: it gets files to write them to instead.
//
// It needs Linux, root, and the Debian packages that [Missing] looks for.
package realnode
