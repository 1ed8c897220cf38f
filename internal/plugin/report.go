package plugin

import (
	"fmt"
	"io"
	"strings"

	"kitei.dev/kitei/internal/message"
)

// Verdict of "check" on one object.
type Verdict string

const (
	// VerdictOK: it would run, or for what does not run: be admitted.
	VerdictOK Verdict = "OK"
	// VerdictHeld: it would be admitted, and its Pods would wait for an approval.
	VerdictHeld Verdict = "HELD"
	// VerdictRefused: it would be refused, or its Pods would.
	VerdictRefused Verdict = "REFUSED"
	// VerdictUnjudged: nothing can be said of it yet.
	VerdictUnjudged Verdict = "UNJUDGED"
	// VerdictFailed: the check itself failed.
	VerdictFailed Verdict = "FAILED"
)

// Report answers "kubectl kitei check". Its JSON is stable.
type Report struct {
	Results []Result `json:"results"`
	// ExitCode of the command.
	ExitCode int `json:"exitCode"`
}

// Result is the verdict on one object of the manifest.
type Result struct {
	// File and document of it where the object stands.
	File     string `json:"file"`
	Document int    `json:"document"`

	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`

	Verdict Verdict `json:"verdict"`
	// DryRun says whether the API server was asked.
	DryRun bool `json:"dryRun"`
	// Error is the API server's own refusal, or why the check failed.
	Error string `json:"error,omitempty"`
	// Warnings of the API server.
	Warnings []string `json:"warnings,omitempty"`
	// Explanation by the clearance, for what makes Pods.
	Explanation *Explanation `json:"explanation,omitempty"`
	// Notes on how it was judged.
	Notes []string `json:"notes,omitempty"`
}

// exitCode of a check with these results.
func exitCode(results []Result) int {
	code := exitOK
	for _, result := range results {
		switch result.Verdict {
		case VerdictFailed:
			return exitFailed
		case VerdictHeld, VerdictRefused:
			code = exitNo
		case VerdictOK, VerdictUnjudged:
		}
	}
	return code
}

// verdictOn an object by the clearance of its namespace.
func verdictOn(e Explanation) Verdict {
	switch e.Answer {
	case AnswerHeld:
		return VerdictHeld
	case AnswerRefused:
		return VerdictRefused
	case AnswerAllowed, AnswerNotGoverned, AnswerHeldByOthers, AnswerNotHeld:
	}
	return VerdictOK
}

// writeReport writes a report for a person: a line an object, and below it what there is to say.
func writeReport(out io.Writer, report Report, p message.Printer) {
	const wide = len(VerdictUnjudged)
	counts := map[Verdict]int{}
	for _, result := range report.Results {
		counts[result.Verdict]++
		name := result.Kind + "/" + result.Name
		if result.Namespace != "" {
			name += " -n " + result.Namespace
		}
		where := p.Say(message.PluginDocument, result.File, result.Document)
		fmt.Fprintf(out, "%s  %s  (%s)\n", pad(string(result.Verdict), wide), message.OneLine(name), where)
		resultRows(result, p).write(out)
	}
	summary := p.Say(message.PluginSummary, counts[VerdictOK], counts[VerdictHeld], counts[VerdictRefused])
	if n := counts[VerdictUnjudged]; n > 0 {
		summary += p.Say(message.PluginSummaryUnchecked, n)
	}
	if n := counts[VerdictFailed]; n > 0 {
		summary += p.Say(message.PluginSummaryFailed, n)
	}
	fmt.Fprintln(out, summary)
}

// saidAlready says whether the API server's refusal is what the explanation says, in the reader's language.
func (r Result) saidAlready() bool {
	return r.Explanation != nil && verdictOn(*r.Explanation) == VerdictRefused &&
		strings.Contains(r.Error, "ValidatingAdmissionPolicy 'kitei-")
}

func resultRows(result Result, p message.Printer) rows {
	var r rows
	if e := result.Explanation; e != nil && verdictOn(*e) != VerdictOK {
		r.add(p.Say(message.PluginWhy), e.Message)
		r.addAll(p.Say(message.PluginWho), actorTexts(e.MustAct, p))
		r.add(p.Say(message.PluginNext), e.Next)
		r.addAll(p.Say(message.PluginNote), e.Notes)
	}
	switch {
	case !result.DryRun:
		r.add(p.Say(message.PluginWhy), result.Error)
	case !result.saidAlready():
		r.add(p.Say(message.PluginServer), result.Error)
	}
	r.addAll(p.Say(message.PluginWarningLabel), result.Warnings)
	r.addAll(p.Say(message.PluginNote), result.Notes)
	return r
}
