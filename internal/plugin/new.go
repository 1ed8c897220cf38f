package plugin

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// draft holds what "new" was told.
type draft struct {
	spec        v1alpha1.ChangeApprovalSpec
	kind        string
	images      []string
	year        int32
	urgency     string
	criteria    v1alpha1.Criteria
	class       string
	categories  []string
	uses        uses
	notBefore   string
	notAfter    string
	answers     string
	interactive bool
	create      bool
}

func newNewCommand(o *options) *cobra.Command {
	var d draft
	command := &cobra.Command{
		Use: "new NAME SYSTEM",
		Example: "  kubectl kitei new r9-tax tax --type Modification --image registry.example/tax/web:3.* > r9-tax.yaml\n" +
			"  kubectl kitei new r9-tax tax --type Modification -i --create",
		RunE: func(command *cobra.Command, args []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if len(args) != 2 {
				return usage(p.Say(message.PluginNewArguments))
			}
			return o.draft(command.Context(), args[0], args[1], d, p)
		},
	}
	flags := command.Flags()
	flags.StringVar(&d.kind, "type", string(v1alpha1.ChangeModification), "")
	flags.StringVar(&d.spec.Title, "title", "", "")
	flags.StringSliceVar(&d.images, "image", nil, "")
	flags.Int32Var(&d.year, "fiscal-year", 0, "")
	flags.StringVar(&d.criteria.ResidentWelfare, "welfare", "", "")
	flags.StringVar(&d.criteria.AdministrativeEfficiency, "efficiency", "", "")
	flags.StringVar(&d.criteria.PersonalInformationProtection, "protection", "", "")
	flags.StringVar(&d.spec.Necessity, "necessity", "", "")
	flags.StringVar(&d.spec.Cost, "cost", "", "")
	flags.StringVar(&d.spec.Effect, "effect", "", "")
	flags.StringVar(&d.spec.Alternatives, "alternatives", "", "")
	flags.StringVar(&d.urgency, "urgency", "", "")
	flags.StringVar(&d.answers, "answers", "", "")
	flags.StringSliceVar(&d.spec.Scope.Namespaces, "namespaces", nil, "")
	flags.StringVar(&d.class, "class", "", "")
	flags.StringSliceVar(&d.categories, "data-categories", nil, "")
	flags.StringVar(&d.notBefore, "not-before", "", "")
	flags.StringVar(&d.notAfter, "not-after", "", "")
	d.uses.flags(command)
	flags.BoolVarP(&d.interactive, "interactive", "i", false, "")
	flags.BoolVar(&d.create, "create", false, "")
	return command
}

// parse reads the flags that are no plain text.
func (d *draft) parse(organisation regulation.Organisation, p message.Printer) error {
	scope := &d.spec.Scope
	if d.class != "" {
		levels := strings.Split(d.class, "/")
		if len(levels) != 3 {
			return usage(p.Say(message.PluginBadFlag, d.class, "--class", "3B/2/2"))
		}
		scope.Classification = &v1alpha1.Classification{Confidentiality: v1alpha1.Level(levels[0]),
			Integrity: v1alpha1.Level(levels[1]), Availability: v1alpha1.Level(levels[2])}
	}
	for _, category := range d.categories {
		scope.DataCategories = append(scope.DataCategories, v1alpha1.DataCategory(category))
	}
	for _, day := range []struct {
		name, text string
		at         **metav1.Time
	}{{"--not-before", d.notBefore, &scope.NotBefore}, {"--not-after", d.notAfter, &scope.NotAfter}} {
		if day.text == "" {
			continue
		}
		at, err := time.ParseInLocation(time.DateOnly, day.text, organisation.Location())
		if err != nil {
			return usage(p.Say(message.PluginBadFlag, day.text, day.name, "YYYY-MM-DD"))
		}
		*day.at = &metav1.Time{Time: at}
	}
	if d.answers != "" {
		d.spec.AnswersRef = &v1alpha1.NameReference{Name: d.answers}
	}
	var err error
	d.spec.DataUse, err = d.uses.parse(p)
	return err
}

