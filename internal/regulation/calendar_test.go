package regulation

import (
	"testing"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
)

func in(zone, deadline string) Organisation {
	return Organisation{Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{TimeZone: zone, ApplicationDeadline: deadline}}}
}

func TestFiscalYear(t *testing.T) {
	for at, want := range map[string]int{
		"2027-03-31T14:59:59Z": 2026, // the last second of 31 March in Tokyo
		"2027-03-31T15:00:00Z": 2027,
		"2027-01-01T00:00:00Z": 2026,
		"2026-12-31T15:00:00Z": 2026, // New Year in Tokyo
		"2026-04-01T00:00:00Z": 2026,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := in("Asia/Tokyo", "").FiscalYear(moment); got != want {
			t.Errorf("%s is in fiscal year %d, want %d", at, got, want)
		}
	}
}

func TestFiscalYearName(t *testing.T) {
	for year, want := range map[int]string{2019: "令和元年度 / FY2019", 2020: "令和2年度 / FY2020", 2027: "令和9年度 / FY2027"} {
		if got := FiscalYearName(year); got != want {
			t.Errorf("%d is %s, want %s", year, got, want)
		}
	}
}

// The deadline of a fiscal year is the end of a day in the year before it begins (article 12-2).
func TestDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		zone, deadline, want string
	}{
		"the regulation's":                {"Asia/Tokyo", "", "2026-08-31T15:00:00Z"},
		"written out":                     {"Asia/Tokyo", "08-31", "2026-08-31T15:00:00Z"},
		"another day":                     {"Asia/Tokyo", "10-15", "2026-10-15T15:00:00Z"},
		"in January":                      {"Asia/Tokyo", "01-31", "2027-01-31T15:00:00Z"},
		"another zone":                    {"UTC", "08-31", "2026-09-01T00:00:00Z"},
		"a leap day, in a year with none": {"UTC", "02-29", "2027-03-01T00:00:00Z"},
		"no day of the calendar":          {"UTC", "09-31", "2026-09-01T00:00:00Z"},
		"the last day of the year":        {"UTC", "12-31", "2027-01-01T00:00:00Z"},
	} {
		if got := in(test.zone, test.deadline).Deadline(2027).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%s: too late from %s, want %s", name, got, test.want)
		}
	}
}
