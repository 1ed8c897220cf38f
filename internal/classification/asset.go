package classification

import (
	"slices"
	"strings"

	"kitei.dev/kitei/api/v1alpha1"
)

// KindClaim is the kind of an [Asset] that is a volume's claim rather than a workload.
const KindClaim = "PersistentVolumeClaim"

// Asset is an information asset (情報資産) as the cluster knows it: a workload or a volume's claim, with what of it matters to
// its class. Two equal Assets are judged alike.
type Asset struct {
	// Kind of the object, for example Deployment.
	Kind string
	// Name of the object; a generated one ends in "*" as long as it is not known.
	Name string
	// Class that its labels say.
	Class v1alpha1.Classification
	// Claims are the names of the claims that its Pods mount, sorted.
	Claims []string
	// Templates of claims that controllers make for its Pods. What they make is not asked about again, so they are asked
	// here.
	Templates []Template
}

// Template of a claim: of a StatefulSet's volumeClaimTemplates, or of a generic ephemeral volume.
type Template struct {
	// Path of the template in its object, for people: spec.volumeClaimTemplates[data].
	Path string
	// Class that its labels say.
	Class v1alpha1.Classification
	// ClaimPrefix starts the names of the claims made from it, where they are kept and found again by name: data-web- for
	// template data of StatefulSet web. Empty for an ephemeral volume, whose claim nobody else may have made.
	ClaimPrefix string
}

// Claim is a volume's claim that exists.
type Claim struct {
	Name  string
	Class v1alpha1.Classification
}

// Equal says whether the two are judged alike: neither class, nor volumes differ.
func (a Asset) Equal(b Asset) bool {
	return a.Kind == b.Kind && a.Name == b.Name && a.Class == b.Class &&
		slices.Equal(a.Claims, b.Claims) && slices.Equal(a.Templates, b.Templates)
}

// Mounts says whether Pods of the asset mount the claim: by its name, or because a StatefulSet finds it under the name that
// it gives its own.
func (a Asset) Mounts(claim string) bool {
	return slices.Contains(a.Claims, claim) ||
		slices.ContainsFunc(a.Templates, func(template Template) bool { return template.finds(claim) })
}

// finds says whether the claim has the name of one made from the template.
func (t Template) finds(claim string) bool {
	ordinal, found := strings.CutPrefix(claim, t.ClaimPrefix)
	return t.ClaimPrefix != "" && found && ordinal != "" && strings.Trim(ordinal, "0123456789") == ""
}

// templatesFrozen says whether the templates of an existing object of this kind cannot change: it must be made anew.
func (a Asset) templatesFrozen() bool {
	return slices.Contains([]string{"StatefulSet", "Job", "Pod"}, a.Kind)
}

// subject names the asset for people.
func (a Asset) subject() string { return a.Kind + " " + a.Name }

func (a Asset) templateSubject(t Template) string { return a.subject() + " " + t.Path }