// draft writes a draft for a system, filled with what was told and what the register knows; with --create it makes it.
func (o *options) draft(ctx context.Context, name, systemName string, d draft, p message.Printer) error {
	types := []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization, v1alpha1.ChangeModification,
		v1alpha1.ChangeMinor}
	if !slices.Contains(types, v1alpha1.ChangeType(d.kind)) {
		return usage(p.Say(message.PluginBadFlag, d.kind, "--type", "Introduction, Computerization, Modification, MinorChange"))
	}
	c, err := o.connect()
	if err != nil {
		return err
	}
	var system v1alpha1.ElectronicSystem
	if err := c.Get(ctx, client.ObjectKey{Name: systemName}, &system); err != nil {
		return fmt.Errorf("get electronicsystem %s: %w", systemName, err)
	}
	organisation, err := register.Organisation(ctx, c, c.now)
	if err != nil {
		return err
	}
	if err := d.parse(organisation, p); err != nil {
		return err
	}
	application := d.fill(name, &system, organisation)
	if d.interactive {
		if err := o.ask(application, p); err != nil {
			return err
		}
	}
	if d.create {
		if err := c.Create(ctx, application, client.FieldOwner(fieldManager)); err != nil {
			o.tellRefusal(p.Say(message.PluginNotCreated, name, plain(err, p)), "kubectl get changeapproval "+name, p)
			return &ExitError{Code: exitNo}
		}
		fmt.Fprintln(o.Out, p.Say(message.PluginCreated, name))
		fmt.Fprintln(o.Out, "  "+p.Say(message.PluginNextMark)+"kubectl kitei submit "+name)
		return nil
	}
	text, err := yaml.Marshal(map[string]any{"apiVersion": v1alpha1.GroupVersion.String(), "kind": "ChangeApproval",
		"metadata": map[string]any{"name": name}, "spec": application.Spec})
	if err != nil {
		return fmt.Errorf("write the draft: %w", err)
	}
	_, err = o.Out.Write(text)
	return err
}

// fill makes the draft. The fiscal year is the next one for which it is not too late, or with an urgency the current one.
func (d draft) fill(name string, system *v1alpha1.ElectronicSystem, organisation regulation.Organisation) *v1alpha1.ChangeApproval {
	spec := d.spec
	spec.SystemRef.Name, spec.Type, spec.Stage = system.Name, v1alpha1.ChangeType(d.kind), v1alpha1.StageDraft
	for _, pattern := range d.images {
		spec.Scope.Images = append(spec.Scope.Images, v1alpha1.ImagePattern(pattern))
	}
	if spec.Type != v1alpha1.ChangeMinor {
		spec.Criteria = &d.criteria
		spec.FiscalYear = d.year
		if current := int32(organisation.FiscalYear(organisation.Now)); spec.FiscalYear == 0 { //nolint:gosec // a year
			for spec.FiscalYear = current; d.urgency == "" && procedure.Late(organisation, spec.FiscalYear); {
				spec.FiscalYear++
			}
		}
	}
	if d.urgency != "" {
		spec.Urgency = &v1alpha1.Urgency{Reason: d.urgency}
	}
	if spec.Title == "" {
		spec.Title = titleOf(system, spec)
	}
	application := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}
	return application
}

// titleOf is the title that an application has by custom. It is part of the record, and so in the regulation's language.
func titleOf(system *v1alpha1.ElectronicSystem, spec v1alpha1.ChangeApprovalSpec) string {
	title := message.In(v1alpha1.LanguageJapanese).Say(message.PluginTitleOf, system.Spec.DisplayName,
		message.In(v1alpha1.LanguageJapanese).Say(message.ID("PluginType"+string(spec.Type))))
	if spec.FiscalYear != 0 {
		era, _, _ := strings.Cut(regulation.FiscalYearName(int(spec.FiscalYear)), " / ")
		title += "（" + era + "）"
	}
	return title
}

// ask asks for each text that is still empty. An empty answer leaves it so.
func (o *options) ask(application *v1alpha1.ChangeApproval, p message.Printer) error {
	spec := &application.Spec
	questions := []struct {
		id     message.ID
		answer *string
	}{
		{message.PluginAskNecessity, &spec.Necessity}, {message.PluginAskCost, &spec.Cost},
		{message.PluginAskEffect, &spec.Effect}, {message.PluginAskAlternatives, &spec.Alternatives},
	}
	if spec.Criteria != nil {
		questions = append([]struct {
			id     message.ID
			answer *string
		}{
			{message.PluginAskWelfare, &spec.Criteria.ResidentWelfare},
			{message.PluginAskEfficiency, &spec.Criteria.AdministrativeEfficiency},
			{message.PluginAskProtection, &spec.Criteria.PersonalInformationProtection},
		}, questions...)
	}
	input := bufio.NewScanner(o.In)
	for _, question := range questions {
		if *question.answer != "" {
			continue
		}
		fmt.Fprint(o.ErrOut, p.Say(question.id)+" ")
		if !input.Scan() {
			break
		}
		*question.answer = strings.TrimSpace(input.Text())
	}
	if err := input.Err(); err != nil {
		return fmt.Errorf("read the answers: %w", err)
	}
	return nil
}
