package classification

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// question about a Deployment of a system of the class 3B/2/2.
func question(asset string, change ...func(*Question)) Question {
	q := Question{
		Namespace: "tax", StandardName: "arakawa", Standard: standard(), SystemName: "tax",
		System: &v1alpha1.ElectronicSystem{Spec: v1alpha1.ElectronicSystemSpec{
			DisplayName: "税務システム", Classification: class("3B/2/2"),
		}},
		Asset: Asset{Kind: "Deployment", Name: "web", Class: *class(asset)},
	}
	q.System.Name = "tax"
	for _, apply := range change {
		apply(&q)
	}
	return q
}

func mounting(claims ...Claim) func(*Question) {
	return func(q *Question) {
		q.Claims = claims
		for _, claim := range claims {
			q.Asset.Claims = append(q.Asset.Claims, claim.Name)
		}
	}
}

func claim(name, of string) Claim { return Claim{Name: name, Class: *class(of)} }

func template(path, of string) func(*Question) {
	return func(q *Question) {
		q.Asset.Templates = append(q.Asset.Templates, Template{Path: path, Class: *class(of)})
	}
}

// before says that the asset was there, with these volumes too, and classed otherwise.
func before(of string) func(*Question) {
	return func(q *Question) {
		asset := q.Asset
		asset.Class = *class(of)
		q.Before = &asset
	}
}

// mountedBy makes the asset a claim.
func mountedBy(workloads ...Asset) func(*Question) {
	return func(q *Question) {
		q.Asset.Kind, q.Asset.Name = KindClaim, "data"
		q.Workloads = workloads
	}
}

func workload(name, of string) Asset { return Asset{Kind: "Deployment", Name: name, Class: *class(of)} }

func system(of *v1alpha1.Classification) func(*Question) {
	return func(q *Question) { q.System.Spec.Classification = of }
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		question Question
		want     []string // reason, subject, others: aspects
	}{
		"at the system's class": {question("3B/2/2"), nil},
		"below it":              {question("1/1/1"), nil},
		"no standard":           {question("", func(q *Question) { q.Standard = nil }), []string{"StandardNotFound"}},
		"no system":             {question("", func(q *Question) { q.System = nil }), []string{"SystemNotFound"}},

		"no labels":           {question(""), []string{"Unlabelled Deployment web: Confidentiality Integrity Availability"}},
		"one label":           {question("3B"), []string{"Unlabelled Deployment web: Integrity Availability"}},
		"no level":            {question("3B/9/2"), []string{"Unlabelled Deployment web: Integrity"}},
		"level of another":    {question("3B/3B/2"), []string{"Unlabelled Deployment web: Integrity"}},
		"above in one aspect": {question("3A/2/2"), []string{"AboveSystem Deployment web: Confidentiality"}},
		"above in two": {
			question("3A/2/2", system(class("3B/2/1"))),
			[]string{"AboveSystem Deployment web: Confidentiality Availability"},
		},
		"one missing, one above": {question("3A//2"), []string{
			"Unlabelled Deployment web: Integrity", "AboveSystem Deployment web: Confidentiality",
		}},

		"unclassed system": {question("3A/2/2", system(nil)), []string{"Unclassified "}},
		"unclassed system, unlabelled asset": {question("", system(nil)), []string{
			"Unclassified ", "Unlabelled Deployment web: Confidentiality Integrity Availability",
		}},
		"system of another standard": {question("3A/2/2", system(class("4/2/2"))), []string{"UnknownLevel : Confidentiality"}},
		"its known aspects bound": {question("3A/2/2", system(class("4/1/2"))), []string{
			"UnknownLevel : Confidentiality", "AboveSystem Deployment web: Integrity",
		}},

		"claim below":           {question("3B/2/2", mounting(claim("data", "3C/1/1"))), nil},
		"claim at the class":    {question("3B/2/2", mounting(claim("data", "3B/2/2"))), nil},
		"claim above":           {question("3C/2/2", mounting(claim("data", "3B/2/2"))), []string{"BelowClaim Deployment web data: Confidentiality"}},
		"claim without labels":  {question("3B/2/2", mounting(claim("data", ""))), []string{"ClaimsUnlabelled Deployment web data"}},
		"claims without labels": {question("3B/2/2", mounting(claim("a", ""), claim("b", "3B/2"))), []string{"ClaimsUnlabelled Deployment web a b"}},
		"claim above the system": {
			question("3B/2/2", mounting(claim("data", "3A/2/2"))),
			[]string{"ClaimAboveSystem Deployment web data: Confidentiality"},
		},
		"everything at once": {
			question("3A/1", mounting(claim("a", "3B/2/2"), claim("b", ""), claim("c", "3A/1/1"))),
			[]string{
				"Unlabelled Deployment web: Availability", "AboveSystem Deployment web: Confidentiality",
				"BelowClaim Deployment web a: Integrity", "ClaimAboveSystem Deployment web c: Confidentiality",
				"ClaimsUnlabelled Deployment web b",
			},
		},

		"lowered below its claim": {
			question("3C/2/2", mounting(claim("data", "3B/2/2")), before("3B/2/2")),
			[]string{"BelowClaim Deployment web data: Confidentiality"},
		},
		"labelled below its claim": {
			question("3C/2/2", mounting(claim("data", "3B/2/2")), before("")),
			[]string{"BelowClaim Deployment web data: Confidentiality"},
		},
		"mounts a claim anew": {
			question("3C/2/2", before("3C/2/2"), mounting(claim("data", "3B/2/2"))),
			[]string{"BelowClaim Deployment web data: Confidentiality"},
		},
		"raised, though not yet enough":         {question("3C/2/2", mounting(claim("data", "3B/2/2")), before("1/2/2")), nil},
		"raised before its claim is labelled":   {question("3B/2/2", mounting(claim("data", "")), before("3C/2/2")), nil},
		"labelled before its claim is labelled": {question("3B/2/2", mounting(claim("data", "")), before("")), []string{"ClaimsUnlabelled Deployment web data"}},

		"template with labels":    {question("3B/2/2", template("t", "3B/1/1")), nil},
		"template without labels": {question("3B/2/2", template("t", "")), []string{"Unlabelled Deployment web t: Confidentiality Integrity Availability"}},
		"template above the workload": {
			question("3C/2/2", template("t", "3B/2/2")),
			[]string{"AboveWorkload Deployment web t Deployment web: Confidentiality"},
		},
		"template above both": {question("3B/2/2", template("t", "3A/2/2")), []string{
			"AboveSystem Deployment web t: Confidentiality", "AboveWorkload Deployment web t Deployment web: Confidentiality",
		}},

		"claim that nothing mounts":         {question("3B/2/2", mountedBy()), nil},
		"claim below its workload":          {question("3C/2/2", mountedBy(workload("web", "3B/2/2"))), nil},
		"claim above its workload":          {question("3B/2/2", mountedBy(workload("web", "3C/2/2"))), []string{"AboveWorkload PersistentVolumeClaim data Deployment web: Confidentiality"}},
		"workload without labels":           {question("3B/2/2", mountedBy(workload("web", ""))), nil},
		"claim raised above its workload":   {question("3B/2/2", mountedBy(workload("web", "3C/2/2")), before("3C/2/2")), []string{"AboveWorkload PersistentVolumeClaim data Deployment web: Confidentiality"}},
		"claim labelled above its workload": {question("3B/2/2", mountedBy(workload("web", "3C/2/2")), before("")), []string{"AboveWorkload PersistentVolumeClaim data Deployment web: Confidentiality"}},
		"claim lowered, though not enough":  {question("3B/2/2", mountedBy(workload("web", "1/1/1")), before("3A/2/2")), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := written(Check(test.question)); !slices.Equal(got, test.want) {
				t.Errorf("findings\n got %q\nwant %q", got, test.want)
			}
		})
	}
}

