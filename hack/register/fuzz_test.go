package main

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"kitei.dev/kitei/api/v1alpha1"
)

// FuzzLoadRegister reads the data with one of its files changed: an error names a file and says where; what is taken has as many
// systems as rows, and its manifests read again as what the rows say.
func FuzzLoadRegister(f *testing.F) {
	names := []string{departmentsFile, sectionsFile, officesFile, systemsFile}
	original := map[string][]byte{}
	for _, name := range names {
		content, err := fs.ReadFile(embeddedData, name)
		if err != nil {
			f.Fatal(err)
		}
		original[name] = content
	}
	f.Fuzz(func(t *testing.T, which uint8, old, replacement string) {
		data := fstest.MapFS{}
		for _, name := range names {
			data[name] = &fstest.MapFile{Data: original[name]}
		}
		changed := names[int(which)%len(names)]
		data[changed] = &fstest.MapFile{Data: bytes.Replace(original[changed], []byte(old), []byte(replacement), 1)}
		if old == "" && which > 200 { // the whole file
			data[changed].Data = []byte(replacement)
		}
		reg, err := loadRegister(data)
		if err != nil {
			if !strings.Contains(err.Error(), "hack/register/data/") || !strings.Contains(err.Error(), ".csv") {
				t.Fatalf("the error does not say where: %v", err)
			}
			return
		}
		content, err := render("", systemObjects(reg))
		if err != nil {
			t.Fatal(err)
		}
		systems := decodeContent[v1alpha1.ElectronicSystem](t, file{name: "electronic-systems.yaml", content: content})
		compareSystems(t, data[systemsFile].Data, systems)
	})
}

func compareSystems(t *testing.T, content []byte, systems []v1alpha1.ElectronicSystem) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil || len(records) != len(systems)+1 {
		t.Fatalf("%d systems of %d records: %v", len(systems), len(records)-1, err)
	}
	column := func(name string) int { return slices.Index(records[0], name) }
	for i, record := range records[1:] {
		s := systems[i]
		if s.Name != record[column("name")] || s.Spec.DisplayName != record[column("displayName")] ||
			s.Spec.Duty != record[column("duty")] {
			t.Fatalf("%q became %+v", record, s)
		}
		for _, text := range []string{s.Spec.DisplayName, s.Spec.Duty} {
			if strings.ContainsAny(text, "\r\n\x00") || strings.TrimSpace(text) != text || text == "" {
				t.Fatalf("a name that is no line: %q", text)
			}
		}
	}
}
