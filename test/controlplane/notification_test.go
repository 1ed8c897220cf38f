package controlplane

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/postbox"
	"kitei.dev/kitei/internal/message"
)

// The applicant is told by Event, mail and CloudEvent, once for each decision, though the mail server and the sink refuse at
// first and the operator is killed and started again.
func TestApplicantIsTold(t *testing.T) {
	sink := newSink(t)
	sink.answers = []int{http.StatusServiceUnavailable, http.StatusTooManyRequests}
	mail := newPostbox(t, sink, "")
	greylisted := map[string]bool{}
	mail.Refuse(func(to string) error {
		if !greylisted[to] {
			greylisted[to] = true
			return postbox.Say(450, "greylisted, come again")
		}
		return nil
	})
	notifyBy(t, mail, sink)
	b := newBureau(t, v1alpha1.SubjectGroup, false)
	address := b.hasAddresses(t, "a+b")
	told := b.submitted(t)
	reason := "運営委員会\nBcc: everybody@example.com\n可決"
	must(t, ways()["merge patch"](t.Context(), b.as(theCIO), told.Name, "status",
		map[string]any{"decision": "Approved", "decisionReason": reason}))
	approved := isTold(t, told.Name, v1alpha1.DecisionApproved)
	mails, posted := mail.Mails(), sink.events()
	if len(mails) != 1 || len(posted) != 1 {
		t.Fatalf("%d mails and %d CloudEvents", len(mails), len(posted))
	}
	id := fmt.Sprintf("%s.%d.approved", approved.UID, approved.Generation)
	checkMail(t, &mails[0], address[0], id, "【承認】試験システムの導入（"+told.Name+"）", "規程第12条第5項",
		"結果: 承認", "「試験システム」（"+b.name+"）", "情報統括責任者（管理部長）", "JST", "理由: 運営委員会 Bcc: everybody@example.com 可決")
	if e := posted[0]; e.ID() != id || e.Type() != "dev.kitei.changeapproval.approved.v1" || e.Subject() != told.Name ||
		!strings.Contains(string(e.Data()), `"decision":"Approved"`) || strings.Contains(e.String(), "可決") ||
		strings.Contains(e.String(), b.officers[theCIO].username) {
		t.Errorf("the CloudEvent is %s", e)
	}
	for _, channel := range []v1alpha1.NotificationChannel{v1alpha1.ChannelMail, v1alpha1.ChannelCloudEvent} {
		if record := recordOf(approved, v1alpha1.DecisionApproved, channel); record.Attempts < 2 || record.LastFailure != "" {
			t.Errorf("%s is recorded as %+v", channel, record)
		}
	}
	said := get(t, &eventsv1.Event{}, metav1.NamespaceDefault, told.Name+"."+id)
	if said.Regarding.UID != approved.UID || said.Reason != "Approved" || !strings.Contains(said.Note, "【承認】") {
		t.Errorf("the Event is %+v", said)
	}

	env.operator.Kill()
	must(t, env.startOperator(t.Context()))
	must(t, decide(b.as(theCIO), told.Name, v1alpha1.DecisionRevoked))
	isTold(t, told.Name, v1alpha1.DecisionRevoked)
	mails, posted = mail.Mails(), sink.events()
	if len(mails) != 2 || len(posted) != 2 { // the approval was not told again
		t.Fatalf("%d mails and %d CloudEvents", len(mails), len(posted))
	}
	checkMail(t, &mails[1], address[0], strings.Replace(id, "approved", "revoked", 1), "【取消】", "結果: 取消", "理由: 記載なし")
	if got := posted[1].Type(); got != "dev.kitei.changeapproval.revoked.v1" {
		t.Errorf("the second CloudEvent is %s", got)
	}
}

