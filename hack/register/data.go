package main

import (
	"embed"
	"errors"
	"io/fs"
)

//go:embed data/*.csv
var embeddedData embed.FS

// The files of the data, below the directory of this package.
const (
	departmentsFile = "data/departments.csv"
	sectionsFile    = "data/appended-table-1-sections.csv"
	officesFile     = "data/committee-offices.csv"
	systemsFile     = "data/appended-table-1-systems.csv"
)

// noteAsAbove stands in a note for the whole note of the row above.
const noteAsAbove = "as above"

// register is what the CSV files say, each list in the order of its file.
type register struct {
	departments []department
	sections    []section
	offices     []office
	systems     []system
}

// department is a 部 that the text names.
type department struct {
	row
	slug, displayName string
	// source says where the text names it.
	source string
	// section is the owner in 別表第1 that is this body itself, if there is one, and sectionSource the words that say so.
	section, sectionSource string
}

// section is a 管理に係る所管 of 別表第1.
type section struct {
	row
	slug, displayName string
	// systems counts its rows in 別表第1.
	systems int
}

// office is a member of a committee (別表第2, 別表第3).
type office struct {
	row
	// title is the office as the table writes it, with its department: 総務企画部財政課長.
	title                       string
	department                  string
	section, sectionDisplayName string
	// place in 別表第2 (運営委員会) and 別表第3 (セキュリティ委員会), 0 where the office is not named there.
	steeringPlace, securityPlace int
	note                         string
}

// system is a row of 別表第1.
type system struct {
	row
	number                      int
	name, displayName, duty     string
	section, sectionDisplayName string
	// carriedDown: the owner's cell is blank, and the owner above was read into it.
	carriedDown bool
	note        string
}

// loadRegister reads the data and checks it.
func loadRegister(data fs.FS) (*register, error) {
	var reg register
	var err error
	if reg.departments, err = loadDepartments(data); err != nil {
		return nil, err
	}
	if reg.sections, err = loadSections(data); err != nil {
		return nil, err
	}
	if reg.offices, err = loadOffices(data); err != nil {
		return nil, err
	}
	if reg.systems, err = loadSystems(data); err != nil {
		return nil, err
	}
	return &reg, reg.check()
}

func loadDepartments(data fs.FS) ([]department, error) {
	return load(data, departmentsFile,
		[]string{"slug", "displayName", "source", "section", "sectionSource"},
		func(r row, _ []department) (department, error) {
			d := department{row: r, section: r.fields["section"], sectionSource: r.fields["sectionSource"]}
			var errs [4]error
			d.slug, errs[0] = r.slug("slug")
			d.displayName, errs[1] = r.required("displayName")
			d.source, errs[2] = r.required("source")
			if (d.section == "") != (d.sectionSource == "") {
				errs[3] = r.errorf("sectionSource",
					"give section and sectionSource (the words of the text that say that this body is the section) together")
			}
			return d, errors.Join(errs[:]...)
		})
}

func loadSections(data fs.FS) ([]section, error) {
	return load(data, sectionsFile,
		[]string{"section", "sectionDisplayName", "systems"},
		func(r row, _ []section) (section, error) {
			s := section{row: r}
			var errs [3]error
			s.slug, errs[0] = r.slug("section")
			s.displayName, errs[1] = r.required("sectionDisplayName")
			s.systems, errs[2] = r.number("systems", false)
			return s, errors.Join(errs[:]...)
		})
}

func loadOffices(data fs.FS) ([]office, error) {
	return load(data, officesFile,
		[]string{"title", "department", "section", "sectionDisplayName", "appendedTable2", "appendedTable3", "note"},
		func(r row, _ []office) (office, error) {
			o := office{row: r, note: r.fields["note"]}
			var errs [7]error
			o.title, errs[0] = r.required("title")
			o.department, errs[1] = r.slug("department")
			o.section, errs[2] = r.slug("section")
			o.sectionDisplayName, errs[3] = r.required("sectionDisplayName")
			o.steeringPlace, errs[4] = r.number("appendedTable2", true)
			o.securityPlace, errs[5] = r.number("appendedTable3", true)
			if o.steeringPlace == 0 && o.securityPlace == 0 {
				errs[6] = r.errorf("appendedTable2", "give the office's place in 別表第2 or 別表第3, or remove the line")
			}
			return o, errors.Join(errs[:]...)
		})
}

func loadSystems(data fs.FS) ([]system, error) {
	return load(data, systemsFile,
		[]string{"no", "name", "displayName", "duty", "section", "sectionDisplayName", "ownerCellBlank", "note"},
		func(r row, above []system) (system, error) {
			s := system{row: r, note: r.fields["note"]}
			var errs [8]error
			s.number, errs[0] = r.number("no", false)
			s.name, errs[1] = r.slug("name")
			s.displayName, errs[2] = r.required("displayName")
			s.duty, errs[3] = r.required("duty")
			s.section, errs[4] = r.slug("section")
			s.sectionDisplayName, errs[5] = r.required("sectionDisplayName")
			s.carriedDown, errs[6] = r.choice("ownerCellBlank")
			if s.note == noteAsAbove {
				if len(above) == 0 || above[len(above)-1].note == "" {
					errs[7] = r.errorf("note", "the row above has no note: write this one out")
				} else {
					s.note = above[len(above)-1].note
				}
			}
			return s, errors.Join(errs[:]...)
		})
}

// load reads a file and parses its rows; parse sees what was parsed above.
func load[T any](data fs.FS, name string, columns []string, parse func(r row, above []T) (T, error)) ([]T, error) {
	rows, err := readTable(data, name, columns)
	if err != nil {
		return nil, err
	}
	parsed := make([]T, 0, len(rows))
	for _, r := range rows {
		item, err := parse(r, parsed)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, item)
	}
	return parsed, nil
}
