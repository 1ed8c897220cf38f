// Package regulation keeps the status of the Regulation: whether what it names exists, whether the API server enforces it,
// and how many namespaces have which clearance. It reports a policy or webhook that somebody removed or
// edited; it does not put it back, because an administrator may have had to do so.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;securitystandards;committees,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=admissionregistration.k8s.io,resources=validatingadmissionpolicies;validatingadmissionpolicybindings;mutatingadmissionpolicies;mutatingadmissionpolicybindings;validatingwebhookconfigurations;mutatingwebhookconfigurations,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
package regulation
