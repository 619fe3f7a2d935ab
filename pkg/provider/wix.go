package provider

import (
	"encoding/json"

	"github.com/penstock/penstock/pkg/signature"
)

// wixParts finds what is looked at in the texts that an event of Wix is wrapped in.
type wixParts struct{ claim, data, typ, instance *signature.Expr }

var wixPaths = func() wixParts {
	compile := func(text string) *signature.Expr {
		expr, err := signature.CompileExpr(signature.Strings{text})
		return must(expr, err)
	}
	return wixParts{
		claim: compile("body|jwt:data"), data: compile("json:data"), typ: compile("json:eventType"), instance: compile("json:instanceId"),
	}
}()

// openWix reads an event of Wix: a JWT whose claim `data` is JSON as text, whose
// member `data` is JSON as text again.
func openWix(r *signature.Request, _ []string) []byte {
	event := &signature.Request{Body: []byte(wixPaths.claim.Eval(r))}
	if len(event.Body) == 0 {
		return r.Body
	}
	typ, instance, data := wixPaths.typ.Eval(event), wixPaths.instance.Eval(event), wixPaths.data.Eval(event)
	opened := event.Body[:0] // what it holds was copied
	opened = append(opened, `{"eventType":`...)
	opened = append(opened, quoted(typ)...)
	opened = append(opened, `,"instanceId":`...)
	opened = append(opened, quoted(instance)...)
	head := len(opened)
	opened = append(opened, `,"data":`...)
	opened = append(opened, data...)
	opened = append(opened, '}')
	if !json.Valid(opened) {
		opened = append(opened[:head], '}')
	}
	return opened
}

func quoted(text string) []byte {
	data, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // a text always encodes
	}
	return data
}
