package classification

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"kitei.dev/kitei/api/v1alpha1"
)

// levelsOf reads the names of levels, each once, as the API server has them.
func levelsOf(list string) []v1alpha1.LevelDefinition {
	var definitions []v1alpha1.LevelDefinition
	for _, name := range strings.Fields(list) {
		if !slices.ContainsFunc(definitions, func(d v1alpha1.LevelDefinition) bool { return string(d.Name) == name }) {
			definitions = append(definitions, v1alpha1.LevelDefinition{Name: v1alpha1.Level(name)})
		}
	}
	return definitions
}

// FuzzCheck judges whatever labels by whatever standard: an asset passes exactly where each of its levels stands in the
// standard's list, not above the system's; and one that does what it is told passes.
func FuzzCheck(f *testing.F) {
	f.Fuzz(func(t *testing.T, c, i, a, of, asset, claimed, templated string) {
		standard := &v1alpha1.SecurityStandard{Spec: v1alpha1.SecurityStandardSpec{
			Confidentiality: levelsOf(c), Integrity: levelsOf(i), Availability: levelsOf(a)}}
		labels := map[string]string{}
		for at, level := range strings.SplitN(asset, "/", 3) {
			labels[Aspects()[at].Label()] = level
		}
		q := Question{Namespace: "tax", Standard: standard, SystemName: "tax",
			System: &v1alpha1.ElectronicSystem{Spec: v1alpha1.ElectronicSystemSpec{Classification: class(of)}},
			Asset:  Asset{Kind: "Deployment", Name: "web", Class: ClassOf(labels)}}
		want := true
		for _, aspect := range Aspects() {
			list := aspect.Levels(standard)
			ceiling := slices.Index(list, aspect.Of(*q.System.Spec.Classification))
			want = want && ceiling >= 0 && slices.Index(list, aspect.Of(q.Asset.Class)) >= ceiling
		}
		if findings := Check(q); (len(findings) == 0) != want {
			t.Fatalf("%q of a system %q: %+v", asset, of, findings)
		}
		if _, reason := OfSystem(q.System, standard); reason != v1alpha1.ReasonClassified {
			return
		}
		q.Asset.Claims, q.Claims = []string{"data"}, []Claim{{Name: "data", Class: *class(claimed)}}
		q.Asset.Templates = []Template{{Path: "t", Class: *class(templated)}}
		fixed := q
		fixed.Asset.Class = q.proposed()
		fixed.Asset.Templates = []Template{{Path: "t", Class: q.proposedTemplate(q.Asset.Templates[0])}}
		fixed.Claims = slices.Clone(q.Claims)
		for _, group := range q.claimsToLabel() {
			if slices.Contains(group.claims, "data") {
				fixed.Claims[0].Class = group.class
			}
		}
		if findings := Check(fixed); len(findings) > 0 {
			t.Fatalf("%q, claim %q, template %q of a system %q were told what to do, and are refused: %+v", asset, claimed, templated, of,
				findings)
		}
	})
}

// FuzzMounts finds the claims of a StatefulSet by their names: as the controller of StatefulSets names them, and no others that
// end in what is no number.
func FuzzMounts(f *testing.F) {
	f.Fuzz(func(t *testing.T, template, set, claim string, ordinal uint32) {
		asset := Asset{Kind: "StatefulSet", Name: set, Templates: []Template{{ClaimPrefix: template + "-" + set + "-"}, {}}}
		if own := template + "-" + set + "-" + strconv.Itoa(int(ordinal)); !asset.Mounts(own) {
			t.Fatalf("%q of %q is not its own", own, asset.Templates)
		}
		at := strings.LastIndex(claim, "-")
		number, err := strconv.Atoi(claim[at+1:])
		if asset.Mounts(claim) && (claim[:at+1] != template+"-"+set+"-" || err == nil && number < 0) {
			t.Fatalf("%q is none of %q", claim, asset.Templates)
		}
		if (Asset{Templates: []Template{{}}}).Mounts(claim) {
			t.Fatal("an ephemeral volume takes a claim")
		}
	})
}
