package config_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

const patience = 20 * time.Second

// follower collects what a Watch reports.
type follower struct {
	t       *testing.T
	changed chan *config.Config
	failed  chan error
}

type watch func(ctx context.Context, changed func(*config.Config), failed func(error))

// follow runs a Watch until the test ends.
func follow(t *testing.T, run watch) *follower {
	t.Helper()
	f := &follower{t, make(chan *config.Config, 100), make(chan error, 100)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx, func(c *config.Config) { f.changed <- c }, func(err error) { f.failed <- err })
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("Watch did not return")
		}
	})
	return f
}

// onEvents watches a file with events, and polls too slowly for a test.
func onEvents(path string) watch {
	return func(ctx context.Context, changed func(*config.Config), failed func(error)) {
		config.WatchEvery(ctx, 20*time.Millisecond, time.Hour, true, path, env(), changed, failed)
	}
}

// polling watches a file without events.
func polling(path string) watch {
	return func(ctx context.Context, changed func(*config.Config), failed func(error)) {
		config.WatchEvery(ctx, time.Hour, 10*time.Millisecond, false, path, env(), changed, failed)
	}
}

// until waits for a configuration whose source s has that provider. Refusals on
// the way are allowed: a file that is edited in place can be seen half-written.
func (f *follower) until(provider string) *config.Config {
	f.t.Helper()
	for end := time.After(patience); ; {
		select {
		case c := <-f.changed:
			if c.Sources["s"] != nil && c.Sources["s"].Provider == provider {
				return c
			}
		case <-end:
			f.t.Fatalf("no configuration with provider %s", provider)
		}
	}
}

// refusal waits for an error that holds text.
func (f *follower) refusal(text string) {
	f.t.Helper()
	for end := time.After(patience); ; {
		select {
		case err := <-f.failed:
			if strings.Contains(err.Error(), text) {
				return
			}
		case <-end:
			f.t.Fatalf("no error with %q", text)
		}
	}
}

func with(provider string) string {
	return "sources: {s: {provider: " + provider + `, secrets: ["${SIGNING}"]}}` + "\n"
}

// replace puts new content in place of a file by a rename, as most editors do.
func replace(t *testing.T, content, path string) {
	t.Helper()
	require.NoError(t, os.Rename(write(t, content, path+".tmp"), path))
}

func TestWatchBeginsWithTheFileAsItIs(t *testing.T) {
	t.Parallel()
	f := follow(t, onEvents(write(t, with("github"), t.TempDir(), "p.yaml")))
	f.until("github")
}

func TestWatchSeesAnEditInPlace(t *testing.T) {
	t.Parallel()
	file := write(t, with("github"), t.TempDir(), "p.yaml")
	f := follow(t, onEvents(file))
	f.until("github")
	write(t, with("stripe"), file)
	f.until("stripe")
	write(t, with("slack"), file)
	f.until("slack")
}

func TestWatchSeesARename(t *testing.T) {
	t.Parallel()
	file := write(t, with("github"), t.TempDir(), "p.yaml")
	f := follow(t, onEvents(file))
	f.until("github")
	for _, provider := range []string{"stripe", "slack", "github"} {
		replace(t, with(provider), file)
		f.until(provider)
	}
}

func TestWatchRefusesWhatIsInvalidAndGoesOn(t *testing.T) {
	t.Parallel()
	file := write(t, with("github"), t.TempDir(), "p.yaml")
	f := follow(t, onEvents(file))
	f.until("github")
	replace(t, with("githb"), file)
	f.refusal("did you mean github")
	require.NoError(t, os.Remove(file))
	f.refusal("no such file")
	replace(t, with("github"), file)
	f.until("github")
	require.Empty(t, f.changed, "what was refused must not be handed over")
}

func TestWatchReportsAContentOnce(t *testing.T) {
	t.Parallel()
	file := write(t, with("github"), t.TempDir(), "p.yaml")
	f := follow(t, polling(file))
	f.until("github")
	replace(t, "sources: {}}", file)
	f.refusal("not YAML")
	replace(t, with("stripe"), file)
	f.until("stripe")
	replace(t, with("stripe"), file)
	replace(t, with("slack"), file)
	f.until("slack")
	require.Empty(t, f.failed)
	require.Empty(t, f.changed)
}

func TestWatchPollsWhereThereAreNoEvents(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "none yet", "p.yaml")
	f := follow(t, polling(file))
	f.refusal("no such file")
	write(t, with("github"), file)
	f.until("github")
	replace(t, with("stripe"), file)
	f.until("stripe")
}

func TestWatchBeginsWithWhatWasLoaded(t *testing.T) {
	t.Parallel()
	file := write(t, with("github"), t.TempDir(), "p.yaml")
	loaded, err := config.Load(file, env(), config.Sources)
	require.NoError(t, err)
	watch := func(ctx context.Context, changed func(*config.Config), failed func(error)) {
		config.Watch(ctx, file, loaded, env(), changed, failed, config.Sources)
	}

	f := follow(t, watch)
	replace(t, with("stripe"), file)
	c := <-f.changed
	require.Equal(t, "stripe", c.Sources["s"].Provider, "what was loaded is not news")
	require.True(t, c.Read.After(loaded.Read))

	f = follow(t, watch)
	c = <-f.changed
	require.Equal(t, "stripe", c.Sources["s"].Provider, "changed before Watch began")
}

func TestWatchWithItsOwnTimes(t *testing.T) {
	t.Parallel()
	file := write(t, with("github"), t.TempDir(), "p.yaml")
	f := follow(t, func(ctx context.Context, changed func(*config.Config), failed func(error)) {
		config.Watch(ctx, file, nil, env(), changed, failed, config.Sources)
	})
	f.until("github")
	replace(t, with("stripe"), file)
	f.until("stripe")
}