// A mail server that is down keeps nothing else from being told, and the mail waits for it, over a restart of the operator.
func TestMailServerIsDown(t *testing.T) {
	sink := newSink(t)
	mail := newPostbox(t, sink, "")
	address := mail.Address()
	mail.Close()
	notifyBy(t, mail, sink)
	b := newBureau(t, v1alpha1.SubjectUser, false)
	b.hasAddresses(t, "head")
	var names []string
	for _, decision := range []v1alpha1.Decision{v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned} {
		a := b.submitted(t)
		must(t, decide(b.as(theCIO), a.Name, decision))
		names = append(names, a.Name)
		waits := notified(t, a.Name, metav1.ConditionFalse, v1alpha1.ReasonPending, "Unreachable", "メール")
		eventually(t, "the other channels tell", func(ctx context.Context) error {
			for _, channel := range []v1alpha1.NotificationChannel{v1alpha1.ChannelEvent, v1alpha1.ChannelCloudEvent} {
				if err := env.admin.Get(ctx, client.ObjectKey{Name: a.Name}, waits); err != nil {
					return err
				}
				if record := recordOf(waits, decision, channel); record.State != v1alpha1.NotificationDelivered {
					return fmt.Errorf("%s is recorded as %+v", channel, record)
				}
			}
			return nil
		})
	}
	// An approval that is revoked before anybody learnt of it is told still, and in its order.
	must(t, decide(b.as(theCIO), names[0], v1alpha1.DecisionRevoked))
	env.operator.Kill()
	must(t, env.startOperator(t.Context()))
	mail = newPostbox(t, sink, address)
	for _, name := range names {
		notified(t, name, metav1.ConditionTrue, v1alpha1.ReasonDelivered)
	}
	var results []string
	seen := map[string]bool{}
	for _, letter := range mail.Mails() {
		if seen[letter.Header.Get("Message-Id")] {
			t.Errorf("told twice: %s", letter.Subject)
		}
		seen[letter.Header.Get("Message-Id")] = true
		result, _, _ := strings.Cut(letter.Subject, "】")
		results = append(results, result)
	}
	if len(results) != 4 || slices.Index(results, "【承認") > slices.Index(results, "【取消") {
		t.Errorf("the mails are %v", results)
	}
	if posted := sink.events(); len(posted) != 4 {
		t.Errorf("%d CloudEvents", len(posted))
	}
}

// The one way to a second mail: the operator dies after the server took the first and before that is on record. It bears the
// same Message-ID.
func TestMailIsSentAgainAfterACrash(t *testing.T) {
	sink := newSink(t)
	mail := newPostbox(t, sink, "")
	notifyBy(t, mail, sink)
	b := newBureau(t, v1alpha1.SubjectUser, false)
	b.hasAddresses(t, "head")
	a := b.submitted(t)
	died := make(chan struct{})
	mail.Taken(func(string) {
		env.operator.Kill()
		close(died)
	})
	must(t, decide(b.as(theCIO), a.Name, v1alpha1.DecisionDenied))
	<-died
	if record := recordOf(get(t, &v1alpha1.ChangeApproval{}, "", a.Name), v1alpha1.DecisionDenied, v1alpha1.ChannelMail); record.State !=
		v1alpha1.NotificationSending {
		t.Errorf("the record says %+v", record)
	}
	must(t, env.startOperator(t.Context()))
	isTold(t, a.Name, v1alpha1.DecisionDenied)
	mails := mail.Mails()
	if len(mails) != 2 || mails[0].Header.Get("Message-Id") != mails[1].Header.Get("Message-Id") || mails[0].Text != mails[1].Text {
		t.Errorf("%d mails: %+v", len(mails), mails)
	}
}

// Without an address the condition says so and the rest is told; the mail goes out when there is one. One address that the server
// refuses for good keeps no other from being told, nobody twice, and the mended address is told at once.
func TestOfficeWithoutAnAddress(t *testing.T) {
	sink := newSink(t)
	mail := newPostbox(t, sink, "")
	notifyBy(t, mail, sink)
	b := newBureau(t, v1alpha1.SubjectUser, true)
	minor := b.application(v1alpha1.ChangeMinor)
	must(t, b.as(usingSectionHead).Create(t.Context(), minor))
	must(t, decide(b.as(digitalHead), minor.Name, v1alpha1.DecisionReturned))
	without := notified(t, minor.Name, metav1.ConditionFalse, v1alpha1.ReasonNoAddress, "利用する課の長（利用課長）", "spec.head.emails")
	if record := recordOf(without, v1alpha1.DecisionReturned, v1alpha1.ChannelEvent); record.State != v1alpha1.NotificationDelivered {
		t.Errorf("the Event is recorded as %+v", record)
	}
	mail.Refuse(func(to string) error {
		if strings.HasPrefix(to, "left") {
			return postbox.Say(550, "no such user")
		}
		return nil
	})
	section := &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: b.name + "-using"}}
	setAddresses(t, section, "left@arakawa.example", "stays@arakawa.example")
	refusal := notified(t, minor.Name, metav1.ConditionFalse, v1alpha1.ReasonNotificationFailed, "Rejected")
	if record := recordOf(refusal, v1alpha1.DecisionReturned, v1alpha1.ChannelMail); !slices.Equal(record.DeliveredTo,
		[]v1alpha1.MailAddress{"stays@arakawa.example"}) || record.State != v1alpha1.NotificationRefused {
		t.Errorf("the mail is recorded as %+v", record)
	}
	setAddresses(t, section, "new@arakawa.example", "stays@arakawa.example")
	notified(t, minor.Name, metav1.ConditionTrue, v1alpha1.ReasonDelivered, "stays@arakawa.example", "new@arakawa.example")
	var to []string
	for _, letter := range mail.Mails() {
		to = append(to, letter.To)
		checkMail(t, &letter, v1alpha1.MailAddress(letter.To), "", "【差戻し】", "規程第13条第2項", "情報管理責任者（デジタル推進課長）")
	}
	if !slices.Equal(to, []string{"stays@arakawa.example", "new@arakawa.example"}) {
		t.Errorf("mails went to %v", to)
	}
}

