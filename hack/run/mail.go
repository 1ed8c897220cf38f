package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"kitei.dev/kitei/hack/postbox"
)

// takeMail starts a mail server, for a Regulation that names it in spec.notification.smtp: the applicant's mail can be read then.
func (s *stage) takeMail(context.Context) error {
	var err error
	s.postbox, err = postbox.Start(postbox.Options{Address: fmt.Sprintf("127.0.0.1:%d", s.mailPort)})
	return err
}

// showMail says which mails came since it was last asked, and writes them to a file.
func (s *stage) showMail() error {
	mails := s.postbox.Mails()[s.mails:]
	if len(mails) == 0 {
		return nil
	}
	path := filepath.Join(s.dir, "mail.txt")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep the mail: %w", err)
	}
	defer file.Close()
	for i := range mails {
		letter := &mails[i]
		_, err := fmt.Fprintf(file, "From: %s\nTo: %s\nSubject: %s\n\n%s\n", letter.From, letter.To, letter.Subject, letter.Text)
		if err != nil {
			return fmt.Errorf("keep the mail: %w", err)
		}
		s.mails++
		s.say("mail to %s: %s", letter.To, letter.Subject)
	}
	return nil
}
