package classification

import (
	"slices"
	"strings"
	"testing"

	"kitei.dev/kitei/api/v1alpha1"
)

func TestLevels(t *testing.T) {
	levels := Levels{"3A", "3B", "3C", "2", "1"}
	for name, test := range map[string]struct {
		a, b  v1alpha1.Level
		above bool
		known bool
	}{
		"by the list, not by the letter": {"3A", "3B", true, true},
		"by the list, not by the number": {"3C", "2", true, true},
		"the lower":                      {"1", "2", false, true},
		"equal":                          {"3B", "3B", false, true},
		"a level of another standard":    {"4", "1", false, false},
		"no level":                       {"1", "", false, false},
		"case matters":                   {"3a", "1", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if above := levels.Above(test.a, test.b); above != test.above {
				t.Errorf("Above(%q, %q) = %v", test.a, test.b, above)
			}
			if _, known := levels.Compare(test.a, test.b); known != test.known {
				t.Errorf("Compare(%q, %q) knows them: %v", test.a, test.b, known)
			}
		})
	}
}

func TestLevelsBetween(t *testing.T) {
	levels := Levels{"3A", "3B", "3C", "2", "1"}
	for name, test := range map[string]struct {
		floor, ceiling v1alpha1.Level
		want           Levels
	}{
		"no bounds":         {"", "", levels},
		"a ceiling":         {"", "3C", Levels{"3C", "2", "1"}},
		"a floor":           {"3B", "", Levels{"3A", "3B"}},
		"both":              {"2", "3B", Levels{"3B", "3C", "2"}},
		"one level is left": {"2", "2", Levels{"2"}},
		"nothing is left":   {"3A", "1", Levels{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := levels.between(test.floor, test.ceiling); !slices.Equal(got, test.want) {
				t.Errorf("between(%q, %q) = %v, want %v", test.floor, test.ceiling, got, test.want)
			}
		})
	}
}

// FuzzCompare sees that the levels of any standard are totally ordered: whatever the list, two of its levels compare, equal
// only to themselves, the one above where the other is below, and transitively; and lower and higher agree with that.
func FuzzCompare(f *testing.F) {
	f.Add("3A 3B 3C 2 1", uint8(0), uint8(1), uint8(4))
	f.Add("2 1", uint8(1), uint8(0), uint8(1))
	f.Add("", uint8(0), uint8(0), uint8(0))
	f.Add("a a b", uint8(1), uint8(0), uint8(2))
	f.Fuzz(func(t *testing.T, list string, i, j, k uint8) {
		var levels Levels
		for _, name := range strings.Fields(list) {
			levels = append(levels, v1alpha1.Level(name))
		}
		if _, known := levels.Compare("", ""); known {
			t.Fatal("no level is known")
		}
		if len(levels) == 0 {
			return
		}
		a, b, c := levels[int(i)%len(levels)], levels[int(j)%len(levels)], levels[int(k)%len(levels)]
		ab, known := levels.Compare(a, b)
		ba, _ := levels.Compare(b, a)
		bc, _ := levels.Compare(b, c)
		ac, _ := levels.Compare(a, c)
		switch {
		case !known:
			t.Fatalf("%q and %q do not compare in %q", a, b, levels)
		case (ab == 0) != (a == b):
			t.Fatalf("%q and %q compare as %d", a, b, ab)
		case ab != -ba:
			t.Fatalf("%q to %q is %d, and back %d", a, b, ab, ba)
		case ab >= 0 && bc >= 0 && ac < 0:
			t.Fatalf("%q ≥ %q ≥ %q, but %q < %q", a, b, c, a, c)
		case levels.Above(a, b) != (ab > 0), levels.Above(a, b) && levels.Above(b, a):
			t.Fatalf("Above(%q, %q) contradicts %d", a, b, ab)
		}
		low, high := levels.lower(a, b), levels.higher(a, b)
		if levels.Above(low, high) || (low != a && low != b) || (high != a && high != b) || (a != b && low == high) {
			t.Fatalf("of %q and %q, %q is the lower and %q the higher", a, b, low, high)
		}
		if allowed := levels.between(low, high); !slices.Contains(allowed, a) || !slices.Contains(allowed, b) {
			t.Fatalf("between %q and %q lie %q", low, high, allowed)
		}
	})
}

func TestOfSystem(t *testing.T) {
	for name, test := range map[string]struct {
		classification *v1alpha1.Classification
		standard       *v1alpha1.SecurityStandard
		class, reason  string
	}{
		"classed":                {class("3A/2/2"), standard(), "3A/2/2", v1alpha1.ReasonClassified},
		"not classed":            {nil, standard(), "", v1alpha1.ReasonUnclassified},
		"a level of another":     {class("4/2/2"), standard(), "4/2/2", v1alpha1.ReasonUnknownLevel},
		"levels of another name": {class("3A/3A/2"), standard(), "3A/3A/2", v1alpha1.ReasonUnknownLevel},
		"no standard":            {class("3A/2/2"), nil, "3A/2/2", v1alpha1.ReasonNoStandard},
		"neither":                {nil, nil, "", v1alpha1.ReasonNoStandard},
	} {
		t.Run(name, func(t *testing.T) {
			system := &v1alpha1.ElectronicSystem{Spec: v1alpha1.ElectronicSystemSpec{Classification: test.classification}}
			got, reason := OfSystem(system, test.standard)
			if got != test.class || reason != test.reason {
				t.Errorf("OfSystem = %q, %q; want %q, %q", got, reason, test.class, test.reason)
			}
		})
	}
}

// standard is the shipped one.
func standard() *v1alpha1.SecurityStandard {
	define := func(names ...v1alpha1.Level) []v1alpha1.LevelDefinition {
		definitions := make([]v1alpha1.LevelDefinition, 0, len(names))
		for _, name := range names {
			definitions = append(definitions, v1alpha1.LevelDefinition{Name: name})
		}
		return definitions
	}
	return &v1alpha1.SecurityStandard{Spec: v1alpha1.SecurityStandardSpec{
		Confidentiality: define("3A", "3B", "3C", "2", "1"),
		Integrity:       define("2", "1"),
		Availability:    define("2", "1"),
	}}
}

// class reads 3A/2/2.
func class(word string) *v1alpha1.Classification {
	parts := append(strings.Split(word, "/"), "", "")
	return &v1alpha1.Classification{
		Confidentiality: v1alpha1.Level(parts[0]), Integrity: v1alpha1.Level(parts[1]), Availability: v1alpha1.Level(parts[2]),
	}
}
