package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"kitei.dev/kitei/hack/kitei"
)

var update = flag.Bool("update", false, "write what the commands print into the documents")

// patience bounds how long a step may take to print what a document says: a machine may be busy.
const patience = 2 * time.Minute

// The documents' commands, copied one block after the other into a shell beside "make run", print what the documents show. With
// -update they are written anew.
func TestDocuments(t *testing.T) {
	t.Setenv("KUBECONFIG", "")
	t.Setenv("LC_ALL", "C.UTF-8")
	for _, name := range []string{"README.md", "docs/tutorial.md"} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			path := filepath.Join(s.root, name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			parts := blocks(string(text))
			s.followAll(t, parts)
			if *update {
				write(t, path, parts)
			}
		})
	}
}

// newStage is a stage as that of "make run", and ready.
func newStage(t *testing.T) *stage {
	t.Helper()
	s, shown := &stage{webhookHost: "localhost", pods: 3, dir: filepath.Join(t.TempDir(), "run")}, &readiness{reached: make(chan struct{})}
	s.progress = progress{shown, time.Now()}
	for _, port := range []*int{&s.webhookPort, &s.mailPort} {
		var err error
		if *port, err = kitei.FreePort(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("make run: %v", err)
		}
		if t.Failed() {
			t.Logf("make run printed:\n%s", shown)
		}
	})
	select {
	case <-shown.reached:
	case err := <-ended:
		ended <- err
		t.FailNow()
	}
	return s
}

// followAll runs a document's commands up to the first that fail.
func (s *stage) followAll(t *testing.T, parts []block) {
	t.Helper()
	ran := 0
	for i := range parts {
		if parts[i].language != "sh" || t.Failed() {
			continue
		}
		var printed *block
		if i+2 < len(parts) && parts[i+2].language == "text" && strings.TrimSpace(parts[i+1].text) == "" {
			printed = &parts[i+2]
		}
		s.follow(t, parts[i].text, printed)
		ran++
	}
	if ran == 0 {
		t.Error("no command was run")
	}
}

// write writes a document anew.
func write(t *testing.T, path string, parts []block) {
	t.Helper()
	var written strings.Builder
	for _, part := range parts {
		written.WriteString(part.source())
	}
	if err := os.WriteFile(path, []byte(written.String()), 0o644); err != nil { //nolint:gosec // a document
		t.Fatal(err)
	}
}

// follow runs a block in a shell until it prints what the document shows: the operator may be a moment behind. A block that
// shows nothing must succeed.
func (s *stage) follow(t *testing.T, commands string, shown *block) {
	t.Helper()
	const pause = 2 * time.Second
	var output string
	var failed error
	// To write the document anew a moment is waited instead: there is nothing to wait for.
	err := wait.PollUntilContextTimeout(t.Context(), pause, patience, !*update, func(ctx context.Context) (bool, error) {
		output, failed = s.shell(ctx, commands)
		return shown == nil || *update || matches(shown.text, output), nil
	})
	switch {
	case shown == nil && failed != nil:
		t.Errorf("%v\n%s\n%s", failed, commands, output)
	case err != nil:
		t.Errorf("the document shows of\n%s\n%s\nbut it prints\n%s", commands, shown.text, output)
	case *update && shown != nil && !matches(shown.text, output):
		shown.text = output
	}
}

// shell runs commands as a reader does in the second terminal, with what is this run's own in place of the defaults.
func (s *stage) shell(ctx context.Context, commands string) (string, error) {
	commands = strings.NewReplacer("localhost:2525", "localhost:"+strconv.Itoa(s.mailPort), "bin/run/", s.dir+"/").Replace(commands)
	shell := exec.CommandContext(ctx, "bash", "-c", commands)
	shell.Dir = s.root
	shell.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(s.dir, "kubeconfig"), "KUBECACHEDIR="+filepath.Join(s.dir, "cache"),
		"PATH="+filepath.Join(s.root, "bin")+":"+os.Getenv("PATH"))
	output, err := shell.CombinedOutput()
	return strings.ReplaceAll(string(output), "localhost:"+strconv.Itoa(s.mailPort), "localhost:2525"), err
}