// What nobody attested is told to nobody; nor is what was decided before there was a mail server.
func TestWhatIsNotTold(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	b.hasAddresses(t, "head")
	before := b.decided(t, v1alpha1.DecisionDenied)
	if record := recordOf(before, v1alpha1.DecisionDenied, v1alpha1.ChannelMail); record.State != v1alpha1.NotificationNotConfigured {
		t.Errorf("the mail is recorded as %+v", record)
	}
	sink := newSink(t)
	mail := newPostbox(t, sink, "")
	notifyBy(t, mail, sink)
	unattested := b.submitted(t)
	withoutWebhooks(t, func() {
		must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
			object := get(t, &v1alpha1.ChangeApproval{}, "", unattested.Name)
			object.Status.Decision, object.Status.DecidedBy = v1alpha1.DecisionDenied, object.Spec.Submission.By
			object.Status.DecidedAs, object.Status.DecidedAt = v1alpha1.RoleChiefInformationOfficer, &object.Spec.Submission.At
			object.Status.DecidedGeneration = object.Generation
			return env.admin.Status().Update(t.Context(), object)
		}))
	})
	notified(t, unattested.Name, metav1.ConditionFalse, v1alpha1.ReasonUnattested)
	after := b.submitted(t)
	notified(t, after.Name, metav1.ConditionFalse, v1alpha1.ReasonPending)
	must(t, decide(b.as(theCIO), after.Name, v1alpha1.DecisionDenied))
	isTold(t, after.Name, v1alpha1.DecisionDenied)
	if mails := mail.Mails(); len(mails) != 1 || !strings.Contains(mails[0].Subject, after.Name) {
		t.Errorf("the mails are %+v", mails)
	}
	if posted := sink.events(); len(posted) != 1 || posted[0].Subject() != after.Name {
		t.Errorf("the CloudEvents are %v", posted)
	}
}

func checkMail(t *testing.T, letter *postbox.Mail, to v1alpha1.MailAddress, id string, words ...string) {
	t.Helper()
	if letter.To != string(to) || letter.From != "kitei@arakawa.example" || letter.Header.Get("Bcc") != "" ||
		id != "" && letter.Header.Get("Message-Id") != "<"+id+"@kitei.dev>" {
		t.Errorf("the mail from %s to %s has the header %v", letter.From, letter.To, letter.Header)
	}
	for _, word := range words {
		if !strings.Contains(letter.Subject+"\n"+letter.Text, word) {
			t.Errorf("the mail does not say %q: %s\n%s", word, letter.Subject, letter.Text)
		}
	}
}

// notifyBy makes the Regulation tell by a mail server and a sink for the rest of a test.
func notifyBy(t *testing.T, mail *postbox.Postbox, s *sink) {
	t.Helper()
	eventually(t, "what was decided before is told, or was not to be", func(ctx context.Context) error {
		var all v1alpha1.ChangeApprovalList
		if err := env.admin.List(ctx, &all); err != nil {
			return err
		}
		for i := range all.Items {
			told := meta.FindStatusCondition(all.Items[i].Status.Conditions, v1alpha1.ConditionNotified)
			if all.Items[i].Status.Decision != "" && (told == nil || told.Reason == v1alpha1.ReasonPending) {
				return fmt.Errorf("%s is not: %v", all.Items[i].Name, told)
			}
		}
		return nil
	})
	for name, data := range map[string]map[string]string{
		v1alpha1.SMTPSecret: {"username": "kitei", "password": "mail-password"}, v1alpha1.CloudEventsSecret: {"token": "sink-token"},
	} {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.OperatorNamespace, Name: name}, StringData: data}
		must(t, env.admin.Create(t.Context(), secret))
		t.Cleanup(func() {
			if err := env.admin.Delete(context.Background(), secret); err != nil {
				t.Errorf("delete the Secret: %v", err)
			}
		})
	}
	setRegulation(t, func(r *v1alpha1.Regulation) {
		r.Spec.Notification = v1alpha1.Notification{
			SMTP: &v1alpha1.SMTP{Address: mail.Address(), From: "kitei@arakawa.example", TLS: v1alpha1.MailStartTLS,
				Authentication: v1alpha1.AuthenticationSecret, CABundle: s.ca},
			CloudEvents: &v1alpha1.CloudEventSink{URL: s.server.URL, Authentication: v1alpha1.AuthenticationSecret, CABundle: s.ca},
		}
	})
}

