package message

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kitei.dev/kitei/api/v1alpha1"
)

// unfit says whether a character must not stand in a sentence.
func unfit(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || slices.Contains([]rune{0x61c, 0x200e, 0x200f, 0x2028, 0x2029}, r) ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// FuzzSay writes every sentence with whatever arguments: it is one line of text in either language, shows nothing broken, obeys
// nothing in an argument, and has each argument in it, as it is where it is plain.
func FuzzSay(f *testing.F) {
	ids := slices.Sorted(maps.Keys(sentences))
	f.Fuzz(func(t *testing.T, which uint16, a, b, c string, number int) {
		id := ids[int(which)%len(ids)]
		kinds := verbs(t, id, sentences[id].ja)
		arguments := make([]any, len(kinds))
		for i := range arguments {
			if arguments[i] = []string{a, b, c}[i%3]; kinds[i+1] == "d" {
				arguments[i] = number
			}
		}
		for _, language := range []v1alpha1.Language{v1alpha1.LanguageJapanese, v1alpha1.LanguageEnglish} {
			text := In(language).Say(id, arguments...)
			if !utf8.ValidString(text) || strings.ContainsFunc(text, unfit) {
				t.Fatalf("%s is not one line of text: %q", id, text)
			}
			if strings.Contains(text, "%!") && !strings.Contains(a+b+c, "%") {
				t.Fatalf("%s comes out broken: %q", id, text)
			}
			for i, argument := range arguments {
				plain := fmt.Sprint(argument)
				if kinds[i+1] == "s" && utf8.ValidString(plain) && !strings.ContainsFunc(plain, unfit) &&
					!strings.Contains(text, plain) && !strings.Contains(text, fmt.Sprintf("%q", plain)) {
					t.Fatalf("%s loses argument %d, %q: %q", id, i+1, plain, text)
				}
			}
		}
	})
}

// FuzzList joins names: what it leaves out it counts, and the result stays short unless the first name alone is long.
func FuzzList(f *testing.F) {
	f.Fuzz(func(t *testing.T, joined string) {
		names := strings.Split(joined, "|")
		for _, language := range []v1alpha1.Language{v1alpha1.LanguageJapanese, v1alpha1.LanguageEnglish} {
			text := In(language).List(names)
			separator := map[v1alpha1.Language]string{"ja": "、", "en": ", "}[language]
			whole := strings.Join(names, separator)
			for few := len(names); few >= 0; few-- {
				if few == len(names) && text == whole {
					break
				}
				cut := strings.Join(names[:few], separator) + In(language).Say(AndMore, len(names)-few)
				if few < len(names) && text == cut && few > 0 {
					break
				}
				if few == 0 {
					t.Fatalf("%q is no beginning of %q", text, names)
				}
			}
			if len(text) > len(names[0])+1200 {
				t.Fatalf("%d bytes", len(text))
			}
		}
	})
}

// FuzzNote cuts a note: to what an Event holds, at a whole character, and not where it fits.
func FuzzNote(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string, times uint8) {
		text = strings.Repeat(text, int(times)+1)
		note := Note(text)
		kept, cut := strings.CutSuffix(note, "…")
		switch {
		case len(text) <= 1024 && note != text:
			t.Fatalf("%q was changed to %q", text, note)
		case len(text) <= 1024:
		case len(note) > 1024, !cut, !strings.HasPrefix(text, kept):
			t.Fatalf("%q was cut to %q", text, note)
		case utf8.ValidString(text) && (!utf8.ValidString(note) || len(note) < 1024-utf8.UTFMax):
			t.Fatalf("%q was cut badly, to %q", text, note)
		}
	})
}

// FuzzFromLocale reads a locale by itself: language, then "_" or "-" and what else there is. Only Japanese is Japanese.
func FuzzFromLocale(f *testing.F) {
	f.Fuzz(func(t *testing.T, locale string) {
		end := strings.IndexFunc(locale, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) })
		name, rest := locale, ""
		if end >= 0 {
			name, rest = locale[:end], locale[end:]
		}
		want := v1alpha1.LanguageEnglish
		if strings.EqualFold(name, "ja") && (rest == "" || strings.IndexAny(rest, "_-.@") == 0) {
			want = v1alpha1.LanguageJapanese
		}
		if got := FromLocale(locale); got != want {
			t.Fatalf("%q is %s, want %s", locale, got, want)
		}
	})
}
