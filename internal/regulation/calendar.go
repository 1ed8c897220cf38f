package regulation

import (
	"fmt"
	"time"
)

// reiwa is the year before the first of 令和 (2019).
const reiwa = 2018

// defaultDeadline is the last day on which to apply for the next fiscal year (article 12-2).
const defaultDeadline = "08-31"

// FiscalYear (年度) is the fiscal year of a moment in the regulation's time zone, as the year in which it begins on 1 April.
func (o Organisation) FiscalYear(at time.Time) int {
	local := at.In(o.Location())
	if local.Month() < time.April {
		return local.Year() - 1
	}
	return local.Year()
}

// FiscalYearName writes a fiscal year in both calendars: 令和9年度 / FY2027.
func FiscalYearName(year int) string {
	era := fmt.Sprint(year - reiwa)
	if year == reiwa+1 {
		era = "元"
	}
	return fmt.Sprintf("令和%s年度 / FY%d", era, year)
}

// Deadline is the first moment at which it is too late to apply for a change of that fiscal year without urgency: the day
// after the last one of the regulation's applicationDeadline, in the year before (article 12-2).
func (o Organisation) Deadline(year int) time.Time {
	text := defaultDeadline
	if o.Regulation != nil && o.Regulation.Spec.ApplicationDeadline != "" {
		text = o.Regulation.Spec.ApplicationDeadline
	}
	last, err := time.Parse(time.DateOnly, "2000-"+text) // a leap year: 02-29 is a day
	if err != nil {
		last = time.Date(2000, time.August, 31, 0, 0, 0, 0, time.UTC)
	}
	before := year - 1
	if last.Month() < time.April { // January to March of the fiscal year before
		before = year
	}
	day := last.Day()
	if end := time.Date(before, last.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day(); day > end {
		day = end
	}
	return time.Date(before, last.Month(), day+1, 0, 0, 0, 0, o.Location())
}
