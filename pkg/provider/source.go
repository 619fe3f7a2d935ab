package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// Source verifies, answers and identifies the requests of one configured source.
// It is safe for concurrent use.
type Source struct {
	preset    *Preset // nil for a custom scheme
	options   Options
	verifier  verifier
	id, typ   *signature.Expr
	questions []*question
	reply     reply
	key       []byte // of the answers to handshakes
	allowed   []comparison
	required  []pattern

	identifies bool     // there is an expression for the id
	signsID    bool     // and what it finds is signed
	signsForm  bool     // what is signed of the body is the fields of a form
	signedIn   []string // the fields that hold the signature
}

// verifier decides about a request. Package signature's engine is one; what no
// scheme can express is another.
type verifier interface {
	Verify(ctx context.Context, r *signature.Request, now time.Time) signature.Result
}

// unwrapper is a verifier of providers that wrap the event, for instance in a
// JWT. Handshakes, id and type are looked up in what it returns as the body.
type unwrapper interface {
	unwrap(r *signature.Request) []byte
}

// asker is a verifier that answers a question itself, because the answer needs
// more than a template.
type asker interface {
	ask(ctx context.Context, r *signature.Request, verified bool) (Answer, bool)
	askedWith() string // the HTTP method of its questions
}

// New compiles a preset for one source. The error lists every problem, each
// starting with the key of the configuration that it is about.
func New(p *Preset, o Options) (*Source, error) {
	if err := o.validate(p); err != nil {
		return nil, err
	}
	o.Config = o.settings(p)
	source := &Source{preset: p, options: o}
	c := &compiler{}
	source.reply = c.reply("reply", p.Reply)
	for i, h := range p.Handshakes {
		inner := &compiler{}
		source.questions = append(source.questions, inner.question(h))
		c.note(fmt.Sprintf("handshakes[%d]", i), errors.Join(inner.problems...))
	}
	source.identity(c, p.EventID, p.EventType)
	source.signsID = p.signs(o.Config)
	source.signsForm, source.signedIn = p.form()
	source.allowed = c.allowed(p.Allow, o.Config)
	source.required = c.patterns("require", p.Require)
	var err error
	if source.verifier, err = newVerifier(p, o); err != nil {
		c.problems = append(c.problems, err)
	}
	if source.key, err = p.replyKey(o); err != nil {
		c.problems = append(c.problems, fmt.Errorf("secrets: %w", err))
	}
	if err := errors.Join(c.problems...); err != nil {
		return nil, err
	}
	return source, nil
}

// replyKey is the key of the answers to handshakes: the first secret, decoded as
// the scheme says. A secret that decodes otherwise is not for answers.
func (p *Preset) replyKey(o Options) ([]byte, error) {
	if len(p.Handshakes) == 0 || len(o.Secrets) == 0 {
		return nil, nil
	}
	switch p.Scheme.Key {
	case "pem", "x509", "spki-b64":
		return []byte(o.Secrets[0]), nil
	}
	return signature.DecodeKey(p.Scheme.Key, o.Secrets[0])
}

// Custom compiles a scheme that an operator wrote. Its requests are identified
// by the scheme's ID and Type. There are no handshakes, and no reply of its own.
func Custom(scheme signature.Scheme, o Options) (*Source, error) {
	c := &compiler{}
	source := &Source{options: o}
	source.identity(c, scheme.ID, scheme.Type)
	source.signsID = scheme.Covers(scheme.ID)
	source.signsForm, source.signedIn = (&Preset{Scheme: scheme}).form()
	var err error
	if source.verifier, err = newEngine(scheme, o); err != nil {
		c.problems = append(c.problems, err)
	}
	if err := errors.Join(c.problems...); err != nil {
		return nil, err
	}
	return source, nil
}

func (s *Source) identity(c *compiler, id, typ signature.Strings) {
	var err error
	s.identifies = len(id) > 0
	s.id, err = signature.CompileExpr(id)
	c.note("eventID", err)
	s.typ, err = signature.CompileExpr(typ)
	c.note("eventType", err)
}

