package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation"
)

// sourceDirectory is where the package lies in the repository, for errors that a person can follow.
const sourceDirectory = "hack/register"

// row is one record of a CSV file, and where it stands.
type row struct {
	file   string
	line   int
	fields map[string]string
}

// readTable reads a CSV file whose header is exactly columns.
func readTable(data fs.FS, name string, columns []string) ([]row, error) {
	shown := path.Join(sourceDirectory, name)
	file, err := data.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", shown, err)
	}
	defer file.Close() //nolint:errcheck // Nothing was written to it.

	reader := csv.NewReader(file)
	header, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("%s:1: read the header: %w", shown, err)
	}
	if !slices.Equal(header, columns) {
		return nil, fmt.Errorf("%s:1: the header is %q: make it %q", shown,
			strings.Join(header, ","), strings.Join(columns, ","))
	}
	var rows []row
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			// A csv.ParseError says the line itself.
			return nil, fmt.Errorf("%s: %w: give each line %d fields, quoted where they hold a comma", shown, err, len(columns))
		}
		line, _ := reader.FieldPos(0)
		fields := make(map[string]string, len(columns))
		for i, column := range columns {
			fields[column] = record[i]
		}
		rows = append(rows, row{file: shown, line: line, fields: fields})
	}
}

// errorf says what is wrong with a column of the row; the format says what to do about it.
func (r row) errorf(column, format string, arguments ...any) error {
	return fmt.Errorf("%s:%d: %s %q: %s", r.file, r.line, column, r.fields[column], fmt.Sprintf(format, arguments...))
}

// required returns a column that must not be empty. It is one line of text: a field in quotes may hold anything.
func (r row) required(column string) (string, error) {
	value := r.fields[column]
	if value == "" || strings.TrimSpace(value) != value {
		return "", r.errorf(column, "write a value without space around it")
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return "", r.errorf(column, "write a value on one line, in UTF-8 and without control characters")
	}
	return value, nil
}

// slug returns a column that names an object.
func (r row) slug(column string) (string, error) {
	value := r.fields[column]
	if problems := validation.IsDNS1123Label(value); len(problems) > 0 {
		return "", r.errorf(column, "write a DNS label, for example digital-promotion (%s)", strings.Join(problems, "; "))
	}
	return value, nil
}

// number returns a column that counts from 1, or 0 where the column is empty and may be.
func (r row) number(column string, optional bool) (int, error) {
	value := r.fields[column]
	if value == "" && optional {
		return 0, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || strconv.Itoa(n) != value {
		return 0, r.errorf(column, "write a whole number from 1 on")
	}
	return n, nil
}

// choice returns a column that holds yes or no.
func (r row) choice(column string) (bool, error) {
	switch r.fields[column] {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	default:
		return false, r.errorf(column, "write yes or no")
	}
}
