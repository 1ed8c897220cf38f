package realnode

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// PauseImage runs and does nothing, under a name of no registry that exists.
const PauseImage = "registry.kitei.example/pause:1"

// Images builds images on the machine, outside the enclosure, with buildah, and leaves nothing in its stores.
type Images struct {
	// Dir of the enclosure.
	Dir string
	// Out receives what the builders say.
	Out io.Writer
}

// Pause builds [PauseImage].
func (i Images) Pause(ctx context.Context, root string) error {
	place := filepath.Join(i.Dir, "pause")
	if err := os.MkdirAll(place, 0o700); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(place, "pause"),
		"./hack/realnode/pause")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if err := i.run(build); err != nil {
		return err
	}
	const dockerfile = "FROM scratch\nCOPY pause /pause\nUSER 65532:65532\nENTRYPOINT [\"/pause\"]\n"
	if err := os.WriteFile(filepath.Join(place, "Dockerfile"), []byte(dockerfile), 0o600); err != nil {
		return fmt.Errorf("write a Dockerfile: %w", err)
	}
	if err := i.run(exec.CommandContext(ctx, "buildah", "build", "--tag", PauseImage, place)); err != nil {
		return err
	}
	return i.Export(ctx, PauseImage, "pause")
}

// Make builds an image by a make target of a checkout, with the Makefile of another if one is given.
func (i Images) Make(ctx context.Context, checkout, makefile, image, name string) error {
	err := i.run(exec.CommandContext(ctx, "make", "-C", checkout, "-f", makefile, "docker-build", "BUILDER=buildah", "IMAGE="+image))
	if err != nil {
		return err
	}
	return i.Export(ctx, image, name)
}

// Export writes an image to the file that [Node.Import] reads.
func (i Images) Export(ctx context.Context, image, name string) error {
	return i.run(exec.CommandContext(ctx, "buildah", "push", "--quiet", image, "docker-archive:"+archive(i.Dir, name)+":"+image))
}

func archive(dir, name string) string { return filepath.Join(dir, "image-"+name+".tar") }

// run runs a builder with stores of our own.
func (i Images) run(cmd *exec.Cmd) error {
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	conf := filepath.Join(i.Dir, "storage.conf")
	content := fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n",
		filepath.Join(i.Dir, "storage"), filepath.Join(i.Dir, "storage-run"))
	if err := os.WriteFile(conf, []byte(content), 0o600); err != nil {
		return fmt.Errorf("write the builder's configuration: %w", err)
	}
	cmd.Env = append(cmd.Env, "CONTAINERS_STORAGE_CONF="+conf, "BUILDAH_ISOLATION=chroot")
	cmd.Stdout, cmd.Stderr = i.Out, i.Out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%v: %w", cmd.Args, err)
	}
	return nil
}
