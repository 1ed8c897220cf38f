package classification

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// organisation in which デジタル推進課 has a head, and nobody else holds an office.
func organisation(language v1alpha1.Language) regulation.Organisation {
	section := &v1alpha1.ManagingSection{Spec: v1alpha1.ManagingSectionSpec{
		DisplayName: "デジタル推進課",
		Head:        v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: "digital-head"}}},
	}}
	section.Name = "digital-promotion"
	return regulation.Organisation{
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			Language:                   language,
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: section.Name},
		}},
		Sections: map[string]*v1alpha1.ManagingSection{section.Name: section},
	}
}

const (
	yaml3B2 = `{governance.kitei.dev/confidentiality: "3B", governance.kitei.dev/integrity: "2", governance.kitei.dev/availability: "2"}`
	args3B2 = `governance.kitei.dev/confidentiality=3B governance.kitei.dev/integrity=2 governance.kitei.dev/availability=2 --overwrite`
)

func TestExplain(t *testing.T) {
	set := question("3B/2/2", template("spec.volumeClaimTemplates[data]", "3B/2"))
	set.Asset.Kind = "StatefulSet"
	set.Before = &Asset{Kind: "StatefulSet", Name: "web"}

	for name, test := range map[string]struct {
		question Question
		ja, en   []string
	}{
		"in order": {question("3B/2/2"), nil, nil},
		"no standard": {
			question("", func(q *Question) { q.Standard = nil }),
			[]string{
				"規程が定める情報セキュリティ対策基準 arakawa が登録されていないため、情報資産の分類を確かめられません（規程第27条）。" +
					"情報統括責任者（現在その職にある者がいません）が対策基準を登録するか、規程（Regulation）の securityStandardRef を改めてください。",
				"次に: kubectl get securitystandards",
			},
			[]string{
				"Security standard arakawa, which the Regulation names, does not exist, so no classification can be checked (article 27): " +
					"the chief information officer (nobody holds that office now) must register it, or name another in the " +
					"Regulation's securityStandardRef.",
				"Next: kubectl get securitystandards",
			},
		},
		"an unclassed system": {
			question("3A/2/2", system(nil)),
			[]string{
				"電子情報システム「税務システム」（tax）が分類されていません（規程第26条第2項第2号）。" +
					"情報管理責任者（デジタル推進課長）が先にシステムを分類してください。",
				"次に: kubectl patch electronicsystem tax --type=merge -p " +
					`'{"spec":{"classification":{"confidentiality":"LEVEL","integrity":"LEVEL","availability":"LEVEL"}}}'` +
					"（LEVEL に入るのは 機密性 3A, 3B, 3C, 2, 1、完全性 2, 1、可用性 2, 1）",
			},
			[]string{
				"System 税務システム (tax) has no classification (article 26-2 (2)). First the information manager (デジタル推進課長) " +
					"must class the system.",
				"Next: kubectl patch electronicsystem tax --type=merge -p " +
					`'{"spec":{"classification":{"confidentiality":"LEVEL","integrity":"LEVEL","availability":"LEVEL"}}}'` +
					" (LEVEL stands for confidentiality 3A, 3B, 3C, 2, 1, integrity 2, 1, availability 2, 1)",
			},
		},
		"two findings, one step": {
			question("3A/9/2"),
			[]string{
				"Deployment web には、情報資産の分類を示すラベルが要ります（規程第26条第2項第2号）: " +
					"governance.kitei.dev/integrity（「9」は対策基準になく、2, 1 のいずれか）。",
				"Deployment web の分類は、電子情報システム「税務システム」（tax）の分類を超えられません（規程第26条第2項第2号）: " +
					"機密性は 3A でなく 3B 以下。",
				"次に: マニフェストの metadata.labels に " + yaml3B2 + " を加える",
			},
			[]string{
				`Deployment web needs labels that say its classification (article 26-2 (2)): ` +
					`governance.kitei.dev/integrity ("9" is not of the standard; one of 2, 1).`,
				"Deployment web may not be classed above its system 税務システム (tax) (article 26-2 (2)): confidentiality 3A, at most 3B.",
				"Next: add to metadata.labels in the manifest " + yaml3B2,
			},
		},
		"an object that exists": {
			question("3A/2/2", before("")),
			[]string{
				"Deployment web の分類は、電子情報システム「税務システム」（tax）の分類を超えられません（規程第26条第2項第2号）: " +
					"機密性は 3A でなく 3B 以下。",
				"次に: kubectl label deployment web -n tax " + args3B2,
			},
			[]string{
				"Deployment web may not be classed above its system 税務システム (tax) (article 26-2 (2)): confidentiality 3A, at most 3B.",
				"Next: kubectl label deployment web -n tax " + args3B2,
			},
		},
		"claims first": {
			question("3C/2/2", mounting(claim("a", ""), claim("b", "3A/2/2"))),
			[]string{
				"Deployment web が使うボリューム b の分類が、電子情報システム「税務システム」（tax）の分類を超えています（規程第26条第2項第2号）: " +
					"機密性は 3A でなく 3B 以下。先にボリュームの分類を改めてください。",
				"Deployment web が使うボリューム a に、情報資産の分類を示すラベルがありません（規程第26条第2項第2号）。先にボリュームを分類してください。",
				"次に: kubectl label pvc a b -n tax " + args3B2 + "、続いて マニフェストの metadata.labels に " + yaml3B2 + " を加える",
			},
			[]string{
				"Volume b, which Deployment web mounts, is classed above system 税務システム (tax) (article 26-2 (2)): " +
					"confidentiality 3A, at most 3B. Class the volume anew first.",
				"Deployment web mounts volumes without labels that say their classification (article 26-2 (2)): a. Class them first.",
				"Next: kubectl label pvc a b -n tax " + args3B2 + ", then add to metadata.labels in the manifest " + yaml3B2,
			},
		},
		"templates that cannot change": {
			set,
			[]string{
				"StatefulSet web spec.volumeClaimTemplates[data] には、情報資産の分類を示すラベルが要ります（規程第26条第2項第2号）: " +
					"governance.kitei.dev/availability（2, 1 のいずれか）。",
				"次に: kubectl delete statefulset web -n tax --cascade=orphan で消し、マニフェストの " +
					"spec.volumeClaimTemplates[data].metadata.labels に " + yaml3B2 + " を加えて作り直す",
			},
			[]string{
				"StatefulSet web spec.volumeClaimTemplates[data] needs labels that say its classification (article 26-2 (2)): " +
					"governance.kitei.dev/availability (one of 2, 1).",
				"Next: remove it with kubectl delete statefulset web -n tax --cascade=orphan, add to " +
					"spec.volumeClaimTemplates[data].metadata.labels in the manifest " + yaml3B2 + " and create it anew",
			},
		},
		"a claim above its workload": {
			question("3A/2/2", mountedBy(workload("web", "3B/2/2")), system(class("3A/2/2"))),
			[]string{
				"PersistentVolumeClaim data の分類は、それを使う Deployment web の分類を超えられません（規程第26条第2項第2号）: " +
					"機密性は 3A でなく 3B 以下。Deployment web の分類を先に上げることもできます。",
				"次に: マニフェストの metadata.labels に " + yaml3B2 + " を加える",
			},
			[]string{
				"PersistentVolumeClaim data may not be classed above Deployment web, which mounts it (article 26-2 (2)): " +
					"confidentiality 3A, at most 3B. Or class Deployment web higher first.",
				"Next: add to metadata.labels in the manifest " + yaml3B2,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			findings := Check(test.question)
			for language, want := range map[v1alpha1.Language][]string{
				v1alpha1.LanguageJapanese: test.ja, v1alpha1.LanguageEnglish: test.en,
			} {
				if got := Explain(test.question, findings, organisation(language)); !slices.Equal(got, want) {
					t.Errorf("%s\n got %s\nwant %s", language, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
				}
			}
		})
	}
}

// TestExplainEach sees that each finding has its sentence in both languages, on one line, with an article, whole.
func TestExplainEach(t *testing.T) {
	for _, reason := range []Reason{
		StandardNotFound, SystemNotFound, SystemUnclassified, SystemUnknownLevel, Unlabelled, AboveSystem, AboveWorkload, BelowClaim,
		ClaimsUnlabelled, ClaimAboveSystem,
	} {
		for language, article := range map[v1alpha1.Language]string{
			v1alpha1.LanguageJapanese: "規程第", v1alpha1.LanguageEnglish: "article",
		} {
			q := question("3C/2/2", mounting(claim("data", "3B/2/2")))
			finding := Finding{
				Reason: reason, Subject: "Deployment web", Others: []string{"data"},
				Gaps: []Gap{{Aspect: Integrity, Level: "3C", Bound: "3B"}, {Aspect: Availability}},
			}
			lines := Explain(q, []Finding{finding}, organisation(language))
			text := strings.Join(lines, " ")
			whole := !strings.ContainsAny(text, "\n\r") && !strings.Contains(text, "%!")
			if len(lines) != 2 || !strings.Contains(lines[0], article) || !whole {
				t.Errorf("%s in %s: %q", reason, language, lines)
			}
		}
	}
}

// TestExplainMany sees that a refusal stays readable, whatever there is to say.
func TestExplainMany(t *testing.T) {
	q := question("3C/2/2")
	for i := range 100 {
		mounting(append(q.Claims, claim(fmt.Sprintf("a%d", i), "3B/2/2"))...)(&q)
		template(fmt.Sprintf("t%d", i), "")(&q)
	}
	lines := Explain(q, Check(q), organisation(v1alpha1.LanguageEnglish))
	if len(lines) != 10 || lines[8] != "and 192 more" {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	if size := len(strings.Join(lines, " ")); size > 8000 {
		t.Errorf("the refusal has %d bytes", size)
	}
}
