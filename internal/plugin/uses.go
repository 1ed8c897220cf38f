package plugin

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
)

// uses are the flags that say whose data a change uses (article 14). Each is NAME=…, with the name of the use: a text may hold any
// character then.
type uses struct{ of, categories, items, procedures []string }

func (u *uses) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&u.of, "data-use", nil, "")
	flags.StringArrayVar(&u.categories, "data-use-categories", nil, "")
	flags.StringArrayVar(&u.items, "data-use-items", nil, "")
	flags.StringArrayVar(&u.procedures, "data-use-procedure", nil, "")
}

// parse makes the uses. What the API server refuses is left to it; here it is only seen that nothing is lost.
func (u *uses) parse(p message.Printer) ([]v1alpha1.DataUse, error) {
	list := make([]v1alpha1.DataUse, 0, len(u.of))
	for _, text := range u.of {
		name, of, _ := strings.Cut(text, "=")
		section, data, found := strings.Cut(of, ":")
		if !found {
			return nil, usage(p.Say(message.PluginBadFlag, text, "--data-use", "NAME=SECTION:DATA"))
		}
		list = append(list, v1alpha1.DataUse{Name: name, SectionRef: v1alpha1.NameReference{Name: section}, Data: data})
	}
	for _, more := range []struct {
		flag, like string
		texts      []string
		set        func(use *v1alpha1.DataUse, value string) error
	}{
		{"--data-use-categories", "NAME=PersonalInformation", u.categories, addCategories},
		{"--data-use-items", "NAME=1,2", u.items, addItems},
		{"--data-use-procedure", "NAME=PROCEDURE", u.procedures, addProcedure},
	} {
		for _, text := range more.texts {
			name, value, found := strings.Cut(text, "=")
			at := slices.IndexFunc(list, func(use v1alpha1.DataUse) bool { return use.Name == name })
			switch {
			case !found:
				return nil, usage(p.Say(message.PluginBadFlag, text, more.flag, more.like))
			case at < 0:
				return nil, usage(p.Say(message.PluginNoSuchUse, more.flag, name))
			case more.set(&list[at], value) != nil:
				return nil, usage(p.Say(message.PluginBadFlag, text, more.flag, more.like))
			}
		}
	}
	return list, nil
}

func addCategories(use *v1alpha1.DataUse, value string) error {
	for category := range strings.SplitSeq(value, ",") {
		use.DataCategories = append(use.DataCategories, v1alpha1.DataCategory(category))
	}
	return nil
}

func addItems(use *v1alpha1.DataUse, value string) error {
	for item := range strings.SplitSeq(value, ",") {
		number, err := strconv.ParseInt(item, 10, 32)
		if err != nil {
			return err
		}
		use.ResidentRegisterItems = append(use.ResidentRegisterItems, int32(number))
	}
	return nil
}

func addProcedure(use *v1alpha1.DataUse, value string) error {
	use.OrdinanceProcedure = value
	return nil
}
