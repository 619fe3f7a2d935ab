package transform

import (
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// reads reports whether a query may look at its input, or at the variable $form, which is made of it. What it does
// not know looks.
func reads(q *gojq.Query) bool {
	switch {
	case q == nil:
		return false
	case q.Meta != nil || len(q.Imports) > 0 || len(q.FuncDefs) > 0:
		return true
	case q.Term != nil:
		return termReads(q.Term)
	case q.Op == gojq.OpPipe && len(q.Patterns) == 0:
		return reads(q.Left) || usesForm(q.Right) // whose input is the left one's result
	case slices.Contains([]gojq.Operator{
		gojq.OpPipe, gojq.OpComma, gojq.OpAlt, gojq.OpOr, gojq.OpAnd, gojq.OpAdd, gojq.OpSub, gojq.OpMul, gojq.OpDiv, gojq.OpMod,
		gojq.OpEq, gojq.OpNe, gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe,
	}, q.Op):
		return reads(q.Left) || reads(q.Right) || slices.ContainsFunc(q.Patterns, func(p *gojq.Pattern) bool { return p.Name == "" })
	default:
		return true
	}
}

const formVariable = "$form"

// usesForm reports whether the text of a query names the form.
func usesForm(q *gojq.Query) bool { return strings.Contains(q.String(), formVariable) }

// termReads is reads for one term.
func termReads(t *gojq.Term) bool {
	if slices.ContainsFunc(t.SuffixList, suffixReads) {
		return true
	}
	switch t.Type {
	case gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNumber:
		return false
	case gojq.TermTypeString:
		return textReads(t.Str)
	case gojq.TermTypeFormat:
		return t.Str == nil || textReads(t.Str)
	case gojq.TermTypeFunc:
		return !strings.HasPrefix(t.Func.Name, "$") || t.Func.Name == formVariable
	case gojq.TermTypeObject:
		return slices.ContainsFunc(t.Object.KeyVals, pairReads)
	case gojq.TermTypeArray:
		return reads(t.Array.Query)
	case gojq.TermTypeUnary:
		return termReads(t.Unary.Term)
	case gojq.TermTypeQuery:
		return reads(t.Query)
	case gojq.TermTypeIf:
		return ifReads(t.If)
	default:
		return true
	}
}

func suffixReads(s *gojq.Suffix) bool {
	return s.Index != nil && (textReads(s.Index.Str) || reads(s.Index.Start) || reads(s.Index.End))
}

func textReads(s *gojq.String) bool { return s != nil && slices.ContainsFunc(s.Queries, reads) }

// pairReads is reads for a pair of an object. A name alone is a value of the input, and a variable alone is none.
func pairReads(p *gojq.ObjectKeyVal) bool {
	alone := p.Val == nil && (!strings.HasPrefix(p.Key, "$") || p.Key == formVariable)
	return alone || textReads(p.KeyString) || reads(p.KeyQuery) || reads(p.Val)
}

func ifReads(i *gojq.If) bool {
	return reads(i.Cond) || reads(i.Then) || i.Else == nil || reads(i.Else) ||
		slices.ContainsFunc(i.Elif, func(e *gojq.IfElif) bool { return reads(e.Cond) || reads(e.Then) })
}
