package image

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"kitei.dev/kitei/api/v1alpha1"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestCovers(t *testing.T) {
	type row struct {
		image string
		want  bool
	}
	tests := map[v1alpha1.ImagePattern][]row{
		"registry.example/tax": {
			{"registry.example/tax", true},
			{"registry.example/tax:1", true},
			{"registry.example/tax@" + digest, true},
			{"registry.example/tax:1@" + digest, true},
			{"registry.example/tax-evil", false},
			{"registry.example/tax-evil:1", false},
			{"registry.example/tax/web", false},
			{"registryXexample/tax", false},
			{"evil.example/registry.example/tax", false},
			{"registry.example/tax:1\n", false},
			{"registry.example/tax:1\nregistry.example/other", false},
			{"registry.example/tax:", false},
			{"tax", false},
			{"", false},
		},
		"registry.example/tax/*": {
			{"registry.example/tax/web:1", true},
			{"registry.example/tax/web_1__a--b.c", true},
			{"registry.example/tax/web/deep", false},
			{"registry.example/tax", false},
			{"registry.example/tax/", false},
			{"registry.example/tax/../other", false},
			{"registry.example/taxes/web", false},
		},
		"registry.example/tax/**": {
			{"registry.example/tax/web", true},
			{"registry.example/tax/web/deep:2", true},
			{"registry.example/tax", false},
			{"registry.example/tax/../other/web", false},
			{"registry.example/tax//web", false},
		},
		"registry.example/tax/web:1.4.*": {
			{"registry.example/tax/web:1.4.2", true},
			{"registry.example/tax/web:1.4.", true},
			{"registry.example/tax/web:1x4.2", false},
			{"registry.example/tax/web:1.5.0", false},
			{"registry.example/tax/web", false},
			{"registry.example/tax/web:1.4.2@" + digest, false}, // the digest is what runs
		},
		v1alpha1.ImagePattern("registry.example/tax/web@" + digest): {
			{"registry.example/tax/web@" + digest, true},
			{"registry.example/tax/web:any@" + digest, true},
			{"registry.example/tax/web@" + strings.Replace(digest, "0", "1", 1), false},
			{"registry.example/tax/web:1", false},
		},
		v1alpha1.ImagePattern("registry.example/tax/web:1@" + digest): {
			{"registry.example/tax/web:1@" + digest, true},
			{"registry.example/tax/web:2@" + digest, false},
			{"registry.example/tax/web@" + digest, false},
		},
		"localhost:5000/a": {{"localhost:5000/a:1", true}, {"localhost/a", false}},
		"registry:5000/a":  {{"registry:5000/a", true}, {"registry:5001/a", false}},
	}
	for source, rows := range tests {
		patterns, err := ParseAll([]v1alpha1.ImagePattern{source})
		if err != nil {
			t.Errorf("ParseAll(%q): %v", source, err)
			continue
		}
		for _, r := range rows {
			if got := patterns.Covers(r.image); got != r.want {
				t.Errorf("pattern %q covers %q: got %v, want %v", source, r.image, got, r.want)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, source := range []v1alpha1.ImagePattern{
		"", "*", "**", "nginx", "library/nginx", "registry.example", "registry.example/", "registry.example/Tax",
		"registry.example/tax/", "registry.example/*/web", "registry.example/ta*", "registry.example/tax/*:1",
		"registry.example/tax:1*@" + digest, "registry.example/tax@sha256:00", "registry.example/tax web",
		"registry.example/税", ".*/tax", "registry.example/tax|evil.example/x", "https://registry.example/tax",
		"registry.example/tax:", "registry.example//tax", "registry.example:port/tax",
	} {
		if _, err := parse(source); err == nil {
			t.Errorf("parse(%q) took a bad pattern", source)
		}
	}
}

func TestEmptySetCoversNothing(t *testing.T) {
	patterns, err := ParseAll(nil)
	if err != nil {
		t.Fatal(err)
	}
	if patterns.Covers("") || patterns.Covers("registry.example/tax") {
		t.Error("an empty set covers an image")
	}
}

func TestTooLong(t *testing.T) {
	var sources []v1alpha1.ImagePattern
	for i := range 2000 {
		sources = append(sources, v1alpha1.ImagePattern(fmt.Sprintf("registry.example/tax/component-%04d", i)))
	}
	var problem *PatternError
	if _, err := ParseAll(sources); !errors.As(err, &problem) || problem.Problem != ProblemTooLong {
		t.Errorf("got %v, want ProblemTooLong", err)
	}
}
