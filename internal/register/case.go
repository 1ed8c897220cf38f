package register

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/paging"
)

// Consents asked for an application of this name. An earlier application of the same name has consents of its own, told apart
// by their UID.
func Consents(ctx context.Context, reader client.Reader, application string) ([]v1alpha1.DataUseConsent, error) {
	var list v1alpha1.DataUseConsentList
	if err := reader.List(ctx, &list, client.MatchingFields{FieldApplication: application}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list data use consents of application %s: %w", application, err)
	}
	return list.Items, nil
}

// Meetings that have an application of this name on their agenda, read from an indexed cache.
func Meetings(ctx context.Context, cache client.Reader, application string) ([]v1alpha1.CommitteeMeeting, error) {
	var list v1alpha1.CommitteeMeetingList
	if err := cache.List(ctx, &list, client.MatchingFields{FieldAgenda: application}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list committee meetings on application %s: %w", application, err)
	}
	return list.Items, nil
}

// LiveMeetings that have an application of this name on their agenda, read from the API server, which knows no index of them.
func LiveMeetings(ctx context.Context, reader client.Reader, application string) ([]v1alpha1.CommitteeMeeting, error) {
	var meetings []v1alpha1.CommitteeMeeting
	err := paging.Each(ctx, reader, &v1alpha1.CommitteeMeetingList{}, func(meeting *v1alpha1.CommitteeMeeting) error {
		if slices.Contains(Agenda(meeting), application) {
			meetings = append(meetings, *meeting)
		}
		return nil
	})
	return meetings, err
}

// ApplicationsOf names the applications that a paper is about: a consent one, a meeting those on its agenda.
func ApplicationsOf(paper client.Object) []string {
	switch paper := paper.(type) {
	case *v1alpha1.DataUseConsent:
		return []string{paper.Spec.ApplicationRef.Name}
	case *v1alpha1.CommitteeMeeting:
		return Agenda(paper)
	}
	return nil
}

// Agenda names the applications on a meeting's agenda.
func Agenda(meeting *v1alpha1.CommitteeMeeting) []string {
	names := make([]string, 0, len(meeting.Spec.Agenda))
	for _, item := range meeting.Spec.Agenda {
		names = append(names, item.ApplicationRef.Name)
	}
	return names
}
