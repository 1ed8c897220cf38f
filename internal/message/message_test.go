package message

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
)

// fragments cite no article: they stand inside, or in front of, a sentence that does.
var fragments = []ID{
	// offices, systems and lists
	AndMore, Or, OfficeOf, OfficeNot, System,
	RoleChiefInformationOfficer, RoleDigitalPromotionSectionHead, RoleDepartmentHead, RoleManagingSectionHead,
	RoleUsingDepartmentHead, RoleUsingSectionHead, RoleDataSectionHead,
	// consents, listed in a sentence about an application
	ConsentAwaited, ConsentDenied, ConsentRevoked,
	// outcomes of a meeting and what an application widens, named in sentences
	OutcomeApproved, OutcomeDenied, OutcomeReturned, WidensImages, WidensNamespaces, WidensData, WidensClass,
	// what is wrong with an item of an agenda, listed in AgendaRefused
	AgendaNotFound, AgendaDraft, AgendaMinor, AgendaLate, AgendaDecided, AgendaSettled,
	// decisions, named in Refused
	DecisionDenied, DecisionReturned,
	// in front of the namespace's own message
	ImagesNotCovered, EventHeld, EventReleased, EventEvicted,
	// levels and steps, listed in a sentence about an asset
	AssetLabelMissing, AssetLabelUnknown, AssetLevelTooHigh, AssetLevelTooLow, AssetLevelOf,
	AssetNext, AssetThen, AssetStepManifest, AssetStepRecreate, AssetStepLevel,
	AspectConfidentiality, AspectIntegrity, AspectAvailability,
}

// isFragment knows the plugin's sentences by their prefix: it prints the article on a line of its own.
func isFragment(id ID) bool {
	return strings.HasPrefix(string(id), "Plugin") || slices.Contains(fragments, id)
}

func TestEverySentenceHasBothLanguages(t *testing.T) {
	for id, s := range sentences {
		if strings.TrimSpace(s.ja) == "" || strings.TrimSpace(s.en) == "" {
			t.Errorf("%s lacks a language: %q, %q", id, s.ja, s.en)
		}
		if at := strings.IndexFunc(s.en, japanese); at >= 0 {
			t.Errorf("the English %s has Japanese in it: %q", id, s.en)
		}
		if strings.ContainsAny(s.ja+s.en, "\r\n\u2028\u2029") {
			t.Errorf("%s has a line break", id)
		}
		if !isFragment(id) && strings.IndexFunc(s.ja, japanese) < 0 {
			t.Errorf("the Japanese %s has no Japanese in it: %q", id, s.ja)
		}
	}
}

func japanese(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || strings.ContainsRune("、。「」（）・", r)
}

