package doctor

// Status says how good a finding is.
type Status string

// The statuses.
const (
	OK      Status = "ok"
	Warning Status = "warning" // it works, and deserves a look
	Error   Status = "error"   // it does not work
	Skipped Status = "skipped" // it was not looked at
)

// Finding is what a check found.
type Finding struct {
	Check  string `json:"check"` // what was looked at, such as broker
	Status Status `json:"status"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"` // what to do; empty with OK
}

func ok(text string) Finding { return Finding{Status: OK, Text: text} }
func warning(text, remedy string) Finding {
	return Finding{Status: Warning, Text: text, Remedy: remedy}
}
func failure(text, remedy string) Finding { return Finding{Status: Error, Text: text, Remedy: remedy} }
func skipped(text, remedy string) Finding {
	return Finding{Status: Skipped, Text: text, Remedy: remedy}
}
func (f Finding) of(check string) Finding { f.Check = check; return f }
