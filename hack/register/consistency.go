package main

import (
	"errors"
	"slices"
	"strings"
)

// check compares the files with each other.
func (reg *register) check() error {
	return errors.Join(reg.checkNames(), reg.checkBodies(), reg.checkSystems(), reg.checkOffices())
}

// checkNames sees that no two objects of a kind have one name. Display names may stand twice, as in the text.
func (reg *register) checkNames() error {
	var errs []error
	unique := func(column string) func(r row) {
		lines := map[string]int{}
		return func(r row) {
			value := r.fields[column]
			if line, taken := lines[value]; taken {
				errs = append(errs, r.errorf(column, "line %d has it already: choose another name", line))
				return
			}
			lines[value] = r.line
		}
	}
	departments, sections, offices, systems := unique("slug"), unique("section"), unique("section"), unique("name")
	for _, d := range reg.departments {
		departments(d.row)
	}
	for _, s := range reg.sections {
		sections(s.row)
	}
	for _, o := range reg.offices {
		offices(o.row)
	}
	for _, s := range reg.systems {
		systems(s.row)
	}
	return errors.Join(errs...)
}

// checkBodies sees that a body that is a section of 別表第1 names one.
func (reg *register) checkBodies() error {
	var errs []error
	for _, d := range reg.departments {
		if d.section == "" {
			continue
		}
		if _, found := reg.section(d.section); !found {
			errs = append(errs, d.errorf("section", "name a section of %s", sectionsFile))
		}
	}
	return errors.Join(errs...)
}

// checkSystems sees that each row stands in its place and below a section that exists.
func (reg *register) checkSystems() error {
	var errs []error
	counted := map[string]int{}
	for i, s := range reg.systems {
		if s.number != i+1 {
			errs = append(errs, s.errorf("no", "number the rows in the order of 別表第1: this is row %d", i+1))
		}
		owner, found := reg.section(s.section)
		if !found || owner.displayName != s.sectionDisplayName {
			errs = append(errs, s.errorf("section", "name a section of %s, by the same sectionDisplayName", sectionsFile))
		}
		if s.carriedDown && (i == 0 || reg.systems[i-1].section != s.section) {
			errs = append(errs, s.errorf("ownerCellBlank", "a blank cell has the owner of the row above: change section or this"))
		}
		counted[s.section]++
	}
	for _, s := range reg.sections {
		if counted[s.slug] != s.systems {
			errs = append(errs, s.errorf("systems", "%s has %d rows of this section: correct one of the files",
				systemsFile, counted[s.slug]))
		}
	}
	return errors.Join(errs...)
}

// checkOffices sees that each office's title is made of its department and section, and that each table counts its offices
// from 1 on.
func (reg *register) checkOffices() error {
	errs := []error{
		reg.checkPlaces("appendedTable2", func(o office) int { return o.steeringPlace }),
		reg.checkPlaces("appendedTable3", func(o office) int { return o.securityPlace }),
	}
	for _, o := range reg.offices {
		d, found := reg.department(o.department)
		if !found {
			errs = append(errs, o.errorf("department", "name a department of %s", departmentsFile))
			continue
		}
		rest, ok := strings.CutPrefix(o.title, d.displayName+o.sectionDisplayName)
		if !ok || (rest != "長" && rest != "課長") {
			errs = append(errs, o.errorf("title", "write department, section and 長 as the table does (%s%s長)",
				d.displayName, o.sectionDisplayName))
		}
		if s, isOwner := reg.section(o.section); isOwner && s.displayName != o.sectionDisplayName {
			errs = append(errs, o.errorf("sectionDisplayName", "%s calls the section %s", sectionsFile, s.displayName))
		}
	}
	return errors.Join(errs...)
}

// checkPlaces sees that no two offices have one place in a table, and that no place is left out.
func (reg *register) checkPlaces(column string, place func(office) int) error {
	listed := slices.DeleteFunc(slices.Clone(reg.offices), func(o office) bool { return place(o) == 0 })
	slices.SortStableFunc(listed, func(a, b office) int { return place(a) - place(b) })
	for i, o := range listed {
		if place(o) != i+1 {
			return o.errorf(column, "number the %d offices of the table in its order, without a gap: %d is next", len(listed), i+1)
		}
	}
	return nil
}

func (reg *register) department(slug string) (department, bool) {
	return find(reg.departments, func(d department) bool { return d.slug == slug })
}

func (reg *register) section(slug string) (section, bool) {
	return find(reg.sections, func(s section) bool { return s.slug == slug })
}

// officeOf returns the committee office that heads a section.
func (reg *register) officeOf(section string) (office, bool) {
	return find(reg.offices, func(o office) bool { return o.section == section })
}

// bodyOf returns the department that is the section itself.
func (reg *register) bodyOf(section string) (department, bool) {
	return find(reg.departments, func(d department) bool { return d.section == section })
}

func find[T any](items []T, matches func(T) bool) (T, bool) {
	if i := slices.IndexFunc(items, matches); i >= 0 {
		return items[i], true
	}
	var none T
	return none, false
}