// Methods lists the HTTP methods that the source needs: POST, and what its
// handshakes and its preset add, sorted.
func (s *Source) Methods() []string {
	methods := []string{http.MethodPost}
	if s.preset != nil {
		methods = append(methods, s.preset.Methods...)
	}
	for _, q := range s.questions {
		methods = append(methods, q.method)
	}
	if asker, ok := s.verifier.(asker); ok {
		methods = append(methods, asker.askedWith())
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// Verify decides whether the provider sent the request. It fetches keys over the
// network only for presets that say so, and then no longer than ctx allows.
func (s *Source) Verify(ctx context.Context, r *signature.Request, now time.Time) signature.Result {
	filled := s.fill(r)
	result := s.verifier.Verify(ctx, filled, now)
	switch {
	case !result.OK:
		return result
	case !all(s.allowed, func(c comparison) bool { return c.amongWords(scope{request: filled}) }):
		return refuse(signature.BadToken)
	case !all(s.required, func(p pattern) bool { return p.matches(filled) }):
		return refuse(signature.NoEvent)
	default:
		return result
	}
}

// Handshake answers the request if it is a question of the provider. Call it with
// verified false before verifying the request, and with true afterwards; what it
// answered is not an event. It calls the network only to confirm a subscription,
// and only after verification.
func (s *Source) Handshake(ctx context.Context, r *signature.Request, verified bool) (Answer, bool) {
	asker, asks := s.verifier.(asker)
	if len(s.questions) == 0 && !asks {
		return Answer{}, false
	}
	if !verified && len(r.Body) > maxQuestion {
		return Answer{}, false
	}
	asked := s.scope(r)
	for _, q := range s.questions {
		if q.verified == verified && (q.store == nil || s.options.Pending) && q.asked(asked) {
			return s.answer(q, asked), true
		}
	}
	if asks {
		return asker.ask(ctx, asked.request, verified)
	}
	return Answer{}, false
}

func (s *Source) answer(q *question, asked scope) Answer {
	if !q.allowed(asked) {
		return Answer{Status: q.refuse}
	}
	answer, err := q.reply.render(asked)
	if err != nil {
		return Answer{Status: http.StatusBadRequest}
	}
	if q.store != nil {
		if secret := q.store.Eval(asked.request); len(secret) <= maxEcho {
			answer.Secret = secret
		}
	}
	return answer
}

// Reply returns what the provider wants to hear for the accepted event r: at
// least 200 with an empty body. It is false for a custom scheme: the caller then
// answers in its own way.
func (s *Source) Reply(r *signature.Request) (Answer, bool) {
	if s.preset == nil {
		return Answer{}, false
	}
	asked := scope{request: r, key: s.key}
	if s.reply.echoes() {
		asked = s.scope(r)
	}
	answer, err := s.reply.render(asked)
	if err != nil {
		return Answer{Status: s.reply.status}, true // what cannot be echoed is left out
	}
	return answer, true
}

// Deadline returns how long the provider waits for a reply. Zero: not known.
func (s *Source) Deadline() time.Duration {
	if s.preset == nil {
		return 0
	}
	return s.preset.Deadline
}

// fill adds the source's own settings to a request, and leaves r as it is. Without any it
// is r.
func (s *Source) fill(r *signature.Request) *signature.Request {
	if s.options.PublicURL == "" && len(s.options.Config)+len(r.Config) == 0 {
		return r
	}
	filled := *r
	filled.Config = s.options.Config
	if s.options.PublicURL != "" {
		filled.PublicURL = s.options.PublicURL
	}
	return &filled
}

func (s *Source) unwrapped(r *signature.Request) *signature.Request {
	filled := s.fill(r)
	wrapped, ok := s.verifier.(unwrapper)
	if !ok {
		return filled
	}
	return withBody(filled, wrapped.unwrap(filled))
}

func (s *Source) scope(r *signature.Request) scope { return scope{request: s.unwrapped(r), key: s.key} }
