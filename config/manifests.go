// Package config holds the manifests that the operator compares the cluster with: the policies and the webhooks as they are
// installed, every field that the API server would fill in written out.
package config

import "embed"

// Enforcement holds the admission policies, their bindings and the webhook configurations.
//
//go:embed policy/*/*.yaml webhook/manifests.yaml
var Enforcement embed.FS