func written(findings []Finding) []string {
	var lines []string
	for _, finding := range findings {
		line := strings.Join(append([]string{string(finding.Reason), finding.Subject}, finding.Others...), " ")
		for i, gap := range finding.Gaps {
			if i == 0 {
				line += ":"
			}
			line += " " + string(gap.Aspect)
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	if len(lines) > 0 && (lines[0] == "StandardNotFound " || lines[0] == "SystemNotFound ") {
		lines[0] = strings.TrimSpace(lines[0])
	}
	return lines
}

// TestProposalPasses sees that whoever does what the refusal says is not refused again: the asset, its templates and the
// claims that it mounts, classed as proposed, are in order, for every class that they can have to begin with.
func TestProposalPasses(t *testing.T) {
	words := []string{"", "3A/2/2", "3B/2/1", "3C/1/2", "1/1/1", "9/2/", "3B//2"}
	for _, asset := range words {
		for _, claimed := range words {
			for _, templated := range words {
				q := question(asset, mounting(claim("a", claimed), claim("b", "3C/1/1")), template("t", templated))
				fixed := q
				fixed.Asset.Class = q.proposed()
				fixed.Claims = []Claim{
					{Name: "a", Class: q.proposedClaim(q.Claims[0], q.proposed())},
					{Name: "b", Class: q.proposedClaim(q.Claims[1], q.proposed())},
				}
				fixed.Asset.Templates = []Template{{Path: "t", Class: q.proposedTemplate(q.Asset.Templates[0])}}
				if findings := Check(fixed); len(findings) > 0 {
					t.Errorf("asset %q, claim %q, template %q: %q", asset, claimed, templated, written(findings))
				}
			}
			q := question(asset, mountedBy(workload("web", claimed), workload("old", "")))
			q.Asset.Class = q.proposed()
			if findings := Check(q); len(findings) > 0 {
				t.Errorf("claim %q, workload %q: %q", asset, claimed, written(findings))
			}
		}
	}
}

// A webhook has seconds to answer. What a refusal says is bounded, and to say it takes a look at each claim, not one at all of
// them for each: with that this test takes minutes.
func TestTenThousandClaims(t *testing.T) {
	q := question("1/1/1")
	for i := range 10_000 {
		q.Claims = append(q.Claims, Claim{Name: fmt.Sprintf("data-%d", i)})
	}
	findings := Check(q)
	if len(findings) != 1 || len(findings[0].Others) != 10_000 {
		t.Fatalf("%d findings", len(findings))
	}
	if groups := q.claimsToLabel(); len(groups) != 1 || len(groups[0].claims) != 10_000 {
		t.Fatalf("%d groups of claims to label", len(groups))
	}
	if text := strings.Join(Explain(q, findings, regulation.Organisation{}), " "); len(text) > 5<<10 {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}

func TestMounts(t *testing.T) {
	set := Asset{
		Kind: "StatefulSet", Name: "web", Claims: []string{"shared"},
		Templates: []Template{{Path: "data", ClaimPrefix: "data-web-"}, {Path: "ephemeral"}},
	}
	for claim, want := range map[string]bool{
		"shared": true, "data-web-0": true, "data-web-12": true,
		"data-web-": false, "data-web-a": false, "data-web-0a": false, "data-webber-0": false, "other": false, "": false, "0": false,
	} {
		if got := set.Mounts(claim); got != want {
			t.Errorf("Mounts(%q) = %v", claim, got)
		}
	}
}
