package controlplane

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// auditPolicy makes the API server write down every request of the operator, and of nobody else. What it writes into a
// binding is written down too: it shows the roles that the operator needs to be allowed to bind.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Request
  users: ["` + v1alpha1.OperatorUsername + `"]
  verbs: [create, update, patch]
  resources: [{group: rbac.authorization.k8s.io}]
- level: Metadata
  users: ["` + v1alpha1.OperatorUsername + `"]
- level: None
`

// seldom are rights that a run of the tests may do without, each with the reason why the operator has it all the same.
var seldom = map[string]string{
	"patch events.k8s.io/events": "an event that repeats within minutes becomes a series",
}

// whyUnused says why the operator has a right that it did not use; empty for no reason.
func whyUnused(r right, granted []right) string {
	if r.verb == "list" && r.watched(granted) {
		return "an older server does not stream what a watch begins with: there the client lists first"
	}
	return seldom[r.String()]
}

// right is one thing that a rule lets an account do.
type right struct {
	group, resource, verb, namespace, name string
}

func (r right) String() string {
	where := ""
	if r.namespace != "" {
		where = " in " + r.namespace
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s/%s %s%s", r.verb, r.group, r.resource, r.name, where))
}

// isGrantedBy says whether a rule's right covers this use of it.
func (r right) isGrantedBy(rule right) bool {
	return r.group == rule.group && r.resource == rule.resource && r.verb == rule.verb &&
		(rule.namespace == "" || rule.namespace == r.namespace) && (rule.name == "" || rule.name == r.name)
}

// watched says whether the operator watches the resource too.
func (r right) watched(granted []right) bool {
	r.verb = "watch"
	return slices.Contains(granted, r)
}

// wholeRun says whether every test ran: only then does the audit log say what the operator needs.
func wholeRun() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// checkPrivileges holds the operator's generated roles against what it did while the tests ran: a request that RBAC refused
// is a rule that is missing, a rule that no request needed is one too many. It prints every right that was not used.
func (e *environment) checkPrivileges() error {
	used, refusals, err := readAudit(e.auditLog)
	if err != nil {
		return err
	}
	granted, err := readRoles(filepath.Join(e.root, "config", "rbac", "role.yaml"))
	if err != nil {
		return err
	}
	var problems []error
	for _, r := range refusals {
		// An API server that has just started refuses what it does grant until it has read its roles.
		if !slices.ContainsFunc(granted, r.isGrantedBy) {
			problems = append(problems, fmt.Errorf("the operator may not %s, and tried", r))
		}
	}
	unused := slices.DeleteFunc(slices.Clone(granted), func(r right) bool {
		return slices.ContainsFunc(used, func(u right) bool { return u.isGrantedBy(r) })
	})
	fmt.Printf("rights of the operator that no test made it use: %d of %d\n", len(unused), len(granted))
	for _, r := range unused {
		why := whyUnused(r, granted)
		fmt.Printf("  %s: %s\n", r, cmp.Or(why, "NO REASON"))
		if why == "" {
			problems = append(problems, fmt.Errorf("the operator may %s, and never did", r))
		}
	}
	for name := range seldom {
		if !slices.ContainsFunc(granted, func(r right) bool { return r.String() == name }) {
			problems = append(problems, fmt.Errorf("a reason is given for %q, which the operator may not", name))
		}
	}
	return errors.Join(problems...)
}

// readAudit reads what the operator did, and what RBAC refused it.
func readAudit(path string) (used, refused []right, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the audit log: %w", err)
	}
	defer file.Close()
	seen := map[right]bool{}
	for lines := bufio.NewReaderSize(file, 1<<20); ; {
		line, readErr := lines.ReadBytes('\n')
		var event struct {
			Verb      string `json:"verb"`
			UserAgent string `json:"userAgent"`
			ObjectRef *struct {
				Resource, Subresource, Namespace, Name, APIGroup string
			} `json:"objectRef"`
			RequestObject struct {
				RoleRef *rbacv1.RoleRef `json:"roleRef"`
			} `json:"requestObject"`
			Annotations map[string]string `json:"annotations"`
		}
		if readErr != nil {
			return used, refused, nil
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, nil, fmt.Errorf("read the audit log: %w", err)
		}
		if event.ObjectRef == nil || !strings.HasPrefix(event.UserAgent, "manager/") { // tests act as the operator too
			continue
		}
		r := right{event.ObjectRef.APIGroup, event.ObjectRef.Resource, event.Verb, event.ObjectRef.Namespace, event.ObjectRef.Name}
		if event.ObjectRef.Subresource != "" {
			r.resource += "/" + event.ObjectRef.Subresource
		}
		if role := event.RequestObject.RoleRef; role != nil { // no request of its own: the API server asks for it with the binding
			used = append(used, right{role.APIGroup, strings.ToLower(role.Kind) + "s", "bind", "", role.Name})
		}
		if seen[r] {
			continue
		}
		seen[r] = true
		if event.Annotations["authorization.k8s.io/decision"] == "forbid" {
			refused = append(refused, r)
		} else {
			used = append(used, r)
		}
	}
}

// readRoles takes the generated roles apart.
func readRoles(path string) ([]right, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the operator's roles: %w", err)
	}
	objects, err := kitei.Decode(content)
	if err != nil {
		return nil, err
	}
	var rights []right
	for _, object := range objects {
		var role rbacv1.ClusterRole // a Role has the same rules
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &role); err != nil {
			return nil, fmt.Errorf("read role %s: %w", object.GetName(), err)
		}
		for _, rule := range role.Rules {
			names := rule.ResourceNames
			if len(names) == 0 {
				names = []string{""}
			}
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						for _, name := range names {
							rights = append(rights, right{group, resource, verb, object.GetNamespace(), name})
						}
					}
				}
			}
		}
	}
	return rights, nil
}
