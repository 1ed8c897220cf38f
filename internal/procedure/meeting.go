package procedure

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
)

// OutcomeOf is what a meeting decided of an application; empty for nothing.
func OutcomeOf(meeting *v1alpha1.CommitteeMeeting, application string) v1alpha1.Outcome {
	for _, item := range meeting.Spec.Agenda {
		if item.ApplicationRef.Name == application {
			return item.Outcome
		}
	}
	return ""
}

// Binding says whether a meeting's outcomes count: the chair confirmed the record as it is now, and it was quorate (articles
// 18 and 19-1).
func Binding(meeting *v1alpha1.CommitteeMeeting) bool {
	status := &meeting.Status
	return status.State == v1alpha1.MeetingConfirmed && status.ConfirmedBy != "" && status.ConfirmedAt != nil &&
		status.ConfirmedGeneration == meeting.Generation &&
		status.Attendance != nil && status.Attendance.Attended >= status.Attendance.Quorum
}

// Attendance counts a meeting of the committee, and lists the attendees that have no seat on it. A majority is more than
// half of the members, ad hoc ones too; the chair is not counted (articles 17 and 19-1).
func Attendance(committee *v1alpha1.Committee, attendees []string) (count v1alpha1.Attendance, strangers []string) {
	seats := make([]string, 0, len(committee.Spec.Members)+len(committee.Spec.AdHocMembers))
	for _, member := range slices.Concat(committee.Spec.Members, committee.Spec.AdHocMembers) {
		seats = append(seats, member.Name)
	}
	for _, name := range attendees {
		if !slices.Contains(seats, name) {
			strangers = append(strangers, name)
			continue
		}
		count.Attended++
	}
	count.Seats = int32(len(seats)) //nolint:gosec // a committee has at most 80 seats
	if committee.Spec.Quorum != v1alpha1.QuorumNone {
		count.Quorum = count.Seats/2 + 1
	}
	return count, strangers
}
