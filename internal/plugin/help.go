package plugin

import (
	"github.com/spf13/cobra"

	"kitei.dev/kitei/internal/message"
)

// help of a command.
type help struct{ short, long message.ID }

// helps of the commands by name, with that of the command above where it needs telling apart.
var helps = map[string]help{
	"kubectl-kitei": {message.PluginRootShort, message.PluginRootLong},
	"approve":       {message.PluginApproveShort, message.PluginDecideLong},
	"deny":          {message.PluginDenyShort, message.PluginDecideLong},
	"return":        {message.PluginReturnShort, message.PluginDecideLong},
	"revoke":        {message.PluginRevokeShort, message.PluginDecideLong},
	"why":           {message.PluginWhyShort, message.PluginWhyLong},
	"check":         {message.PluginCheckShort, message.PluginCheckLong},
	"new":           {message.PluginNewShort, message.PluginNewLong},
	"submit":        {message.PluginSubmitShort, message.PluginSubmitLong},
	"pending":       {message.PluginPendingShort, message.PluginPendingLong},
	"review":        {message.PluginReviewShort, ""},
	"history":       {message.PluginHistoryShort, ""},
	"meeting":       {message.PluginMeetingShort, message.PluginMeetingLong},
	"record":        {message.PluginRecordShort, message.PluginMeetingLong},
	"confirm":       {message.PluginConfirmShort, message.PluginMeetingLong},
	"verify":        {message.PluginVerifyShort, message.PluginVerifyLong},
	"consent":       {message.PluginConsentShort, message.PluginConsentLong},
	"version":       {message.PluginVersionShort, ""},

	"consent approve": {message.PluginConsentApproveShort, message.PluginConsentLong},
	"consent deny":    {message.PluginConsentDenyShort, message.PluginConsentLong},
	"consent revoke":  {message.PluginConsentRevokeShort, message.PluginConsentLong},
}

// flagHelps of our own flags by name; the others are kubectl's, and stay as kubectl writes them.
var flagHelps = map[string]message.ID{
	"lang":      message.PluginFlagLang,
	"reason":    message.PluginFlagReason,
	"dry-run":   message.PluginFlagDryRun,
	"output":    message.PluginFlagOutput,
	"filename":  message.PluginFlagFilename,
	"kustomize": message.PluginFlagKustomize,
	"recursive": message.PluginFlagRecursive,

	"all":             message.PluginFlagAll,
	"committee":       message.PluginFlagCommittee,
	"on":              message.PluginFlagOn,
	"attendees":       message.PluginFlagAttendees,
	"guests":          message.PluginFlagGuests,
	"agenda":          message.PluginFlagAgenda,
	"decide":          message.PluginFlagDecide,
	"type":            message.PluginFlagType,
	"title":           message.PluginFlagTitle,
	"image":           message.PluginFlagImage,
	"fiscal-year":     message.PluginFlagYear,
	"welfare":         message.PluginAskWelfare,
	"efficiency":      message.PluginAskEfficiency,
	"protection":      message.PluginAskProtection,
	"necessity":       message.PluginAskNecessity,
	"cost":            message.PluginAskCost,
	"effect":          message.PluginAskEffect,
	"alternatives":    message.PluginAskAlternatives,
	"urgency":         message.PluginFlagUrgency,
	"answers":         message.PluginFlagAnswers,
	"namespaces":      message.PluginFlagNamespaces,
	"class":           message.PluginFlagClass,
	"data-categories": message.PluginFlagDataCategories,
	"not-before":      message.PluginFlagNotBefore,
	"not-after":       message.PluginFlagNotAfter,

	"data-use":            message.PluginFlagDataUse,
	"data-use-categories": message.PluginFlagDataUseCategories,
	"data-use-procedure":  message.PluginFlagDataUseProcedure,
	"data-use-items":      message.PluginFlagDataUseItems,

	"key":         message.PluginFlagKey,
	"interactive": message.PluginFlagInteractive,
	"create":      message.PluginFlagCreate,
}

// localise writes the help in the locale's language, and again in that of --lang when the help is asked for.
func (o *options) localise(root *cobra.Command) {
	writeHelp(root, o.reader())
	show := root.HelpFunc()
	root.SetHelpFunc(func(command *cobra.Command, args []string) {
		writeHelp(root, o.reader())
		show(command, args)
	})
}

func writeHelp(command *cobra.Command, p message.Printer) {
	help, found := helps[command.Name()]
	if command.HasParent() {
		if own, is := helps[command.Parent().Name()+" "+command.Name()]; is {
			help, found = own, true
		}
	}
	if found {
		command.Short = p.Say(help.short)
		command.Long = command.Short
		if help.long != "" {
			command.Long = p.Say(help.long)
		}
		for name, id := range flagHelps {
			if flag := command.Flags().Lookup(name); flag != nil {
				flag.Usage = p.Say(id)
			}
			if flag := command.PersistentFlags().Lookup(name); flag != nil {
				flag.Usage = p.Say(id)
			}
		}
	}
	for _, child := range command.Commands() {
		writeHelp(child, p)
	}
}