func TestFragmentsAreOfTheCatalogue(t *testing.T) {
	for _, id := range fragments {
		if _, found := sentences[id]; !found {
			t.Errorf("the fragment %s is no sentence of the catalogue", id)
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0-9.]*([a-zA-Z%])`)

// verbs are the arguments that a sentence takes, each with how it is written: a quoted string is a string.
func verbs(t *testing.T, id ID, text string) map[int]string {
	t.Helper()
	found := map[int]string{}
	for _, match := range verb.FindAllStringSubmatch(text, -1) {
		if match[2] == "%" {
			continue
		}
		position, err := strconv.Atoi(match[1])
		if err != nil {
			t.Errorf("%s: the verb %s has no position", id, match[0])
			continue
		}
		kind := strings.ReplaceAll(match[2], "q", "s")
		if before, twice := found[position]; twice && before != kind {
			t.Errorf("%s writes argument %d in two ways: %s", id, position, text)
		}
		found[position] = kind
	}
	return found
}

func TestBothLanguagesTakeTheSameArguments(t *testing.T) {
	for id, s := range sentences {
		ja, en := verbs(t, id, s.ja), verbs(t, id, s.en)
		if diff := cmp.Diff(ja, en); diff != "" {
			t.Errorf("%s: arguments (-ja +en):\n%s", id, diff)
		}
		for position := range len(ja) {
			if ja[position+1] == "" {
				t.Errorf("%s leaves argument %d out: %s", id, position+1, s.ja)
			}
		}
		arguments := make([]any, len(ja))
		for i := range arguments {
			if arguments[i] = "some"; ja[i+1] == "d" {
				arguments[i] = 2
			}
		}
		for _, language := range []v1alpha1.Language{v1alpha1.LanguageJapanese, v1alpha1.LanguageEnglish} {
			if text := In(language).Say(id, arguments...); strings.Contains(text, "%!") || text == string(id) && len(arguments) > 0 {
				t.Errorf("%s in %s comes out broken: %s", id, language, text)
			}
		}
	}
}

var (
	articleJa = regexp.MustCompile(`第(\d+)条`)
	articleEn = regexp.MustCompile(`\b[Aa]rticles? (\d+)(?:-\d+)?(?: \(\d+\))?(?: and (\d+))?`)
)

func articles(pattern *regexp.Regexp, text string) []string {
	numbers := map[string]bool{}
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		for _, number := range match[1:] {
			if number != "" {
				numbers[number] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(numbers))
}

func TestEverySentenceCitesItsArticle(t *testing.T) {
	for id, s := range sentences {
		ja, en := articles(articleJa, s.ja), articles(articleEn, s.en)
		if !isFragment(id) && len(ja) == 0 {
			t.Errorf("%s cites no article; if it is a fragment, list it: %s", id, s.ja)
		}
		if diff := cmp.Diff(ja, en); diff != "" {
			t.Errorf("%s cites other articles in the other language (-ja +en):\n%s%s\n%s", id, diff, s.ja, s.en)
		}
	}
}

// constants are the exported constants of type ID in this package's source, each with what its comment says of its arguments.
func constants(t *testing.T) map[string]struct {
	id      ID
	comment string
} {
	t.Helper()
	found := map[string]struct {
		id      ID
		comment string
	}{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "ID" || !spec.Names[0].IsExported() {
				return true
			}
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			constant := found[spec.Names[0].Name]
			constant.id, constant.comment = ID(value), spec.Comment.Text()
			found[spec.Names[0].Name] = constant
			return true
		})
	}
	if len(found) < 100 {
		t.Fatalf("only %d constants were found: the source is not read right", len(found))
	}
	return found
}

func TestEveryConstantIsInTheCatalogue(t *testing.T) {
	used := map[ID]string{}
	for name, constant := range constants(t) {
		if _, found := sentences[constant.id]; !found {
			t.Errorf("%s (%q) has no sentence", name, constant.id)
		}
		if other := used[constant.id]; other != "" {
			t.Errorf("%s and %s are both %q", name, other, constant.id)
		}
		used[constant.id] = name
	}
	for id := range sentences {
		if used[id] == "" && !strings.HasPrefix(string(id), "PluginType") { // those are made of a ChangeType
			t.Errorf("the sentence %q has no constant, so nobody can say it", id)
		}
	}
}

// What is made of a value of the API, and not of a constant, has its sentence too.
func TestValuesOfTheAPIHaveSentences(t *testing.T) {
	var ids []string
	for _, role := range []v1alpha1.OfficeRole{v1alpha1.RoleChiefInformationOfficer, v1alpha1.RoleDigitalPromotionSectionHead,
		v1alpha1.RoleDepartmentHead, v1alpha1.RoleManagingSectionHead, v1alpha1.RoleUsingDepartmentHead, v1alpha1.RoleUsingSectionHead} {
		ids = append(ids, string(role))
	}
	for _, change := range []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization,
		v1alpha1.ChangeModification, v1alpha1.ChangeMinor} {
		ids = append(ids, "PluginType"+string(change))
	}
	ids = append(ids, string(v1alpha1.DecisionDenied), string(v1alpha1.DecisionReturned))
	for _, id := range ids {
		if _, found := sentences[ID(id)]; !found {
			t.Errorf("%s has no sentence", id)
		}
	}
}

// An English office begins in lower case ("the information manager"), so it does not begin a sentence.
func TestOfficesDoNotBeginASentence(t *testing.T) {
	office := regexp.MustCompile(`(\d+): (?:[a-z ]*)\b(?:applicants|deciders|registrars|offices?|who must act)\b`)
	checked := 0
	for name, constant := range constants(t) {
		for _, match := range office.FindAllStringSubmatch(constant.comment, -1) {
			checked++
			begins := regexp.MustCompile(`(?:^|[.!?] )%\[` + match[1] + `\]`)
			if text := sentences[constant.id].en; begins.MatchString(text) {
				t.Errorf("%s begins a sentence with an office: %s", name, text)
			}
		}
	}
	if checked < 15 {
		t.Errorf("only %d arguments were checked: the comments are not read right", checked)
	}
}

// What the API server itself says, by the policies and by the kinds' own rules, stands in manifests: it is the catalogue's.
func TestManifestsSayTheCataloguesSentences(t *testing.T) {
	for folder, sentences := range map[string]map[ID]sentence{"policy": policySentences, "crd/bases": ruleSentences} {
		t.Run(folder, func(t *testing.T) { manifestsSay(t, folder, sentences) })
	}
}

func manifestsSay(t *testing.T, folder string, sentences map[ID]sentence) {
	t.Helper()
	sentenceOf := map[string]ID{}
	for id := range sentences {
		sentenceOf[Both(id)] = id
	}
	said := map[ID]bool{}
	literal := regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	check := func(file, text string) {
		if id, found := sentenceOf[strings.TrimSuffix(text, " ")]; found {
			said[id] = true
		} else {
			t.Errorf("%s: this is no sentence of the catalogue: %q", file, text)
		}
	}
	var walk func(file, key string, node any)
	walk = func(file, key string, node any) {
		switch node := node.(type) {
		case map[string]any:
			for key, value := range node {
				walk(file, key, value)
			}
		case []any:
			for _, value := range node {
				walk(file, key, value)
			}
		case string:
			switch key {
			case "message":
				check(file, node)
			case "expression", "messageExpression", "valueExpression":
				for _, match := range literal.FindAllStringSubmatch(node, -1) {
					if strings.Contains(match[1], " ") {
						check(file, match[1])
					}
				}
			}
		}
	}
	root := filepath.Join("..", "..", "config", filepath.FromSlash(folder))
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, document := range strings.Split(string(content), "\n---\n") {
			var object map[string]any
			if err := yaml.Unmarshal([]byte(document), &object); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			walk(path, "", object)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range sentences {
		if !said[id] {
			t.Errorf("nothing under config/%s says %s", folder, id)
		}
	}
}

func TestFromLocale(t *testing.T) {
	for locale, want := range map[string]v1alpha1.Language{
		"ja_JP.UTF-8": "ja", "ja_JP.eucJP": "ja", "ja_JP": "ja", "ja": "ja", "ja-JP": "ja", "JA_jp.utf8": "ja",
		"ja_JP@calendar=japanese": "ja", "ja_JP.UTF-8@cjknarrow": "ja",
		"en_US.UTF-8": "en", "en": "en", "de_DE@euro": "en", "jam_JM": "en", "C": "en", "C.UTF-8": "en", "POSIX": "en", "": "en",
		"not a locale": "en",
	} {
		if got := FromLocale(locale); got != want {
			t.Errorf("FromLocale(%q) = %q, want %q", locale, got, want)
		}
	}
}

func TestIn(t *testing.T) {
	for language, want := range map[v1alpha1.Language]string{"ja": "又は", "": "又は", "fr": "又は", "en": " or "} {
		if got := In(language).Say(Or); got != want {
			t.Errorf("In(%q) says %q, want %q", language, got, want)
		}
	}
}

// The API server drops a policy's message that has a line break.
func TestSayIsOneLine(t *testing.T) {
	got := In("en").Say(System, "a\nb\r\nc\rd\u2028e\u2029f", "g")
	if want := "a b c d e f (g)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestList(t *testing.T) {
	names, long := strings.Split("a b c d e f g h i j", " "), strings.Repeat("n", 500)
	for _, test := range []struct {
		language v1alpha1.Language
		names    []string
		want     string
	}{
		{"en", nil, ""},
		{"en", names[:1], "a"},
		{"en", names[:8], "a, b, c, d, e, f, g, h"},
		{"en", names, "a, b, c, d, e, f, g, h and 2 more"},
		{"ja", names, "a、b、c、d、e、f、g、hほか2件"},
		{"en", []string{long, long}, long + ", " + long},
		{"en", []string{long, long, long}, long + ", " + long + " and 1 more"},
		{"en", []string{long + long + long, "a"}, long + long + long + " and 1 more"},
	} {
		if got := In(test.language).List(test.names); got != test.want {
			t.Errorf("List(%v) in %s: got %q, want %q", test.names, test.language, got, test.want)
		}
	}
	if names[8] != "i" {
		t.Error("List changed its argument")
	}
}

func TestNote(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("a", 1024), strings.Repeat("規", 341) + "a", strings.Repeat("規", 342),
		strings.Repeat("a", 1025), "a" + strings.Repeat("規", 5000), "ab" + strings.Repeat("規", 5000)} {
		got := Note(text)
		switch {
		case len(got) > 1024 || !utf8.ValidString(got):
			t.Errorf("the note of %d bytes has %d bytes, valid: %t", len(text), len(got), utf8.ValidString(got))
		case len(text) <= 1024 && got != text:
			t.Errorf("a note of %d bytes was cut", len(text))
		case len(text) > 1024 && (!strings.HasSuffix(got, "…") || !strings.HasPrefix(text, strings.TrimSuffix(got, "…")) ||
			len(got) < 1020):
			t.Errorf("a note of %d bytes was cut to %d bytes, ending %q", len(text), len(got), got[len(got)-6:])
		}
	}
}
