package clearance

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// longest is what the API server takes of a policy's message; a policy puts up to 300 bytes of its own in front of ours.
const longest = 5000

// standing of a namespace, and what its explanation must say in each language: the article, who must act, and what to run.
type standing struct {
	organisation regulation.Organisation
	unclaimed    bool
	section      string
	applications []v1alpha1.ChangeApproval
	ja, en       []string
}

func standings() map[string]standing {
	noOffice := func(o *regulation.Organisation) { o.Sections["tax"].Spec.DepartmentRef = nil }
	noCIO := func(o *regulation.Organisation) { delete(o.Departments, "management") }
	none := func(o *regulation.Organisation) { o.Regulation = nil }
	one := func(options ...option) []v1alpha1.ChangeApproval {
		return []v1alpha1.ChangeApproval{application("levy-intro", options...)}
	}
	applicantJa, applicantEn := "システム管理部長（財務部長）", "the head of the managing department (財務部長)"
	deciderJa, deciderEn := "情報統括責任者（管理部長）", "the chief information officer (管理部長)"
	apply, describe := "kubectl get changeapprovals", "kubectl describe changeapproval levy-intro"
	return map[string]standing{
		"no regulation": {ward(none), false, "tax", nil, []string{"第1条", "kubectl apply -f regulation.yaml"}, []string{"article 1)",
			"kubectl apply"}},
		"unregistered": {ward(), true, "tax", nil, []string{"levy", "第4条", "課の長", "kubectl get electronicsystems"},
			[]string{"levy", "article 4", "The head of the section", "kubectl get electronicsystems"}},
		"no section": {ward(), false, "", nil, []string{"第4条", "台帳の管理者", "kubectl edit electronicsystem levy"},
			[]string{"article 4", "The registrar", "kubectl edit electronicsystem levy"}},
		"its section does not exist": {ward(), false, "gone", nil, []string{"gone", "第4条", "台帳の管理者", "kubectl get managingsections"},
			[]string{"gone", "article 4", "The registrar", "kubectl get managingsections"}},
		"its section is abolished": {ward(abolished("2026-04-01")), false, "tax", nil,
			[]string{"税務課", "2026-04-01", "第4条", "台帳の管理者", "kubectl edit electronicsystem levy"},
			[]string{"税務課", "2026-04-01", "article 4", "The registrar", "kubectl edit electronicsystem levy"}},
		"nobody applied": {ward(), false, "tax", nil, []string{"第12条", applicantJa, apply}, []string{"article 12", applicantEn, apply}},
		"nobody can apply": {ward(noOffice), false, "tax", nil, []string{"第12条", "台帳の管理者", "kubectl edit managingsection tax"},
			[]string{"article 12", "The registrar", "kubectl edit managingsection tax"}},
		"a draft": {ward(), false, "tax", one(draft), []string{"levy-intro", "第12条", applicantJa,
			"kubectl patch changeapproval levy-intro"},
			[]string{"levy-intro", "article 12", applicantEn, "kubectl patch changeapproval levy-intro"}},
		"pending": {ward(), false, "tax", one(), []string{"levy-intro", "第12条", deciderJa, "kubectl kitei approve levy-intro -m 理由"},
			[]string{"levy-intro", "article 12", deciderEn, "kubectl kitei approve levy-intro -m REASON"}},
		"nobody can decide": {ward(noCIO), false, "tax", one(), []string{"第12条", "台帳の管理者", "kubectl edit regulation regulation"},
			[]string{"article 12", "the registrar", "kubectl edit regulation regulation"}},
		"denied": {ward(), false, "tax", one(decided(v1alpha1.DecisionDenied, -1)), []string{"否決", "第12条", applicantJa, describe},
			[]string{"denied", "article 12", applicantEn, describe}},
		"returned": {ward(), false, "tax", one(decided(v1alpha1.DecisionReturned, -1)), []string{"差し戻", "第12条", applicantJa, describe},
			[]string{"returned", "article 12", applicantEn, describe}},
		"unattested": {ward(), false, "tax", one(approved, func(a *v1alpha1.ChangeApproval) { a.Status.DecidedBy = "" }),
			[]string{"証明がない", "第12条", deciderJa, "kubectl get changeapproval levy-intro"},
			[]string{"cannot attest", "article 12", deciderEn, "kubectl get changeapproval levy-intro"}},
		"not yet in effect": {ward(), false, "tax", one(approved, from(1)), []string{"2026-06-02 21:00 JST", "第12条", describe},
			[]string{"2026-06-02 21:00 JST", "article 12", describe}},
		"expired": {ward(), false, "tax", one(approved, to(-1)), []string{"2026-05-31 21:00 JST", "第12条", applicantJa, describe},
			[]string{"2026-05-31 21:00 JST", "article 12", applicantEn, describe}},
		"revoked": {ward(), false, "tax", one(decided(v1alpha1.DecisionRevoked, -1)),
			[]string{"cio", "2026-05-31 21:00 JST", "第12条", applicantJa, describe},
			[]string{"cio", "2026-05-31 21:00 JST", "article 12", applicantEn, describe}},
		"too many images": {ward(), false, "tax", one(approved, tooMany), []string{"64", "第12条", applicantJa, apply},
			[]string{"64", "article 12", applicantEn, apply}},
		"approved for any image": {ward(), false, "tax", one(approved), []string{"levy-intro", "第12条"},
			[]string{"levy-intro", "article 12"}},
		"approved for images": {ward(), false, "tax", one(approved, images(webOne)),
			[]string{string(webOne), "levy-intro", "第12条", applicantJa, "--field-selector spec.systemRef.name=levy"},
			[]string{string(webOne), "levy-intro", "article 12", applicantEn, "--field-selector spec.systemRef.name=levy"}},
	}
}

