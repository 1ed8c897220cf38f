// Package image decides which container images a pattern covers.
//
// The same answer is given twice: here, and in the API server, whose admission policies match with the expression that
// [Patterns.Expression] builds. Both use RE2, so that there is one truth. The syntax of a pattern is documented at
// [v1alpha1.ImagePattern].
package image

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kitei.dev/kitei/api/v1alpha1"
)

// MaxExpressionLength bounds the expression, in bytes: beyond it the API server's cost limit for one evaluation would refuse
// every image, approved or not.
const MaxExpressionLength = 32 << 10

const (
	segment    = `[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
	hostPart   = `[a-z0-9](?:[-a-z0-9]*[a-z0-9])?`
	dottedHost = hostPart + `(?:\.` + hostPart + `)+`
	registry   = `(?:localhost|` + dottedHost + `)(?::[0-9]{1,5})?|` + hostPart + `:[0-9]{1,5}`
	anyTag     = `[A-Za-z0-9_][-A-Za-z0-9_.]*`
	anyDigest  = `@[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Fa-f0-9]+`
)

// grammar splits a pattern into registry, path, wildcard, tag and digest.
var grammar = regexp.MustCompile(`^(?P<registry>` + registry + `)(?P<path>(?:/` + segment + `)*)` +
	`(?:/(?P<wildcard>\*\*?))?(?::(?P<tag>[A-Za-z0-9_*][-A-Za-z0-9_.*]{0,127}))?(?P<digest>@sha256:[a-f0-9]{64})?$`)

// pattern is one parsed pattern.
type pattern struct {
	// expression matches the images covered; it is not anchored.
	expression string
}

// Problem says what is wrong with a pattern.
type Problem string

const (
	// ProblemSyntax: it is not of the form registry/path with an optional tag or digest.
	ProblemSyntax Problem = "PatternSyntax"
	// ProblemNoRepository: it names a registry and nothing in it.
	ProblemNoRepository Problem = "PatternNoRepository"
	// ProblemWildcardVersion: it puts a tag or a digest on a wildcard.
	ProblemWildcardVersion Problem = "PatternWildcardVersion"
	// ProblemDigestAndTag: it has a digest beside a tag with "*".
	ProblemDigestAndTag Problem = "PatternDigestAndTag"
	// ProblemTooLong: the patterns are together too long for the API server to match.
	ProblemTooLong Problem = "PatternsTooLong"
)

// PatternError is a pattern that cannot be used. What a person reads of it is in the message catalogue, under its problem.
type PatternError struct {
	Problem Problem
	// Pattern at fault; empty for ProblemTooLong.
	Pattern v1alpha1.ImagePattern
}

// Error names the problem and the pattern.
func (e *PatternError) Error() string {
	return fmt.Sprintf("image pattern %q: %s", e.Pattern, e.Problem)
}

// parse reads a pattern. Its error is a [PatternError].
func parse(source v1alpha1.ImagePattern) (pattern, error) {
	groups := grammar.FindStringSubmatch(string(source))
	if groups == nil {
		return pattern{}, &PatternError{ProblemSyntax, source}
	}
	group := func(name string) string { return groups[grammar.SubexpIndex(name)] }
	path, wildcard, tag, digest := group("path"), group("wildcard"), group("tag"), group("digest")
	switch {
	case path == "" && wildcard == "":
		return pattern{}, &PatternError{ProblemNoRepository, source}
	case wildcard != "" && (tag != "" || digest != ""):
		return pattern{}, &PatternError{ProblemWildcardVersion, source}
	case digest != "" && strings.Contains(tag, "*"):
		return pattern{}, &PatternError{ProblemDigestAndTag, source}
	}
	return pattern{expression: regexp.QuoteMeta(group("registry")+path) + below(wildcard) + version(tag, digest)}, nil
}

// below matches the repositories that a wildcard covers.
func below(wildcard string) string {
	switch wildcard {
	case "*":
		return "/" + segment
	case "**":
		return "(?:/" + segment + ")+"
	}
	return ""
}

// version matches the tags and digests that a pattern covers; any where it names none.
func version(tag, digest string) string {
	switch {
	case tag != "" && digest != "":
		return regexp.QuoteMeta(":" + tag + digest)
	case digest != "":
		return "(?::" + anyTag + ")?" + regexp.QuoteMeta(digest)
	case tag != "":
		// A digest beside the tag would be what runs, whatever the tag says: such a reference is not covered.
		return ":" + strings.ReplaceAll(regexp.QuoteMeta(tag), `\*`, "[-A-Za-z0-9_.]*")
	}
	return "(?::" + anyTag + ")?(?:" + anyDigest + ")?"
}

// repository is what a pattern says of repositories: the path that it names, and the wildcard below it.
type repository struct{ path, wildcard string }

func repositoryOf(source v1alpha1.ImagePattern) (repository, bool) {
	groups := grammar.FindStringSubmatch(string(source))
	if groups == nil {
		return repository{}, false
	}
	group := func(name string) string { return groups[grammar.SubexpIndex(name)] }
	return repository{group("registry") + group("path"), group("wildcard")}, true
}

// within says whether every repository of r is one of the other's.
func (r repository) within(other repository) bool {
	switch other.wildcard {
	case "*":
		parent := r.path[:max(strings.LastIndex(r.path, "/"), 0)]
		return r.wildcard == "" && parent == other.path || r == other
	case "**":
		return strings.HasPrefix(r.path, other.path+"/") || r.path == other.path && r.wildcard != ""
	}
	return r == other
}

// NewRepositories lists the patterns that name a repository which none of the approved patterns covers; a pattern that does
// not parse is one.
func NewRepositories(sources, approved []v1alpha1.ImagePattern) []v1alpha1.ImagePattern {
	return slices.DeleteFunc(slices.Clone(sources), func(source v1alpha1.ImagePattern) bool {
		named, parsed := repositoryOf(source)
		return parsed && slices.ContainsFunc(approved, func(other v1alpha1.ImagePattern) bool {
			known, parsed := repositoryOf(other)
			return parsed && named.within(known)
		})
	})
}

// Patterns is a set of patterns.
type Patterns struct {
	sources    []v1alpha1.ImagePattern
	expression string
	compiled   *regexp.Regexp
}

// ParseAll reads a set of patterns; the order and repetitions of the sources do not matter. Its error is a [PatternError]: the
// first pattern that does not parse, or ProblemTooLong when their expression is longer than [MaxExpressionLength].
func ParseAll(sources []v1alpha1.ImagePattern) (Patterns, error) {
	unique := slices.Clone(sources)
	slices.Sort(unique)
	unique = slices.Compact(unique)
	expressions := make([]string, 0, len(unique))
	for _, source := range unique {
		parsed, err := parse(source)
		if err != nil {
			return Patterns{}, err
		}
		expressions = append(expressions, parsed.expression)
	}
	expression := "^(?:" + strings.Join(expressions, "|") + ")$"
	if len(unique) == 0 {
		expression = "" // matches nothing, see Covers
	}
	if len(expression) > MaxExpressionLength {
		return Patterns{}, &PatternError{Problem: ProblemTooLong}
	}
	compiled, err := regexp.Compile(expression)
	if err != nil {
		return Patterns{}, fmt.Errorf("compile the patterns: %w", err)
	}
	return Patterns{sources: unique, expression: expression, compiled: compiled}, nil
}

// Sources are the patterns, sorted, each once.
func (p Patterns) Sources() []v1alpha1.ImagePattern { return p.sources }

// Expression matches, anchored, the images that the set covers. It is empty for an empty set, which covers nothing.
func (p Patterns) Expression() string { return p.expression }

// Covers says whether the set covers an image reference as it is written in a Pod.
func (p Patterns) Covers(reference string) bool {
	return p.expression != "" && p.compiled.MatchString(reference)
}

// Uncovered are the references that the set does not cover, in their order, each once.
func (p Patterns) Uncovered(references []string) []string {
	var uncovered []string
	for _, reference := range references {
		if !p.Covers(reference) && !slices.Contains(uncovered, reference) {
			uncovered = append(uncovered, reference)
		}
	}
	return uncovered
}
