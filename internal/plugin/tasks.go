package plugin

import (
	"context"
	"strings"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// task is one step of the procedure that waits for somebody.
type task struct {
	// what is to be done.
	what message.ID
	// offices of which any may do it; those who hold none of them but may do it all the same are others.
	offices []regulation.Office
	others  []v1alpha1.Subject
	// missing names the office where nobody holds it.
	missing v1alpha1.OfficeRole
	// name of the object, its title, and the command that does it.
	name, title, next string
}

// of says whether the task waits for that person.
func (t task) of(identity regulation.Identity) bool {
	if _, among := identity.Among(t.offices); among {
		return true
	}
	return identity.Holds(regulation.Office{Subjects: t.others})
}

// text writes for whom the task waits, and for what.
func (t task) text(p message.Printer) string {
	return p.Say(message.PluginTask, p.Say(t.what), clearance.Offices(t.offices, t.missing, p))
}

// tasksOf are the steps that an application waits for now.
func tasksOf(papers procedure.Case, system *v1alpha1.ElectronicSystem, organisation regulation.Organisation,
	committees map[string]*v1alpha1.Committee,
) []task {
	application := papers.Application
	change := application.Spec.Type
	of := func(what message.ID, offices []regulation.Office, missing v1alpha1.OfficeRole, next string) task {
		return task{what: what, offices: offices, missing: missing, name: application.Name, title: application.Spec.Title, next: next}
	}
	committee := procedure.Committee(organisation, change)
	switch clearance.Approval(papers, organisation) { //nolint:exhaustive // in the other states nothing is to be done
	case clearance.StateNotSubmitted:
		return []task{of(message.PluginTaskSubmit, organisation.Applicants(system, change), missingApplicant(change),
			"kubectl kitei submit "+application.Name)}
	case clearance.StatePending:
		var list []task
		for _, missing := range papers.MissingConsents() {
			list = append(list, of(message.PluginTaskConsent, organisation.DataSectionHead(&missing.Use.SectionRef),
				v1alpha1.RoleDataSectionHead, consentCommand(papers, missing.Use.Name)))
		}
		if meeting, _ := papers.Decided(committee); committee != "" && meeting == nil {
			refer := of(message.PluginTaskRefer, nil, v1alpha1.RoleDigitalPromotionSectionHead,
				"kubectl kitei meeting record NAME --committee "+committee+" --agenda "+application.Name+"=Approved")
			refer.offices, refer.others = secretariat(committees[committee], organisation)
			return append(list, refer)
		}
		if len(list) > 0 {
			return list
		}
		return []task{of(message.PluginTaskDecide, organisation.Deciders(system, change), missingDecider(change),
			"kubectl kitei approve "+application.Name)}
	case clearance.StateInEffect, clearance.StateUnratified, clearance.StateNotYetInEffect:
		if committee == "" || !papers.Debt(committee) {
			return nil
		}
		ratify := of(message.PluginTaskRatify, nil, v1alpha1.RoleDigitalPromotionSectionHead,
			"kubectl kitei meeting record NAME --committee "+committee+" --agenda "+application.Name+"=Approved")
		ratify.offices, ratify.others = secretariat(committees[committee], organisation)
		return []task{ratify}
	}
	return nil
}

// meetingTask is the confirmation that a record waits for.
func meetingTask(meeting *v1alpha1.CommitteeMeeting, organisation regulation.Organisation) task {
	return task{what: message.PluginTaskConfirm, offices: []regulation.Office{organisation.ChiefInformationOfficer()},
		missing: v1alpha1.RoleChiefInformationOfficer, name: meeting.Name,
		title: strings.Join(register.Agenda(meeting), ", "), next: "kubectl kitei meeting confirm " + meeting.Name}
}

// secretariat is who writes a committee's records: the head of the section, and its members (articles 19-3 and 24-3).
func secretariat(committee *v1alpha1.Committee, organisation regulation.Organisation) ([]regulation.Office, []v1alpha1.Subject) {
	if committee == nil {
		return nil, nil
	}
	section, state := organisation.Section(&committee.Spec.SecretariatRef)
	if state != regulation.SectionStanding {
		return nil, nil
	}
	title := section.Spec.Head.Title
	if title == "" {
		title = section.Spec.DisplayName
	}
	return []regulation.Office{{Role: v1alpha1.RoleManagingSectionHead, Unit: section.Name, Title: title,
		Subjects: section.Spec.Head.Subjects}}, section.Spec.Members
}

func missingApplicant(change v1alpha1.ChangeType) v1alpha1.OfficeRole {
	if change == v1alpha1.ChangeMinor {
		return v1alpha1.RoleUsingSectionHead
	}
	return v1alpha1.RoleDepartmentHead
}

func missingDecider(change v1alpha1.ChangeType) v1alpha1.OfficeRole {
	if change == v1alpha1.ChangeMinor {
		return v1alpha1.RoleManagingSectionHead
	}
	return v1alpha1.RoleChiefInformationOfficer
}

// consentCommand decides the consent for a use, by the name of its object.
func consentCommand(papers procedure.Case, use string) string {
	for i := range papers.Consents {
		if papers.Consents[i].Spec.Use.Name == use {
			return "kubectl kitei consent approve " + papers.Consents[i].Name
		}
	}
	return "kubectl get datauseconsents"
}

// caseOf reads an application's papers; without them where they cannot be read.
func (c *connection) caseOf(ctx context.Context, application *v1alpha1.ChangeApproval) procedure.Case {
	papers, err := c.source(ctx).Case(ctx, c, application)
	if err != nil {
		return procedure.Case{Application: application}
	}
	return papers
}

// committees by name; none where they cannot be read.
func (c *connection) committees(ctx context.Context) map[string]*v1alpha1.Committee {
	var list v1alpha1.CommitteeList
	if err := c.List(ctx, &list); err != nil {
		return nil
	}
	committees := map[string]*v1alpha1.Committee{}
	for i := range list.Items {
		committees[list.Items[i].Name] = &list.Items[i]
	}
	return committees
}
