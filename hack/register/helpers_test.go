package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
)

func generate(t *testing.T) []file {
	t.Helper()
	reg, err := loadRegister(embeddedData)
	if err != nil {
		t.Fatal(err)
	}
	files, err := manifests(reg)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// decode reads the objects of a manifest; a field that the type does not have is an error.
func decode[T any](t *testing.T, name string) []T {
	t.Helper()
	for _, f := range generate(t) {
		if f.name == name {
			return decodeContent[T](t, f)
		}
	}
	t.Fatalf("no file %s", name)
	return nil
}

func decodeContent[T any](t *testing.T, f file) []T {
	t.Helper()
	var objects []T
	for _, document := range strings.Split(string(f.content), "---\n")[1:] {
		var object T
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		objects = append(objects, object)
	}
	return objects
}

func allSections(t *testing.T) []v1alpha1.ManagingSection {
	t.Helper()
	return slices.Concat(decode[v1alpha1.ManagingSection](t, "managing-sections.yaml"),
		decode[v1alpha1.ManagingSection](t, "committee-offices.yaml"))
}

// rawRecords reads a file of the data without the code that it tests.
func rawRecords(t *testing.T, name string) []map[string]string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var records []map[string]string
	for _, line := range lines[1:] {
		record := map[string]string{}
		for i, column := range lines[0] {
			record[column] = line[i]
		}
		records = append(records, record)
	}
	return records
}

func checkHolder(t *testing.T, name string, got v1alpha1.OfficeHolder, title, group string) {
	t.Helper()
	subjects := []v1alpha1.Subject{{Kind: v1alpha1.SubjectGroup, Name: group}}
	if got.Title != title || !slices.Equal(got.Subjects, subjects) {
		t.Errorf("%s: head is %+v, want title %q and group %s", name, got, title, group)
	}
}

func writeTestFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
