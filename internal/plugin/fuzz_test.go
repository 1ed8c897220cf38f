package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kjson "k8s.io/apimachinery/pkg/util/json"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/image"
)

// FuzzReadDocuments reads whatever manifest: an error says in which document it is, every object has what the API server needs
// to know it, and the objects written as JSON read the same again.
func FuzzReadDocuments(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		objects, err := readDocuments(bytes.NewReader(text), "a.yaml", english)
		if err != nil {
			if !strings.Contains(err.Error(), "a.yaml") {
				t.Fatalf("the error does not say where: %v", err)
			}
			return
		}
		var again bytes.Buffer
		last := 1
		for _, object := range objects {
			if object.GetKind() == "" || object.GetName() == "" && object.GetGenerateName() == "" {
				t.Fatalf("an object that is none: %v", object.Object)
			}
			if object.document < last {
				t.Fatalf("document %d follows %d", object.document, last)
			}
			last = object.document
			encoded, err := object.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			again.Write(encoded)
			_ = object.DeepCopy() // as for the dry run: it panics on what is no JSON
		}
		read, err := readDocuments(&again, "again", english)
		if err != nil || len(read) != len(objects) {
			t.Fatalf("%d objects are %d when they are read again: %v", len(objects), len(read), err)
		}
		for i := range read {
			if a, b := encoded(t, objects[i]), encoded(t, read[i]); a != b {
				t.Fatalf("%s reads again as %s", a, b)
			}
		}
	})
}

func encoded(t *testing.T, object manifestObject) string {
	t.Helper()
	text, err := json.Marshal(object.Object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// between is what may stand between two documents of a file, in the eyes of one reader of YAML or another. None of it turns
// what follows into a comment or a string.
var between = []string{"\n---\n", "\n", " ", "\n...\n", "\r", "\r\n---\r\n", "\n--- # next\n", "\n---\n---\n", "\n# next\n", "\n--- ",
	"\u2028---\u2028", "\u0085---\u0085", "\t", "\ufeff", "\n...\n---\n", "\n---\t\n", "\r---\r", "\n--- !!map\n", "\n%YAML 1.1\n---\n"}

// FuzzNothingIsLeftOut puts objects one after another, in JSON and YAML, with whatever between them. They are all read, or the
// file is refused: a manifest that is read by half would be judged by half.
func FuzzNothingIsLeftOut(f *testing.F) {
	f.Fuzz(func(t *testing.T, plan []byte, list bool) {
		var text strings.Builder
		var wanted []string
		for i, step := range plan[:min(len(plan), 12)] {
			name := fmt.Sprintf("n%02d", i)
			wanted = append(wanted, name)
			if i > 0 {
				text.WriteString(between[int(step>>2)%len(between)])
			}
			switch step % 4 {
			case 0:
				text.WriteString(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + name + `"}}`)
			case 1:
				text.WriteString("{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}}")
			case 2:
				text.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name)
			case 3:
				text.WriteString(`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[` +
					`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + name + `"}}]}]}`)
			}
		}
		content := text.String()
		if list {
			content = "# generated\n---\n" + content + "\n"
		}
		objects, err := readDocuments(strings.NewReader(content), "a.yaml", english)
		if err != nil {
			return
		}
		var got strings.Builder
		for _, object := range objects {
			got.WriteString(object.GetName() + " ")
		}
		for _, name := range wanted { // one that follows a name on its line is a part of that name, by the rules of YAML
			if !strings.Contains(got.String(), name) {
				t.Fatalf("of %q only %s was read:\n%q", wanted, &got, content)
			}
		}
	})
}

// FuzzPodSpec finds the images of whatever object: those that a plain walk over it finds.
func FuzzPodSpec(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		var content map[string]any
		if kjson.Unmarshal([]byte(text), &content) != nil {
			return
		}
		object := &unstructured.Unstructured{Object: content}
		spec, err := podSpecOf(object)
		if err != nil || spec == nil {
			return
		}
		asked, err := questionOf(object)
		if err == nil && isPod(object) != (asked.pod != nil) {
			t.Fatal("a Pod is one only to some")
		}
		got := image.OfPodSpec(spec)
		want := walked(content, isPod(object))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("images %q, a plain walk finds %q", got, want)
		}
	})
}

