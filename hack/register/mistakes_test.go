package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCheckNamesWhatIsNotCurrent(t *testing.T) {
	tests := map[string]struct {
		change func(t *testing.T, directory string)
		want   string
	}{
		"changed": {func(t *testing.T, directory string) {
			writeTestFile(t, filepath.Join(directory, "regulation.yaml"), "# Code\n")
		}, "regulation.yaml:1: not what the data says: run go run ./hack/register"},
		"missing": {func(t *testing.T, directory string) {
			if err := os.Remove(filepath.Join(directory, "departments.yaml")); err != nil {
				t.Fatal(err)
			}
		}, "departments.yaml is missing"},
		"left over": {func(t *testing.T, directory string) {
			writeTestFile(t, filepath.Join(directory, "old.yaml"), "")
		}, "old.yaml is not of the register: remove it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			if err := run([]string{"-out", directory}, io.Discard); err != nil {
				t.Fatal(err)
			}
			if err := run([]string{"-check", "-out", directory}, io.Discard); err != nil {
				t.Fatalf("what was just written is not current: %v", err)
			}
			test.change(t, directory)
			err := run([]string{"-check", "-out", directory}, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("check says %v, want %q", err, test.want)
			}
		})
	}
}

func TestMistakesInTheDataAreNamed(t *testing.T) {
	tests := map[string]struct{ file, old, new, want string }{
		"header":            {departmentsFile, "slug,displayName", "name,displayName", "departments.csv:1: the header is"},
		"fields":            {sectionsFile, "税務課,4", "税務課", "appended-table-1-sections.csv: record on line 9"},
		"slug":              {departmentsFile, "\nwelfare,", "\nWelfare,", `departments.csv:9: slug "Welfare": write a DNS label`},
		"slug twice":        {departmentsFile, "\nwelfare,", "\nhealth,", `departments.csv:10: slug "health": line 9 has it already`},
		"empty":             {departmentsFile, "welfare,福祉部", "welfare,", `departments.csv:9: displayName "": write a value`},
		"no words":          {departmentsFile, ",第2条第12号「選挙管理委員会事務局」", ",", "departments.csv:16: sectionSource"},
		"unknown body":      {departmentsFile, ",election-commission,第", ",elections,第", `departments.csv:16: section "elections": name a section`},
		"unknown section":   {systemsFile, "税滞納整理事務,tax,", "税滞納整理事務,taxes,", `appended-table-1-systems.csv:53: section "taxes": name a section`},
		"system twice":      {systemsFile, "53,eltax,", "53,tax,", `appended-table-1-systems.csv:54: name "tax": line 3 has it already`},
		"order":             {systemsFile, "\n53,", "\n54,", `appended-table-1-systems.csv:54: no "54": number the rows`},
		"carried down":      {systemsFile, "税務課,no,", "税務課,yes,", "appended-table-1-systems.csv:53: ownerCellBlank"},
		"neither yes or no": {systemsFile, "税務課,no,", "税務課,?,", `appended-table-1-systems.csv:53: ownerCellBlank "?": write yes or no`},
		"nothing above":     {systemsFile, "税務課,no,", "税務課,no,as above", `appended-table-1-systems.csv:53: note "as above": the row above has no note`},
		"count":             {sectionsFile, "税務課,4", "税務課,5", `appended-table-1-sections.csv:9: systems "5"`},
		"title":             {officesFile, "管理部職員課長", "職員課長", `committee-offices.csv:5: title "職員課長": write department`},
		"unknown office":    {officesFile, "職員課長,management", "職員課長,manager", `committee-offices.csv:5: department "manager"`},
		"place twice":       {officesFile, "財政課,3,", "財政課,2,", `committee-offices.csv:4: appendedTable2 "2": number the 6 offices`},
		"no place":          {officesFile, "財政課,3,", "財政課,,", "committee-offices.csv:4: appendedTable2"},
		"section's name":    {officesFile, "総務企画部総務企画課長,general-planning,general-planning", "総務企画部総務企画課長,general-planning,tax", `calls the section 税務課`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data := fstest.MapFS{}
			for _, name := range []string{departmentsFile, sectionsFile, officesFile, systemsFile} {
				content, err := fs.ReadFile(embeddedData, name)
				if err != nil {
					t.Fatal(err)
				}
				if name == test.file {
					if !bytes.Contains(content, []byte(test.old)) {
						t.Fatalf("%s does not hold %q", name, test.old)
					}
					content = bytes.Replace(content, []byte(test.old), []byte(test.new), 1)
				}
				data[name] = &fstest.MapFile{Data: content}
			}
			_, err := loadRegister(data)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}
