// Register writes the register of the regulation (別表第1) as manifests that install as they stand.
//
//	go run ./hack/register -out config/samples/arakawa          writes them
//	go run ./hack/register -out config/samples/arakawa -check   says whether the committed ones are current
//
// What is where:
//
//	data/appended-table-1-systems.csv   別表第1: the 119 systems, in the order of the table
//	data/appended-table-1-sections.csv  the 33 sections (管理に係る所管) of 別表第1
//	data/departments.csv                every department (部, article 2 (12)) that the text names, and where; a body that
//	                                    別表第1 itself names as an owner says so in the columns section and sectionSource
//	data/committee-offices.csv          every office of 別表第2 and 別表第3, and its place in each
//	table.go                            reads one CSV file
//	data.go                             reads the four files into a [register]
//	consistency.go                      checks them against each other
//	groups.go, organisation.go, committees.go, systems.go, regulation.go
//	                                    turn the register into objects of the API
//	files.go                            turns the objects into files, writes and compares them
//
// To correct the register, correct a CSV file and write the manifests again. Nothing is in the CSV files that the text does
// not say: the department of a section is empty where no words of the text give it.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "register:", err)
		os.Exit(1)
	}
}

// run writes the manifests, or with -check compares them with those in the directory.
func run(arguments []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("register", flag.ContinueOnError)
	out := flags.String("out", "config/samples/arakawa", "directory of the manifests")
	check := flags.Bool("check", false, "write nothing; fail if the manifests in the directory are not current")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: give only -out and -check", flags.Arg(0))
	}

	reg, err := loadRegister(embeddedData)
	if err != nil {
		return err
	}
	files, err := manifests(reg)
	if err != nil {
		return err
	}
	if *check {
		return compareFiles(*out, files)
	}
	if err := writeFiles(*out, files); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "wrote %d files with %d systems to %s\n", len(files), len(reg.systems), *out)
	return err
}