// newPostbox starts a mail server with the sink's certificate; on a free port without an address.
func newPostbox(t *testing.T, s *sink, address string) *postbox.Postbox {
	t.Helper()
	p, err := postbox.Start(postbox.Options{Address: address, TLS: &tls.Config{Certificates: s.server.TLS.Certificates},
		Username: "kitei", Password: "mail-password"})
	must(t, err)
	t.Cleanup(p.Close)
	return p
}

// sink takes CloudEvents by https from who has its token.
type sink struct {
	server *httptest.Server
	ca     string
	mutex  sync.Mutex
	// answers instead of taking an event, to the first of them.
	answers []int
	taken   []event.Event
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{}
	s.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		e, err := cehttp.NewEventFromHTTPRequest(request)
		switch {
		case request.Header.Get("Authorization") != "Bearer sink-token":
			w.WriteHeader(http.StatusUnauthorized)
		case len(s.answers) > 0:
			w.WriteHeader(s.answers[0])
			s.answers = s.answers[1:]
		case err != nil || e.Validate() != nil:
			w.WriteHeader(http.StatusBadRequest)
		default:
			s.taken = append(s.taken, *e)
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	s.ca = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw}))
	t.Cleanup(s.server.Close)
	return s
}

func (s *sink) events() []event.Event {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.taken)
}

// hasAddresses registers addresses of the head of the managing department, who applies.
func (b *bureau) hasAddresses(t *testing.T, names ...string) []v1alpha1.MailAddress {
	t.Helper()
	var addresses []v1alpha1.MailAddress
	for _, name := range names {
		addresses = append(addresses, v1alpha1.MailAddress(name+"@arakawa.example"))
	}
	setAddresses(t, &v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: b.name + "-managing"}}, addresses...)
	return addresses
}

func setAddresses(t *testing.T, unit client.Object, addresses ...v1alpha1.MailAddress) {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"spec": map[string]any{"head": map[string]any{"emails": addresses}}})
	must(t, err)
	must(t, env.admin.Patch(t.Context(), unit, client.RawPatch(types.MergePatchType, raw)))
}

// isTold waits until a decision was told by every channel that there is.
func isTold(t *testing.T, name string, decision v1alpha1.Decision) *v1alpha1.ChangeApproval {
	t.Helper()
	return notified(t, name, metav1.ConditionTrue, v1alpha1.ReasonDelivered, message.In("ja").Say(message.ID("Notice"+decision)))
}

// notified waits for the condition, and for words in its message.
func notified(t *testing.T, name string, status metav1.ConditionStatus, reason string, words ...string) *v1alpha1.ChangeApproval {
	t.Helper()
	var a v1alpha1.ChangeApproval
	eventually(t, "the notification of "+name, func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKey{Name: name}, &a); err != nil {
			return err
		}
		if err := condition(a.Status.Conditions, v1alpha1.ConditionNotified, status, reason); err != nil {
			return fmt.Errorf("%w; recorded: %+v", err, a.Status.Notifications)
		}
		for _, word := range words {
			if text := meta.FindStatusCondition(a.Status.Conditions, v1alpha1.ConditionNotified).Message; !strings.Contains(text, word) {
				return fmt.Errorf("the condition does not say %q: %s", word, text)
			}
		}
		return nil
	})
	return &a
}

func recordOf(a *v1alpha1.ChangeApproval, decision v1alpha1.Decision, channel v1alpha1.NotificationChannel) v1alpha1.NotificationRecord {
	for _, record := range a.Status.Notifications {
		if record.Decision == decision && record.Channel == channel {
			return record
		}
	}
	return v1alpha1.NotificationRecord{}
}
