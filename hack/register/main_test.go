package main

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"kitei.dev/kitei/api/v1alpha1"
)

const committed = "../../config/samples/arakawa"

func TestCommittedManifestsAreCurrent(t *testing.T) {
	if err := run([]string{"-check", "-out", committed}, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestDeterministic(t *testing.T) {
	first, second := generate(t), generate(t)
	for i := range first {
		if first[i].name != second[i].name || !bytes.Equal(first[i].content, second[i].content) {
			t.Errorf("%s differs from one run to the next", first[i].name)
		}
	}
}

// The departments stand here as article 2 (12), 別表第2 and 別表第3 name them.
func TestDepartments(t *testing.T) {
	want := []string{"管理部", "総務企画部", "区政広報部", "区民生活部", "地域文化スポーツ部", "産業経済部", "環境清掃部", "福祉部", "健康部",
		"子ども家庭部", "防災都市づくり部", "会計管理部", "議会事務局", "教育委員会事務局", "選挙管理委員会事務局", "監査事務局"}
	var got []string
	for _, d := range decode[v1alpha1.Department](t, "departments.yaml") {
		got = append(got, d.Spec.DisplayName)
		wantTitle := ""
		if strings.HasSuffix(d.Spec.DisplayName, "部") {
			wantTitle = d.Spec.DisplayName + "長"
		}
		checkHolder(t, d.Name, d.Spec.Head, wantTitle, "arakawa:department:"+d.Name+":head")
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("departments are %v, the text names %v", got, want)
	}
}

// The departments of the sections stand here as the text gives them; every other section has none.
func TestSectionsHaveTheDepartmentsOfTheText(t *testing.T) {
	want := map[string]string{
		"デジタル推進課": "管理部", "経理課": "管理部", "職員課": "管理部",
		"総務企画課": "総務企画部", "企画担当": "総務企画部", "財政課": "総務企画部",
		"秘書課": "区政広報部", "区民課": "区民生活部", "文化交流推進課": "地域文化スポーツ部", "産業振興課": "産業経済部",
		"環境課": "環境清掃部", "福祉推進課": "福祉部", "生活衛生課": "健康部", "子育て支援課": "子ども家庭部",
		"都市計画課": "防災都市づくり部", "会計管理課": "会計管理部", "教育総務課": "教育委員会事務局",
		"選挙管理委員会事務局": "選挙管理委員会事務局", "区議会事務局": "議会事務局",
	}
	names := map[string]string{}
	for _, d := range decode[v1alpha1.Department](t, "departments.yaml") {
		names[d.Name] = d.Spec.DisplayName
	}
	got := map[string]string{}
	for _, s := range allSections(t) {
		if s.Spec.DepartmentRef == nil {
			continue
		}
		name, exists := names[s.Spec.DepartmentRef.Name]
		if !exists {
			t.Errorf("section %s: department %s does not exist", s.Name, s.Spec.DepartmentRef.Name)
		}
		if s.Annotations[departmentSourceAnnotation] == "" {
			t.Errorf("section %s: no words of the text for its department", s.Name)
		}
		got[s.Spec.DisplayName] = name
	}
	if !maps.Equal(got, want) {
		t.Errorf("departments of the sections are %v, the text gives %v", got, want)
	}
}

func TestSections(t *testing.T) {
	if n := len(decode[v1alpha1.ManagingSection](t, "managing-sections.yaml")); n != 33 {
		t.Errorf("%d sections own systems, 別表第1 names 33", n)
	}
	if n := len(decode[v1alpha1.ManagingSection](t, "committee-offices.yaml")); n != 7 {
		t.Errorf("%d further committee offices, 別表第2 and 別表第3 name 7", n)
	}
	// What the text calls the heads of these it does not say.
	untitled := []string{"選挙管理委員会事務局", "区議会事務局", "子ども家庭総合センター"}
	for _, s := range allSections(t) {
		title := s.Spec.DisplayName + "長"
		if slices.Contains(untitled, s.Spec.DisplayName) {
			title = ""
		} else if s.Spec.DisplayName == "企画担当" {
			title = "企画担当課長"
		}
		checkHolder(t, s.Name, s.Spec.Head, title, "arakawa:section:"+s.Name+":head")
		members := v1alpha1.Subject{Kind: v1alpha1.SubjectGroup, Name: "arakawa:section:" + s.Name + ":members"}
		if !slices.Equal(s.Spec.Members, []v1alpha1.Subject{members}) {
			t.Errorf("section %s: members are %v, want %v", s.Name, s.Spec.Members, members)
		}
	}
}

func TestSystemsAreThoseOfTheTable(t *testing.T) {
	systems := decode[v1alpha1.ElectronicSystem](t, "electronic-systems.yaml")
	records := rawRecords(t, systemsFile)
	if len(systems) != 119 || len(records) != 119 {
		t.Fatalf("%d systems from %d rows, 別表第1 has 119", len(systems), len(records))
	}
	sections := map[string]string{}
	for _, s := range allSections(t) {
		sections[s.Name] = s.Spec.DisplayName
	}
	for i, s := range systems {
		record := records[i]
		if s.Spec.DisplayName != record["displayName"] || s.Spec.Duty != record["duty"] {
			t.Errorf("row %s is %s (%s), want %s (%s)", record["no"], s.Spec.DisplayName, s.Spec.Duty,
				record["displayName"], record["duty"])
		}
		if ref := s.Spec.ManagingSectionRef; ref == nil || sections[ref.Name] != record["sectionDisplayName"] {
			t.Errorf("system %s: managing section is %v, want %s", s.Name, ref, record["sectionDisplayName"])
		}
		if want := "別表第1 (row " + record["no"] + ")"; s.Annotations[sourceAnnotation] != want {
			t.Errorf("system %s: source is %q, want %q", s.Name, s.Annotations[sourceAnnotation], want)
		}
		if carried := s.Annotations[ownerCellAnnotation] == "carried-down"; carried != (record["ownerCellBlank"] == "yes") {
			t.Errorf("system %s: owner's cell carried down: %t, blank in the table: %s", s.Name, carried, record["ownerCellBlank"])
		}
		if s.Spec.Namespaces != nil || s.Spec.Classification != nil || s.Spec.DataCategories != nil {
			t.Errorf("system %s has a namespace, classification or data category, which the text does not give", s.Name)
		}
	}
}

func TestNotesAreCarried(t *testing.T) {
	systems := decode[v1alpha1.ElectronicSystem](t, "electronic-systems.yaml")
	var noted []string
	for i, record := range rawRecords(t, systemsFile) {
		got, want := systems[i].Spec.Note, record["note"]
		if want == "as above" {
			want = systems[i-1].Spec.Note
		}
		if got != want || got == "as above" {
			t.Errorf("row %s: note is %q, want %q", record["no"], got, want)
		}
		if got != "" {
			noted = append(noted, record["no"])
		}
	}
	if want := []string{"15", "78", "79", "80", "86", "87", "117"}; !slices.Equal(noted, want) {
		t.Errorf("rows with a note are %v, want %v", noted, want)
	}
	for _, row := range []int{78, 79, 80} {
		if !strings.Contains(systems[row-1].Spec.Note, "介護保険課") {
			t.Errorf("row %d does not say what is in doubt: %q", row, systems[row-1].Spec.Note)
		}
	}
}

func TestDisplayNamesThatStandTwiceAreKept(t *testing.T) {
	owners := map[string]string{}
	for _, s := range decode[v1alpha1.ElectronicSystem](t, "electronic-systems.yaml") {
		if s.Spec.DisplayName == "畜犬管理システム" {
			owners[s.Spec.Duty] = s.Spec.ManagingSectionRef.Name
		}
	}
	want := map[string]string{"飼い犬及び予防接種の管理": "nhi-pension", "畜犬管理事務": "environmental-health"}
	if !maps.Equal(owners, want) {
		t.Errorf("畜犬管理システム stands for %v, want %v", owners, want)
	}
}

func TestNamesAndLabels(t *testing.T) {
	taken := map[string]bool{}
	for _, f := range generate(t) {
		if bytes.Contains(f.content, []byte("status:")) || bytes.Contains(f.content, []byte("null")) {
			t.Errorf("%s has a status or an empty field", f.name)
		}
		if f.name == "kustomization.yaml" {
			continue
		}
		for _, object := range decodeContent[map[string]any](t, f) {
			metadata := object["metadata"].(map[string]any)
			name, kind := metadata["name"].(string), object["kind"].(string)
			if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
				t.Errorf("%s %s: %v", kind, name, problems)
			}
			if taken[kind+"/"+name] {
				t.Errorf("%s %s stands twice", kind, name)
			}
			taken[kind+"/"+name] = true
			if labels, _ := metadata["labels"].(map[string]any); labels["app.kubernetes.io/part-of"] != "arakawa-register" {
				t.Errorf("%s %s: labels are %v", kind, name, labels)
			}
		}
	}
}

func TestRegulationNamesWhatExists(t *testing.T) {
	spec := decode[v1alpha1.Regulation](t, "regulation.yaml")[0].Spec
	for _, d := range decode[v1alpha1.Department](t, "departments.yaml") {
		if d.Name == spec.ManagementDepartmentRef.Name && d.Spec.DisplayName != "管理部" {
			t.Errorf("the management department is %s", d.Spec.DisplayName)
		}
	}
	for _, s := range allSections(t) {
		if s.Name != spec.DigitalPromotionSectionRef.Name {
			continue
		}
		if s.Spec.DisplayName != "デジタル推進課" || *s.Spec.DepartmentRef != spec.ManagementDepartmentRef {
			t.Errorf("the digital promotion section is %s of %v", s.Spec.DisplayName, s.Spec.DepartmentRef)
		}
	}
	standard := decode[v1alpha1.SecurityStandard](t, "security-standard.yaml")[0]
	if standard.Name != spec.SecurityStandardRef.Name {
		t.Errorf("the regulation names the standard %s, there is %s", spec.SecurityStandardRef.Name, standard.Name)
	}
	for aspect, test := range map[string]struct {
		levels []v1alpha1.LevelDefinition
		want   []string
	}{
		"confidentiality": {standard.Spec.Confidentiality, []string{"3A", "3B", "3C", "2", "1"}},
		"integrity":       {standard.Spec.Integrity, []string{"2", "1"}},
		"availability":    {standard.Spec.Availability, []string{"2", "1"}},
	} {
		var names []string
		for _, level := range test.levels {
			names = append(names, string(level.Name))
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("levels of %s are %v, want %v, the highest first", aspect, names, test.want)
		}
	}
}

// The operator derives from these who gets which role. Two units of one group would be one office.
func TestEveryOfficeHasAGroupOfItsOwn(t *testing.T) {
	taken := map[string]string{}
	see := func(office string, subjects []v1alpha1.Subject) {
		if len(subjects) != 1 || subjects[0].Kind != v1alpha1.SubjectGroup {
			t.Errorf("%s is held by %v, want one group", office, subjects)
			return
		}
		if other, is := taken[subjects[0].Name]; is {
			t.Errorf("%s and %s are held by one group, %s", office, other, subjects[0].Name)
		}
		taken[subjects[0].Name] = office
	}
	for _, d := range decode[v1alpha1.Department](t, "departments.yaml") {
		see("the head of department "+d.Name, d.Spec.Head.Subjects)
	}
	for _, s := range allSections(t) {
		see("the head of section "+s.Name, s.Spec.Head.Subjects)
		see("the staff of section "+s.Name, s.Spec.Members)
	}
	see("audit", decode[v1alpha1.Regulation](t, "regulation.yaml")[0].Spec.Auditors)
}

// The members stand here as 別表第2 and 別表第3 name them, in their order.
func TestCommittees(t *testing.T) {
	want := map[string]struct {
		name   string
		quorum v1alpha1.QuorumRule
		titles []string
	}{
		"steering": {"電子情報システム運営委員会", v1alpha1.QuorumMajority, []string{"総務企画部総務企画課長", "総務企画部企画担当課長", "総務企画部財政課長",
			"管理部職員課長", "管理部デジタル推進課長", "管理部経理課長"}},
		"security": {"情報セキュリティ委員会", v1alpha1.QuorumNone, []string{"総務企画部総務企画課長", "区政広報部秘書課長", "管理部経理課長", "区民生活部区民課長",
			"地域文化スポーツ部文化交流推進課長", "産業経済部産業振興課長", "環境清掃部環境課長", "福祉部福祉推進課長", "健康部生活衛生課長",
			"子ども家庭部子育て支援課長", "防災都市づくり部都市計画課長", "会計管理部会計管理課長", "教育委員会事務局教育総務課長", "管理部デジタル推進課長"}},
	}
	sections := map[string]bool{}
	for _, s := range allSections(t) {
		sections[s.Name] = true
	}
	committees := decode[v1alpha1.Committee](t, "committees.yaml")
	if len(committees) != len(want) {
		t.Errorf("%d committees, want %d", len(committees), len(want))
	}
	for _, c := range committees {
		var titles []string
		for _, m := range c.Spec.Members {
			titles = append(titles, m.Title)
			if !sections[m.Name] {
				t.Errorf("%s: the seat %s has no section", c.Name, m.Name)
			}
		}
		expected := want[c.Name]
		if c.Spec.DisplayName != expected.name || c.Spec.Quorum != expected.quorum || !slices.Equal(titles, expected.titles) ||
			c.Spec.SecretariatRef.Name != "digital-promotion" || c.Spec.AdHocMembers != nil {
			t.Errorf("%s: %+v, want %+v", c.Name, c.Spec, expected)
		}
	}
}

func TestKustomizationListsEveryFile(t *testing.T) {
	var names []string
	var listed []string
	for _, f := range generate(t) {
		if f.name != "kustomization.yaml" {
			names = append(names, f.name)
			continue
		}
		listed = decodeContent[kustomization](t, f)[0].Resources
	}
	if !slices.Equal(listed, names) {
		t.Errorf("kustomization lists %v of %v", listed, names)
	}
}
