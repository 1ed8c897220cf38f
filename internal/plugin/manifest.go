package plugin

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/resource"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/internal/message"
)

// manifestObject is an object with the place where it was read.
type manifestObject struct {
	*unstructured.Unstructured
	file     string
	document int
}

// readManifests reads every object, or fails: a manifest that is read by half would be judged by half. Files are read here
// rather than by the resource builder, which does not say which document of a file is wrong.
func (o *options) readManifests(options resource.FilenameOptions, p message.Printer) ([]manifestObject, error) {
	var objects []manifestObject
	var errs []error
	built := resource.FilenameOptions{Kustomize: options.Kustomize, Recursive: options.Recursive && options.Kustomize != ""}
	for _, name := range options.Filenames {
		if options.Kustomize != "" || strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
			built.Filenames = append(built.Filenames, name)
			continue
		}
		found, err := o.readPath(name, options.Recursive, p)
		objects, errs = append(objects, found...), append(errs, err)
	}
	if built.Kustomize != "" || len(built.Filenames) > 0 {
		found, err := o.readBuilt(built)
		objects, errs = append(objects, found...), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(objects) == 0 {
		return nil, usage(p.Say(message.PluginNothingToCheck))
	}
	return objects, nil
}

// readBuilt has the resource builder read what only it can: a kustomization, a URL.
func (o *options) readBuilt(options resource.FilenameOptions) ([]manifestObject, error) {
	infos, err := resource.NewBuilder(genericclioptions.NewConfigFlags(false)).Local().Unstructured().
		FilenameParam(false, &options).Flatten().Do().Infos()
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	documents := map[string]int{}
	objects := make([]manifestObject, 0, len(infos))
	for _, info := range infos {
		documents[info.Source]++
		if object, is := info.Object.(*unstructured.Unstructured); is {
			objects = append(objects, manifestObject{object, info.Source, documents[info.Source]})
		}
	}
	return objects, nil
}

// readPath reads a file, a directory, a glob pattern, or for "-" the standard input.
func (o *options) readPath(name string, recursive bool, p message.Printer) ([]manifestObject, error) {
	if name == "-" {
		return readDocuments(o.In, "-", p)
	}
	files, err := expand(name, recursive)
	if err != nil {
		return nil, usage(p.Say(message.PluginBadFile, name, err))
	}
	var objects []manifestObject
	var errs []error
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, usage(p.Say(message.PluginBadFile, file, err)))
			continue
		}
		found, err := readDocuments(bytes.NewReader(content), file, p)
		objects, errs = append(objects, found...), append(errs, err)
	}
	return objects, errors.Join(errs...)
}

// expand lists the files that a path stands for: itself, or a directory's files that look like manifests.
func expand(name string, recursive bool) ([]string, error) {
	names := []string{name}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		matches, globErr := filepath.Glob(name)
		if globErr != nil || len(matches) == 0 {
			return nil, err
		}
		names = matches
	}
	var files []string
	for _, root := range names {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && path != root && !recursive:
				return filepath.SkipDir
			case !entry.IsDir() && (path == root || slices.Contains(resource.FileExtensions, filepath.Ext(path))):
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", root, err)
		}
	}
	return files, nil
}

// readDocuments reads each document of a file; lists are taken apart, and so are JSON values that follow one another.
func readDocuments(in io.Reader, file string, p message.Printer) ([]manifestObject, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(in))
	var objects []manifestObject
	var errs []error
	for document := 0; ; {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, errors.Join(errs...)
		}
		if err != nil {
			return nil, usage(p.Say(message.PluginBadFile, file, err))
		}
		for _, part := range values(text) {
			document++
			found, err := readDocument(part, p)
			if err != nil {
				errs = append(errs, usage(p.Say(message.PluginBadManifest, file, document, err)))
			}
			for _, object := range found {
				objects = append(objects, manifestObject{object, file, document})
			}
		}
	}
}

// values are the JSON values of a text that holds nothing else; any other text is one.
func values(text []byte) [][]byte {
	var parts [][]byte
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var part json.RawMessage
		switch err := decoder.Decode(&part); {
		case errors.Is(err, io.EOF) && len(parts) > 0:
			return parts
		case err != nil:
			return [][]byte{text}
		}
		parts = append(parts, part)
	}
}

// readDocument reads one document; nothing for an empty one.
func readDocument(text []byte, p message.Printer) ([]*unstructured.Unstructured, error) {
	content, err := toJSON(text, p)
	if err != nil {
		return nil, err
	}
	if string(bytes.TrimSpace(content)) == "null" {
		return nil, nil
	}
	decoded, err := runtime.Decode(unstructured.UnstructuredJSONScheme, content)
	if err != nil {
		return nil, err
	}
	switch object := decoded.(type) {
	case *unstructured.Unstructured:
		return []*unstructured.Unstructured{object}, checkName(object, p)
	case *unstructured.UnstructuredList:
		return readList(object, p)
	}
	return nil, fmt.Errorf("neither an object nor a list of objects: %T", decoded)
}

// readList takes a list apart, and the lists in it.
func readList(list *unstructured.UnstructuredList, p message.Printer) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for i := range list.Items {
		found, err := readItem(&list.Items[i], p)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func readItem(item *unstructured.Unstructured, p message.Printer) ([]*unstructured.Unstructured, error) {
	if !item.IsList() {
		return []*unstructured.Unstructured{item}, checkName(item, p)
	}
	inner, err := item.ToList()
	if err != nil {
		return nil, err
	}
	return readList(inner, p)
}

// toJSON reads one value of JSON or YAML. A key that is written twice is an error: only one of the two would count. So is
// whatever follows the value: nobody would read it.
func toJSON(text []byte, p message.Printer) ([]byte, error) {
	if json.Valid(text) {
		var value any
		twice, err := kjson.UnmarshalStrict(text, &value, kjson.DisallowDuplicateFields)
		return text, errors.Join(append(twice, err)...)
	}
	decoder := yamlv2.NewDecoder(bytes.NewReader(text))
	for document := 1; ; document++ {
		var ignored struct{}
		var mismatch *yamlv2.TypeError
		switch err := decoder.Decode(&ignored); {
		case errors.Is(err, io.EOF):
			return yaml.YAMLToJSONStrict(text)
		case err != nil && !errors.As(err, &mismatch):
			return nil, err
		case document > 1:
			return nil, usage(p.Say(message.PluginSecondDocument))
		}
	}
}

// checkName refuses an object that has no name, as the API server would.
func checkName(object *unstructured.Unstructured, p message.Printer) error {
	if object.GetName() == "" && object.GetGenerateName() == "" {
		return usage(p.Say(message.PluginNoObjectName, object.GetKind()))
	}
	return nil
}
