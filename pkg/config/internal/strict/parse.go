package strict

import (
	"bytes"
	"errors"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// parse returns the body of the one document in data, or nil after it added a
// problem.
func (d *decoder) parse(data []byte) ast.Node {
	file, err := parseFile(bytes.TrimPrefix(data, []byte("\ufeff"))) // a byte order mark
	if err != nil {
		d.syntax(err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case body != nil:
			d.addf(position(doc.Body), "", "there is a second document; the file holds one")
			return body
		default:
			body = doc.Body
		}
	}
	if body == nil {
		d.addf(Position{}, "", "the file is empty")
	}
	return body
}

// parseFile turns a panic of the parser into an error: a mistyped file must not
// stop the process that watches it.
func parseFile(data []byte) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("is not YAML that can be read")
		}
	}()
	return parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
}

// syntax adds the parser's error without the lines of the file that the
// parser would show along with it.
func (d *decoder) syntax(err error) {
	var detailed yaml.Error
	if !errors.As(err, &detailed) {
		d.addf(Position{}, "", "is not YAML that can be read")
		return
	}
	d.addf(tokenPosition(detailed.GetToken()), "", "is not YAML: %s", safeMessage(detailed.GetMessage()))
}

// quoted matches what the parser quotes of the file. It puts its own words in
// single quotes.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// safeMessage leaves out what the parser quotes of the file.
func safeMessage(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return quoted.ReplaceAllString(text, "…")
}

// position returns where a node starts. A block mapping's own token is the colon
// after its first key, so the key counts there.
func position(n ast.Node) Position {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return position(m.Values[0].Key)
	}
	return tokenPosition(n.GetToken())
}

func tokenPosition(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{}
	}
	return Position{Line: t.Position.Line, Column: t.Position.Column}
}

// resolve follows anchors and aliases. It returns nil after it added a problem.
func (d *decoder) resolve(n ast.Node, path string) ast.Node {
	for range maxAliases {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.AliasNode:
			target, ok := d.anchors[v.Value.GetToken().Value]
			switch {
			case !ok:
				// The name is not quoted: it can be a secret that begins with *.
				d.addf(position(v), path, "there is no anchor for this alias; text that begins with * needs quotes")
				return nil
			case d.within[target]:
				d.addf(position(v), path, "the alias refers to what it is part of")
				return nil
			}
			n = target
		case *ast.TagNode:
			d.addf(position(v), path, "YAML tags are not supported")
			return nil
		default:
			return n
		}
	}
	d.addf(position(n), path, "the alias refers to itself")
	return nil
}

// anchors finds every anchor of the document. Of two with one name the last counts.
type anchors map[string]ast.Node

// Visit implements ast.Visitor.
func (a anchors) Visit(n ast.Node) ast.Visitor {
	if v, ok := n.(*ast.AnchorNode); ok {
		a[v.Name.GetToken().Value] = v.Value
	}
	return a
}
