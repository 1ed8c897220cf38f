// Package message holds every sentence that Kitei writes for a person, in Japanese and in English.
//
// A sentence is chosen by its [ID] and the reader's language. Its arguments are positional, so that each language can put
// them where its grammar does.
package message

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"kitei.dev/kitei/api/v1alpha1"
)

// ID names a sentence of the catalogue.
type ID string

// sentence is one sentence in each language. The verbs are those of fmt, with the position of their argument: %[1]s.
type sentence struct{ ja, en string }

// tags are the languages of the catalogue, the default first.
var tags = []language.Tag{language.Japanese, language.English}

// Printer writes sentences in one language.
type Printer struct {
	printer *message.Printer
	// Language of the sentences.
	Language v1alpha1.Language
}

// In returns the printer for a language; Japanese for one that the catalogue lacks.
func In(lang v1alpha1.Language) Printer {
	tag := language.Japanese
	if lang == v1alpha1.LanguageEnglish {
		tag = language.English
	} else {
		lang = v1alpha1.LanguageJapanese
	}
	return Printer{printer: message.NewPrinter(tag, message.Catalog(built)), Language: lang}
}

// FromLocale picks the catalogue's language for a POSIX locale such as ja_JP.UTF-8; English for one that it does not know. What
// follows the language does not matter, known or not.
func FromLocale(locale string) v1alpha1.Language {
	name := locale
	if end := strings.IndexAny(locale, "_-.@"); end >= 0 {
		name = locale[:end]
	}
	if strings.EqualFold(name, "ja") {
		return v1alpha1.LanguageJapanese
	}
	return v1alpha1.LanguageEnglish
}

// Say writes a sentence. The result is one line, whatever the arguments are, see [OneLine].
func (p Printer) Say(id ID, arguments ...any) string {
	return OneLine(p.printer.Sprintf(string(id), arguments...))
}

// OneLine makes a text that somebody wrote fit to stand in a sentence. Line breaks become spaces, because the API server drops
// a policy's message that has any. What a terminal would obey rather than show, and what would turn the order of the words
// around it, becomes visible: a title must not be able to write over the rest of what an approver reads.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028', r == '\u2029', unicode.IsControl(r) && unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return utf8.RuneError
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

// List joins names for reading, the first few of them when there are many or when they are long: the API server drops a
// policy's message of more than 5 KiB, and the list is only a part of one.
func (p Printer) List(names []string) string {
	const most, longest = 8, 1024
	separator := ", "
	if p.Language == v1alpha1.LanguageJapanese {
		separator = "、"
	}
	few, length := 0, 0
	for few < min(most, len(names)) {
		if length += len(names[few]) + len(separator); few > 0 && length > longest {
			break
		}
		few++
	}
	list := strings.Join(names[:few], separator)
	if more := len(names) - few; more > 0 {
		list += p.Say(AndMore, more)
	}
	return list
}

// Note cuts a sentence to what an Event's note holds (1024 bytes), at a whole character.
func Note(text string) string {
	const most = 1024
	if len(text) <= most {
		return text
	}
	const ellipsis = "…"
	cut := most - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + ellipsis
}

// Both writes a sentence in both languages, Japanese first, for a reader whose language is not known.
func Both(id ID, arguments ...any) string {
	return In(v1alpha1.LanguageJapanese).Say(id, arguments...) + " / " + In(v1alpha1.LanguageEnglish).Say(id, arguments...)
}

var built = build()

func build() catalog.Catalog {
	builder := catalog.NewBuilder(catalog.Fallback(tags[0]))
	for id, s := range sentences {
		for tag, text := range map[language.Tag]string{language.Japanese: s.ja, language.English: s.en} {
			if err := builder.SetString(tag, string(id), text); err != nil {
				panic(fmt.Sprintf("sentence %s: %v", id, err)) // cannot happen: the catalogue is part of the program and tested
			}
		}
	}
	return builder
}