// block is a part of a document: text, or what stands in a fence of a language.
type block struct{ language, text string }

const fence = "```"

// blocks takes a document apart.
func blocks(text string) []block {
	var parts []block
	inside, language := false, ""
	var lines strings.Builder
	end := func() {
		parts = append(parts, block{language, lines.String()})
		lines.Reset()
	}
	for line := range strings.Lines(text) {
		if of, is := strings.CutPrefix(line, fence); is {
			end()
			if inside, language = !inside, ""; inside {
				language = strings.TrimSpace(of)
			}
			continue
		}
		lines.WriteString(line)
	}
	end()
	return parts
}

// source is the block as it stands in the document.
func (b block) source() string {
	if b.language == "" {
		return b.text
	}
	return fence + b.language + "\n" + b.text + fence + "\n"
}

// volatile is what another run prints otherwise: hashes and keys, moments, ages, years, names of Pods.
var volatile = []*regexp.Regexp{
	regexp.MustCompile(`\b[0-9a-f]{64}\b|SHA256:[0-9A-Za-z+/]{43}`),
	regexp.MustCompile(`\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?( \d{2}:\d{2} JST)?`),
	regexp.MustCompile(`令和\d+年度`),
	regexp.MustCompile(`FY\d{4}`),
	regexp.MustCompile(`\b(\d+d)?(\d+h)?(\d+m)?\d+s\b|\b\d+m\b`),
	regexp.MustCompile(`-[0-9a-f]{8,10}-[0-9a-z]{5}\b`),
}

// matches says whether the output is what is shown, apart from what is volatile and the width of columns. A line "…" stands
// for any lines.
func matches(shown, output string) bool {
	var pattern strings.Builder
	pattern.WriteString(`^`)
	for line := range strings.Lines(steady(shown)) {
		if strings.TrimSpace(line) == "…" {
			pattern.WriteString(`(?:.*\n)*`)
			continue
		}
		pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", `.*`))
	}
	pattern.WriteString(`$`)
	return regexp.MustCompile(pattern.String()).MatchString(steady(output))
}

var spaces = regexp.MustCompile(` +`)

func steady(text string) string {
	for i, changing := range volatile {
		text = changing.ReplaceAllString(text, fmt.Sprintf("<%d>", i))
	}
	var lines strings.Builder
	for line := range strings.Lines(text) {
		lines.WriteString(strings.TrimRight(spaces.ReplaceAllString(line, " "), " \n") + "\n")
	}
	return lines.String()
}

// readiness waits, in what is printed, for the word that all is ready.
type readiness struct {
	mutex   sync.Mutex
	text    bytes.Buffer
	reached chan struct{}
	once    sync.Once
}

func (r *readiness) Write(text []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.text.Write(text)
	if strings.Contains(r.text.String(), "Ctrl-C ends it") {
		r.once.Do(func() { close(r.reached) })
	}
	return len(text), nil
}

func (r *readiness) String() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.text.String()
}

func TestMatches(t *testing.T) {
	for name, test := range map[string]struct {
		shown, output string
		want          bool
	}{
		"the same":             {"a b\n", "a b\n", true},
		"another width":        {"a  b\n", "a b \n", true},
		"another time":         {"at 2026-11-23 04:03 JST, 12s\n", "at 2027-01-01 00:00 JST, 3m5s\n", true},
		"another Pod":          {"tax-web-8676d8879b-76zjz 1/1\n", "tax-web-57bdc69f97-4x6bm 1/1\n", true},
		"something left out":   {"a\n…\nd …\n", "a\nb\nc\nd e\n", true},
		"another word":         {"a b\n", "a c\n", false},
		"a line more":          {"a\n", "a\nb\n", false},
		"a line less":          {"a\nb\n", "a\n", false},
		"a number that counts": {"owes 1\n", "owes 2\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := matches(test.shown, test.output); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
