package plugin

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/internal/message"
)

// rows are lines of a label and a text. A label may be empty, for a text that goes on.
type rows [][2]string

func (r *rows) add(label, text string) {
	if text != "" {
		*r = append(*r, [2]string{label, text})
	}
}

// addAll adds texts under one label.
func (r *rows) addAll(label string, texts []string) {
	for _, text := range texts {
		r.add(label, text)
		label = ""
	}
}

// write aligns the texts, below what they are about. Each is one line, whoever wrote it: a title must not be able to forge the
// row below it.
func (r rows) write(out io.Writer) {
	widest := 0
	for _, row := range r {
		widest = max(widest, columns(row[0]))
	}
	for _, row := range r {
		fmt.Fprintf(out, "  %s  %s\n", pad(row[0], widest), message.OneLine(row[1]))
	}
}

// pad fills a text up to a number of columns.
func pad(text string, wide int) string {
	return text + strings.Repeat(" ", max(0, wide-columns(text)))
}

// columns that a terminal needs for a text: Japanese characters take two each.
func columns(text string) int {
	count := 0
	for _, r := range text {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			count += 2
		case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
			count++
		}
	}
	return count
}

// splitNext cuts the command to run next off a sentence of the catalogue, in whichever language it is.
func splitNext(sentence string) (text, next string) {
	for _, p := range printers() {
		mark := p.Say(message.PluginNextMark)
		if at := strings.LastIndex(sentence, mark); at >= 0 {
			return strings.TrimSpace(sentence[:at]), strings.TrimSpace(sentence[at+len(mark):])
		}
	}
	return sentence, ""
}

func printers() []message.Printer {
	return []message.Printer{message.In("ja"), message.In("en")}
}

// checkOutput refuses a format that there is none for.
func checkOutput(output string, p message.Printer) error {
	switch output {
	case "", "json", "yaml":
		return nil
	}
	return usage(p.Say(message.PluginBadFlag, output, "--output", "json, yaml"))
}

// encode writes a value in the format asked for.
func encode(out io.Writer, output string, value any) error {
	marshal := yaml.Marshal
	if output == "json" {
		marshal = func(value any) ([]byte, error) {
			text, err := json.MarshalIndent(value, "", "  ")
			return append(text, '\n'), err
		}
	}
	text, err := marshal(value)
	if err != nil {
		return fmt.Errorf("write %s: %w", output, err)
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("write %s: %w", output, err)
	}
	return nil
}
