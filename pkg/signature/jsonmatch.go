package signature

import (
	"encoding/json"
	"slices"
)

// active is a node of the path tree that a scan must keep in mind at a value: either the path has
// arrived at this value, or the node is looked for at any depth below it.
type active struct {
	node    *pathNode
	arrived bool
	first   bool // it arrived for the first time
}

// member reads the value of an object's key, or that at an array's index.
func (s *scanner) member(from, to, depth int, key []byte, index int) bool {
	bottom := len(s.stack)
	if to > from {
		s.descend(from, to, unquoted(key), index)
	}
	ok := s.value(bottom, len(s.stack), depth+1)
	s.stack = s.stack[:bottom]
	return ok
}

// descend pushes what is active one level below stack[from:to].
func (s *scanner) descend(from, to int, key []byte, index int) {
	bottom := len(s.stack)
	for i := from; i < to; i++ {
		if at := s.stack[i]; at.arrived {
			for _, child := range at.node.children {
				s.step(bottom, child, key, index)
			}
		} else {
			s.step(bottom, at.node, key, index)
		}
	}
}

func (s *scanner) step(bottom int, n *pathNode, key []byte, index int) {
	if n.deep {
		s.push(bottom, active{node: n})
	}
	if n.matches(key, index) && s.push(bottom, active{node: n, arrived: true}) {
		s.arrive(&s.stack[len(s.stack)-1])
	}
}

// push keeps the number of entries of a level below twice the number of nodes.
func (s *scanner) push(bottom int, a active) bool {
	for _, have := range s.stack[bottom:] {
		if have.node == a.node && have.arrived == a.arrived {
			return false
		}
	}
	s.stack = append(s.stack, a)
	return true
}

// arrive notices a key that is there twice. It makes everything at and below it ambiguous: the
// sender's parser and the receiver's may well disagree on which one counts.
func (s *scanner) arrive(a *active) {
	a.first = !s.seen[a.node.id]
	s.seen[a.node.id] = true
	if !a.first && !a.node.loose {
		s.confuse(a.node)
	}
}

func (s *scanner) confuse(n *pathNode) {
	if n.slot >= 0 {
		s.spans[n.slot].state = ambiguous
	}
	for _, c := range n.children {
		s.confuse(c)
	}
}

// note records where the value of stack[from:to] was.
func (s *scanner) note(from, to int, where span) {
	for _, a := range s.stack[from:to] {
		if a.first && a.node.slot >= 0 && s.spans[a.node.slot].state == absent {
			s.spans[a.node.slot] = where
		}
	}
}

// unquoted is a key without its quotes and escapes. A key that cannot be decoded matches nothing.
func unquoted(key []byte) []byte {
	if len(key) < 2 {
		return nil
	}
	if slices.Contains(key, '\\') {
		var text string
		if json.Unmarshal(key, &text) != nil {
			return nil
		}
		return []byte(text)
	}
	return key[1 : len(key)-1]
}