func (s standing) verdict() Verdict {
	in := Input{Organisation: s.organisation, Namespace: "levy", Cases: cases(s.applications...)}
	if !s.unclaimed {
		system := levy()
		if system.Spec.ManagingSectionRef = nil; s.section != "" {
			system.Spec.ManagingSectionRef = &v1alpha1.NameReference{Name: s.section}
		}
		in.Claims = []v1alpha1.ElectronicSystem{*system}
	}
	return Namespace(in)
}

func TestExplain(t *testing.T) {
	for name, test := range standings() {
		for language, words := range map[v1alpha1.Language][]string{"ja": test.ja, "en": test.en} {
			t.Run(name+", "+string(language), func(t *testing.T) {
				text := Explain(test.verdict(), test.organisation, language)
				for _, word := range words {
					if !strings.Contains(text, word) {
						t.Errorf("it does not say %q: %s", word, text)
					}
				}
				next := map[v1alpha1.Language]string{"ja": "次に: ", "en": "Next: "}[language]
				if name != "approved for any image" && !strings.Contains(text, next+"kubectl ") {
					t.Errorf("it names no command to run next: %s", text)
				}
				wellFormed(t, text)
			})
		}
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	if text == "" || len(text) >= longest || strings.ContainsAny(text, "\r\n") || strings.Contains(text, "%!") || !utf8.ValidString(text) {
		t.Errorf("not one line of fewer than %d bytes, but %d: %s", longest, len(text), text)
	}
}

// The API server drops a policy's message that is too long: with everything as long as the API lets it be, ours still fits.
func TestExplainFitsHoweverLongTheNames(t *testing.T) {
	name63, name256, title := strings.Repeat("n", 63), strings.Repeat("賦", 256), strings.Repeat("職", 128)
	for name, test := range standings() {
		for _, language := range []v1alpha1.Language{v1alpha1.LanguageJapanese, v1alpha1.LanguageEnglish} {
			t.Run(name+", "+string(language), func(t *testing.T) {
				verdict := test.verdict()
				organisation := test.organisation
				if organisation.Regulation != nil {
					// Digital promotion manages it, so that the offices that may apply are many.
					organisation.Regulation.Spec.DigitalPromotionSectionRef.Name = "tax"
				}
				for i := range 64 {
					using := fmt.Sprintf("using-%d", i)
					head := v1alpha1.OfficeHolder{Title: title}
					organisation.Departments[using] = &v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: using},
						Spec: v1alpha1.DepartmentSpec{Head: head}}
					organisation.Sections[using] = &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: using},
						Spec: v1alpha1.ManagingSectionSpec{Head: head, DepartmentRef: &v1alpha1.NameReference{Name: using}}}
				}
				for _, department := range organisation.Departments {
					department.Spec.Head.Title = title
				}
				for _, section := range organisation.Sections {
					section.Spec.Head.Title, section.Spec.DisplayName = title, strings.Repeat("課", 128)
				}
				if system := verdict.System.System; system != nil {
					system.Name, system.Spec.DisplayName = name63, name256
					for i := range 64 {
						system.Spec.UsingSectionRefs = append(system.Spec.UsingSectionRefs,
							v1alpha1.NameReference{Name: fmt.Sprintf("using-%d", i)})
					}
					if system.Spec.ManagingSectionRef != nil && test.section == "gone" {
						system.Spec.ManagingSectionRef.Name = name63
					}
				}
				if decisive := verdict.System.Decisive; decisive != nil {
					decisive.Application.Name, decisive.Application.Status.DecidedBy = name63, strings.Repeat("承", 512)
				}
				if verdict.Reason == v1alpha1.ReasonApproved {
					a := application(name63, approved)
					for i := range 64 {
						if !verdict.System.AnyImage {
							length := 1
							if i < 40 { // more of them would be too many
								length = 490
							}
							a.Spec.Scope.Images = append(a.Spec.Scope.Images,
								v1alpha1.ImagePattern(fmt.Sprintf("registry.example/%s%02d", strings.Repeat("w", length), i)))
						}
						verdict.System.InEffect = append(verdict.System.InEffect, &a)
					}
					long := System(ward(), levy(), cases(a))
					if !long.Approved() {
						t.Fatalf("the patterns are %s", long.Reason)
					}
					verdict.System.Images = long.Images
				}
				wellFormed(t, Explain(verdict, organisation, language))
			})
		}
	}
}

