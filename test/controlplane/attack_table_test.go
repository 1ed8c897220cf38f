package controlplane

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// attackFiles hold nothing but tests of ways round.
var attackFiles = []string{"bypass_test.go", "attack_*_test.go"}

// The table of ways round in docs/enforcement.md and the tests agree: each row names tests that exist, or says why there can be
// none, and each test of a way round stands in a row.
func TestTableOfWaysRoundNamesItsTests(t *testing.T) {
	document, err := os.ReadFile(filepath.Join(env.root, "docs", "enforcement.md"))
	must(t, err)
	_, table, found := strings.Cut(string(document), "\n| Way round | Answer | Test in `test/controlplane` |\n|---|---|---|\n")
	if !found {
		t.Fatal("docs/enforcement.md has no table of ways round")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	known := testsIn(t, "*_test.go")
	names := regexp.MustCompile("^`(Test\\w+)`$")
	listed := map[string]bool{}
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if len(cells) != 3 {
			t.Errorf("not a row of three cells: %s", row)
			continue
		}
		if why, none := strings.CutPrefix(cells[2], "none: "); none {
			if len(why) < 10 {
				t.Errorf("does not say why there is no test: %s", row)
			}
			continue
		}
		for cell := range strings.SplitSeq(cells[2], ", ") {
			name := names.FindStringSubmatch(cell)
			switch {
			case name == nil:
				t.Errorf("%q names no test: %s", cell, row)
			case !slices.Contains(known, name[1]):
				t.Errorf("%s does not exist: %s", name[1], row)
			default:
				listed[name[1]] = true
			}
		}
	}
	for _, pattern := range attackFiles {
		for _, name := range testsIn(t, pattern) {
			if !listed[name] && name != t.Name() {
				t.Errorf("%s is in no row of the table of ways round in docs/enforcement.md", name)
			}
		}
	}
}

// testsIn are the names of the tests in files of this package.
func testsIn(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(env.root, "test", "controlplane", pattern))
	must(t, err)
	var names []string
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		must(t, err)
		for _, declaration := range file.Decls {
			if function, is := declaration.(*ast.FuncDecl); is && function.Recv == nil && strings.HasPrefix(function.Name.Name, "Test") &&
				function.Name.Name != "TestMain" {
				names = append(names, function.Name.Name)
			}
		}
	}
	if len(names) == 0 {
		t.Fatalf("no tests in %s", pattern)
	}
	return names
}
