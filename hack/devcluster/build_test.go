package devcluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBuild(t *testing.T) {
	dir, err := Build(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range controlPlane.Programs {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be run", name)
		}
	}
	stages, err := os.ReadFile(filepath.Join(dir, stagesFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"node-initialize", "node-heartbeat-with-lease", "pod-ready", "pod-complete", "pod-delete"} {
		if !strings.Contains(string(stages), "name: "+name+"\n") {
			t.Errorf("the stage %s is missing", name)
		}
	}
	if again, err := Build(t.Context(), t.Output()); err != nil || again != dir {
		t.Errorf("the second build gives %s, %v", again, err)
	}
}

func TestFindModule(t *testing.T) {
	dir, err := findModule(controlPlane.Module)
	if err != nil || !strings.HasSuffix(filepath.ToSlash(dir), "/"+controlPlane.Module) {
		t.Errorf("from within the module: %s, %v", dir, err)
	}
	t.Chdir(t.TempDir())
	if dir, err := findModule(controlPlane.Module); err == nil {
		t.Errorf("from elsewhere: %s", dir)
	}
}

func TestReadTail(t *testing.T) {
	line := strings.Repeat("x", 1000)
	for name, tc := range map[string]struct{ log, want string }{
		"empty":      {"", ""},
		"short":      {"one\ntwo\n", "one\ntwo"},
		"many lines": {strings.Repeat("line\n", 1000), strings.TrimSuffix(strings.Repeat("line\n", tailLines), "\n")},
		"long lines": {strings.Repeat(line+"\n", 100), line},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(file, []byte(tc.log), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := readTail(file)
			if err != nil || !strings.HasSuffix(got, tc.want) || len(got) > tailBytes || strings.Count(got, "\n") >= tailLines {
				t.Errorf("tail = %q, %v", got, err)
			}
		})
	}
}

func TestMakeDir(t *testing.T) {
	used := t.TempDir()
	if err := os.WriteFile(filepath.Join(used, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := makeDir(used); err == nil {
		t.Error("a directory in use is taken")
	}
	given := filepath.Join(t.TempDir(), "new")
	_, remove, err := makeDir(given)
	if err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil || !exists(given) {
		t.Errorf("a given directory is removed (%v)", err)
	}
}

func TestTemporaryDirsAreSweptWhenTheirOwnerIsGone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	owned, remove, err := makeDir("")
	if err != nil {
		t.Fatal(err)
	}
	orphan := filepath.Join(os.TempDir(), temporaryPrefix+"orphan")
	if err := os.Mkdir(orphan, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(orphan, inUseFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	sweepTemporaryDirs()
	if !exists(orphan) {
		t.Error("a directory that is being made is swept")
	}
	for _, dir := range []string{owned, orphan} {
		old := time.Now().Add(-2 * sweepAfter)
		if err := os.Chtimes(filepath.Join(dir, inUseFile), old, old); err != nil {
			t.Fatal(err)
		}
	}
	sweepTemporaryDirs()
	if exists(orphan) {
		t.Error("an orphan is left")
	}
	if !exists(owned) {
		t.Error("a directory in use is swept")
	}
	if err := remove(); err != nil || exists(owned) {
		t.Errorf("the temporary directory is left (%v)", err)
	}
}
