package plugin

import (
	"errors"
	"strings"
)

// Exit codes. "check" uses all of them; the other commands 0 and 1.
const (
	exitOK     = 0
	exitNo     = 1 // refused, or something would be held or refused
	exitFailed = 2 // the check itself failed
)

// ExitError ends the program with a code.
type ExitError struct {
	// Code of the exit.
	Code int
	// Err says why; nil when everything was said already.
	Err error
}

// Error implements error.
func (e *ExitError) Error() string {
	if e.Err == nil {
		return "exit"
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// ExitCode is the code with which the program ends after a command returned err.
func ExitCode(err error) int {
	var exit *ExitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.Code
	}
	return exitNo
}

// errorLines are what is left to be said of an error.
func errorLines(err error) []string {
	var exit *ExitError
	if err == nil || errors.As(err, &exit) && exit.Err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// usage is the error of a command that was not called as it should be. The sentence comes from the catalogue.
func usage(sentence string) error { return errors.New(sentence) }

// failed says that the check itself failed, unless the error says how it ended.
func failed(err error) error {
	var exit *ExitError
	if err == nil || errors.As(err, &exit) {
		return err
	}
	return &ExitError{Code: exitFailed, Err: err}
}