func walked(content map[string]any, pod bool) []string {
	at := func(node any, path ...string) any {
		for _, key := range path {
			next, _ := node.(map[string]any)
			node = next[key]
		}
		return node
	}
	spec := at(content, "spec")
	for _, path := range []string{"spec jobTemplate spec template spec", "spec template spec", "template spec"} {
		found := at(content, strings.Fields(path)...)
		if _, is := at(found, "containers").([]any); is && !pod {
			spec = found
			break
		}
	}
	var images []string
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		containers, _ := at(spec, list).([]any)
		for _, container := range containers {
			reference, _ := at(container, "image").(string)
			images = append(images, reference)
		}
	}
	volumes, _ := at(spec, "volumes").([]any)
	for _, volume := range volumes {
		if source, is := at(volume, "image").(map[string]any); is {
			reference, _ := source["reference"].(string)
			images = append(images, reference)
		}
	}
	return images
}

// FuzzStanding reads whatever stands on a Namespace: the plugin says of an image what the operator says of it.
func FuzzStanding(f *testing.F) {
	f.Fuzz(func(t *testing.T, cleared, system, match, approvals, images, reference string) {
		labels := map[string]string{v1alpha1.LabelClearance: cleared, v1alpha1.LabelSystem: system}
		annotations := map[string]string{v1alpha1.AnnotationImagesMatch: match, v1alpha1.AnnotationApprovals: approvals,
			v1alpha1.AnnotationImages: images}
		standing, recorded := standingOf(labels, annotations), clearance.Record(labels, annotations)
		uncovered, may := recorded.Lets([]string{reference})
		if standing.Clearance == v1alpha1.ClearanceImages && (len(standing.uncovered([]string{reference})) == 0) != may {
			t.Fatalf("covered, or not: %q by %q", uncovered, match)
		}
		if may && !standing.seen() {
			t.Fatalf("clearance %q lets Pods run, and is none", cleared)
		}
		if !slices.Equal(standing.Approvals, recorded.Approvals) || !slices.Equal(standing.Images, recorded.Images) {
			t.Fatalf("%+v is %+v", standing, recorded)
		}
		if names := standing.differs(standing); len(names) > 0 {
			t.Fatalf("it differs from itself in %q", names)
		}
		at := place{name: "tax", exists: true, labels: labels, recorded: standing}
		e := explain(at, ofImages(reference), english)
		if (e.Answer == AnswerAllowed) != may {
			t.Fatalf("the answer is %s, and it may run: %v", e.Answer, may)
		}
		var out bytes.Buffer
		writeExplanation(&out, e, english)
		checkLines(t, out.String())
	})
}

// FuzzRows writes rows of whatever texts: each is one line of text, and they are aligned.
func FuzzRows(f *testing.F) {
	f.Fuzz(func(t *testing.T, first, second string) {
		var r rows
		r.add("Title", first)
		r.add("理由", second)
		var out bytes.Buffer
		r.write(&out)
		checkLines(t, out.String())
		if got := strings.Count(out.String(), "\n"); got != len(r) {
			t.Fatalf("%d rows are %d lines: %q", len(r), got, out.String())
		}
		for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
			if line != "" && !strings.HasPrefix(line, "  Title  ") && !strings.HasPrefix(line, "  理由") {
				t.Fatalf("a line without its label: %q", line)
			}
		}
		text, next := splitNext(first)
		if len(text)+len(next) > len(first) || !strings.Contains(first, text) || !strings.Contains(first, next) {
			t.Fatalf("%q is %q and %q", first, text, next)
		}
	})
}

func checkLines(t *testing.T, text string) {
	t.Helper()
	bad := func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, bad) {
		t.Fatalf("this is for a terminal to obey: %q", text)
	}
}

// FuzzDecisionPatch writes the patch of a decision: read again it is what was to be written, and nothing else.
func FuzzDecisionPatch(f *testing.F) {
	f.Fuzz(func(t *testing.T, version, decision, reason string) {
		patch, err := decisionPatch(version, v1alpha1.Decision(decision), reason)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]map[string]string
		if err := json.Unmarshal(patch, &got); err != nil {
			t.Fatalf("%v: %s", err, patch)
		}
		want := map[string]string{"decision": strings.ToValidUTF8(decision, "\ufffd")}
		if reason != "" {
			want["decisionReason"] = reason
		}
		valid := utf8.ValidString(version) && utf8.ValidString(decision) && utf8.ValidString(reason)
		if valid && (got["metadata"]["resourceVersion"] != version || fmt.Sprint(got["status"]) != fmt.Sprint(want)) || len(got) != 2 {
			t.Fatalf("%q, %q, %q became %s", version, decision, reason, patch)
		}
	})
}
