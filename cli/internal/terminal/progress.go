package terminal

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// often is how much time lies between two lines of progress where no bar can be drawn.
const often = 5 * time.Second

// Progress shows how far a long piece of work is: as a bar on a terminal, and
// elsewhere as a line now and then. It is used by one goroutine.
type Progress struct {
	out  io.Writer
	what string
	bar  *progressbar.ProgressBar // nil: lines
	now  func() time.Time
	told time.Time
}

// NewProgress starts to show on a writer what is being done; now is the clock. Done
// ends it.
func NewProgress(out io.Writer, style Style, what string, now func() time.Time) *Progress {
	p := &Progress{out: out, what: what, now: now, told: now()}
	if !style.live {
		return p
	}
	p.bar = progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription(what),
		progressbar.OptionEnableColorCodes(false),
		progressbar.OptionSetWidth(max(10, min(40, style.width-60))),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}),
	)
	return p
}

// Set shows that done of all are done. It does so at most some times a second; all is
// zero while it is not known.
func (p *Progress) Set(done, all int64) {
	if p.bar != nil {
		if all > 0 {
			p.bar.ChangeMax64(all)
		}
		_ = p.bar.Set64(done) // a bar that cannot be drawn stops no work
		return
	}
	if now := p.now(); now.Sub(p.told) >= often {
		p.told = now
		_, _ = fmt.Fprintln(p.out, p.what+": "+share(done, all)) // likewise
	}
}

// Done takes the bar away.
func (p *Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Clear() // as in Set
	}
}

func share(done, all int64) string {
	if all <= 0 {
		return fmt.Sprintf("%d done", done)
	}
	return fmt.Sprintf("%d of %d (%d %%)", done, all, min(100, done*100/all))
}
