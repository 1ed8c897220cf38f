package controlplane

import (
	"testing"

	"k8s.io/client-go/rest"

	"kitei.dev/kitei/api/v1alpha1"
)

// The head of the section whose data it is consents, refuses and revokes with the plugin, by the name of the application or of the
// consent; anybody else is told who does.
func TestPluginDecidesConsents(t *testing.T) {
	ownCache(t)
	b := newBoard(t)
	use := "--data-use=" // NAME=SECTION:DATA
	name := b.name + "-uses"
	says := func(who string, wanted int, arguments []string, words ...string) {
		t.Helper()
		var config *rest.Config // the administrator's
		if who != clusterAdministrator {
			config = configOf(t, b.officers[who].username)
		}
		output, code := pluginExit(t, config, append(arguments, "--lang=en")...)
		answered(t, output, code, wanted, words...)
	}
	decision := func(consent string) v1alpha1.Decision {
		return get(t, &v1alpha1.DataUseConsent{}, "", consent).Status.Decision
	}
	says(departmentHead, 0, []string{"new", name, b.name, "--create", "--type=Introduction",
		"--welfare=a", "--efficiency=b", "--protection=c",
		use + "addresses=" + b.name + "-other:住所、氏名", use + "incomes=" + b.name + "-other:所得", use + "residents=" + b.name + "-other:氏名",
		"--data-use-categories=incomes=PersonalInformation", "--data-use-procedure=incomes=答申第12号", "--data-use-items=residents=1,8"})
	says(departmentHead, 0, []string{"submit", name}, "別課長")
	addresses, incomes := settledConsent(t, name+"-addresses").Name, settledConsent(t, name+"-incomes").Name
	if procedure := get(t, &v1alpha1.DataUseConsent{}, "", incomes).Spec.Use.OrdinanceProcedure; procedure != "答申第12号" {
		t.Errorf("the procedure is %q", procedure)
	}

	says(dataSectionHead, 0, []string{"pending"}, "kubectl kitei consent approve "+addresses, "kubectl kitei consent approve "+incomes)
	for _, who := range []string{departmentHead, sectionHead, theCIO, clusterAdministrator} {
		says(who, 1, []string{"consent", "approve", name}, addresses+" was not decided", incomes+" was not decided", "別課長",
			"Next: kubectl describe datauseconsent "+addresses)
	}
	says(dataSectionHead, 1, []string{"consent", "approve", name + "-nothing"}, "not found", "Next: kubectl get datauseconsents")
	says(dataSectionHead, 1, []string{"consent", "deny", name}, "-m")
	says(dataSectionHead, 0, []string{"consent", "approve", name, "--dry-run=server"},
		"Approved: "+addresses, "Approved: "+incomes, "dry run")
	if got := decision(addresses) + decision(incomes); got != "" {
		t.Fatalf("a dry run decided: %s", got)
	}

	says(dataSectionHead, 0, []string{"consent", "approve", addresses, "-m", "fit for it"}, "Approved: "+addresses, "住所、氏名", "fit for it",
		"the head of the section that manages the data", "Waits for", "別課長") // the other consent is missing still
	says(dataSectionHead, 0, []string{"consent", "approve", name}, addresses+" is Approved already", "Approved: "+incomes,
		"the chief information officer")
	must(t, decide(b.as(theCIO), name, v1alpha1.DecisionApproved))
	says(sectionHead, 1, []string{"consent", "revoke", incomes, "-m", "mine"}, "別課長")
	says(dataSectionHead, 0, []string{"consent", "revoke", incomes, "-m", "misused"}, "Revoked: "+incomes, "misused", "may apply anew")
	if one, other := decision(addresses), decision(incomes); one != v1alpha1.DecisionApproved || other != v1alpha1.DecisionRevoked {
		t.Errorf("the consents are %s and %s", one, other)
	}
}