func TestOffices(t *testing.T) {
	office := func(role v1alpha1.OfficeRole, title string, subjects ...v1alpha1.Subject) regulation.Office {
		return regulation.Office{Role: role, Unit: title, Title: title, Subjects: subjects}
	}
	held := v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: "x"}
	using := func(n int) []regulation.Office {
		var offices []regulation.Office
		for i := range n {
			offices = append(offices, office(v1alpha1.RoleUsingSectionHead, fmt.Sprint(i), held))
		}
		return offices
	}
	for name, test := range map[string]struct {
		offices []regulation.Office
		ja, en  string
	}{
		"none": {nil, "システム管理課長（現在その職にある者がいません）", "the head of the managing section (nobody holds that office now)"},
		"one": {[]regulation.Office{office(v1alpha1.RoleChiefInformationOfficer, "管理部長", held)}, "情報統括責任者（管理部長）",
			"the chief information officer (管理部長)"},
		"two": {using(2), "利用する課の長（0）又は利用する課の長（1）", "the head of a using section (0) or the head of a using section (1)"},
		"empty": {[]regulation.Office{office(v1alpha1.RoleChiefInformationOfficer, "管理部長")}, "情報統括責任者（現在その職にある者がいません）（管理部長）",
			"the chief information officer (nobody holds that office now) (管理部長)"},
	} {
		if got := Offices(test.offices, v1alpha1.RoleManagingSectionHead, message.In("ja")); got != test.ja {
			t.Errorf("%s: got %s, want %s", name, got, test.ja)
		}
		if got := Offices(test.offices, v1alpha1.RoleManagingSectionHead, message.In("en")); got != test.en {
			t.Errorf("%s: got %s, want %s", name, got, test.en)
		}
	}
	if got := Offices(using(7), v1alpha1.RoleManagingSectionHead, message.In("ja")); !strings.HasSuffix(got, "（3）ほか3件") {
		t.Errorf("seven offices are written %s", got)
	}
}
