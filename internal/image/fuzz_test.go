package image

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
)

// FuzzCovers compares what a pattern covers with a matcher that walks the texts segment by segment, without an expression, by
// the documentation of [v1alpha1.ImagePattern].
func FuzzCovers(f *testing.F) {
	f.Fuzz(func(t *testing.T, source, reference string) {
		patterns, err := ParseAll([]v1alpha1.ImagePattern{v1alpha1.ImagePattern(source)})
		if err != nil {
			return
		}
		if got, want := patterns.Covers(reference), walk(source, reference); got != want {
			t.Fatalf("%q covers %q: %v", source, reference, got)
		}
		if plain := strings.TrimSuffix(strings.TrimSuffix(source, "*"), "/*"); !strings.Contains(source, "*") && !patterns.Covers(plain) {
			t.Fatalf("%q does not cover itself", source)
		}
		if _, host, _ := take(reference, "/"); patterns.Covers(reference) && !strings.HasPrefix(source, host+"/") {
			t.Fatalf("%q covers %q, of another registry", source, reference)
		}
	})
}

// take cuts a text at the first separator.
func take(text, separator string) (rest, first string, found bool) {
	first, rest, found = strings.Cut(text, separator)
	return rest, first, found
}

// parts of a pattern or a reference. A tag begins after the last colon behind the last slash, a digest after the first "@".
func parts(text string) (repository []string, tag, digest *string) {
	name, after, found := strings.Cut(text, "@")
	if found {
		digest = &after
	}
	slash := strings.LastIndex(name, "/")
	if colon := strings.LastIndex(name, ":"); colon > slash && slash >= 0 {
		given := name[colon+1:]
		tag, name = &given, name[:colon]
	}
	return strings.Split(name, "/"), tag, digest
}

func walk(source, reference string) bool {
	wanted, tag, digest := parts(source)
	repository, givenTag, givenDigest := parts(reference)
	if !underPath(wanted, repository) {
		return false
	}
	switch {
	case digest != nil:
		if givenDigest == nil || *givenDigest != *digest {
			return false
		}
		if tag != nil {
			return givenTag != nil && *givenTag == *tag
		}
	case tag != nil:
		return givenDigest == nil && givenTag != nil && glob(*tag, *givenTag)
	}
	return (givenTag == nil || *givenTag != "" && tagOnly(*givenTag) && !strings.ContainsAny((*givenTag)[:1], "-.")) &&
		(givenDigest == nil || isDigest(*givenDigest))
}

func underPath(wanted, repository []string) bool {
	last := len(wanted) - 1
	if !strings.HasPrefix(wanted[last], "*") {
		return slices.Equal(wanted, repository)
	}
	if len(repository) <= last || !slices.Equal(wanted[:last], repository[:last]) {
		return false
	}
	below := repository[last:]
	return (wanted[last] == "**" || len(below) == 1) && !slices.ContainsFunc(below, func(s string) bool { return !isSegment(s) })
}

const lower, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"

func only(text, characters string) bool { return strings.Trim(text, characters) == "" }

func tagOnly(text string) bool { return only(text, lower+strings.ToUpper(lower)+digits+"-_.") }

// isSegment says whether a text is words of lower case with one ".", one or two "_", or any number of "-" between them.
func isSegment(text string) bool {
	for {
		rest := strings.TrimLeft(text, lower+digits)
		if rest == text {
			return false
		}
		if rest == "" {
			return true
		}
		text = strings.TrimLeft(rest, "._-")
		between := rest[:len(rest)-len(text)]
		if between != "." && between != "_" && between != "__" && strings.Trim(between, "-") != "" || between == "" {
			return false
		}
	}
}

// isDigest says whether a text is an algorithm, ":" and hexadecimal digits.
func isDigest(text string) bool {
	algorithm, value, found := strings.Cut(text, ":")
	words := strings.FieldsFunc(algorithm, func(r rune) bool { return strings.ContainsRune("+._-", r) })
	separators := 0
	for _, r := range algorithm {
		if strings.ContainsRune("+._-", r) {
			separators++
		}
	}
	return found && value != "" && only(value, digits+"abcdefABCDEF") && only(algorithm, lower+digits+"+._-") &&
		len(words) == separators+1
}

// glob matches a tag; "*" stands for any run of tag characters.
func glob(pattern, tag string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == tag
	}
	rest, found := strings.CutPrefix(tag, before)
	if !found {
		return false
	}
	for skip := 0; skip <= len(rest); skip++ {
		if tagOnly(rest[:skip]) && glob(after, rest[skip:]) {
			return true
		}
	}
	return false
}

// FuzzSyntax compares what the parser takes with what the API server takes, by the pattern in the kind itself: a pattern that
// only one of them takes could be approved and never cover anything.
func FuzzSyntax(f *testing.F) {
	schema := schemaPattern(f)
	f.Fuzz(func(t *testing.T, source string) {
		_, err := parse(v1alpha1.ImagePattern(source))
		bounded := len(source) >= 3 && len(source) <= 512
		if stored := bounded && schema.MatchString(source); stored != (err == nil && bounded) {
			t.Fatalf("%q: the API server takes it: %v, the parser says %v", source, stored, err)
		}
	})
}

func schemaPattern(f *testing.F) *regexp.Regexp {
	f.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "config", "crd", "bases", "governance.kitei.dev_changeapprovals.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	var node any
	if err := yaml.Unmarshal(content, &node); err != nil {
		f.Fatal(err)
	}
	for _, key := range []string{"spec", "versions", "schema", "openAPIV3Schema", "properties", "spec", "properties", "scope",
		"properties", "images", "items", "pattern"} {
		if list, is := node.([]any); is {
			node = list[0]
		}
		fields, _ := node.(map[string]any)
		node = fields[key]
	}
	pattern, is := node.(string)
	if !is {
		f.Fatal("the kind has no pattern of images")
	}
	return regexp.MustCompile(pattern)
}
