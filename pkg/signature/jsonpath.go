package signature

import (
	"errors"
	"strconv"
	"strings"
)

// maxPath bounds the number of segments of a path.
const maxPath = 32

// segment is one step of a JSON path.
type segment struct {
	key   string
	index int  // the same as an array index, or -1
	deep  bool // at any depth below
}

// parsePath reads "a.0.b", "a..b" and "a\.b".
func parsePath(text string) ([]segment, error) {
	var path []segment
	deep, key := false, strings.Builder{}
	flush := func() error {
		if key.Len() == 0 {
			if deep {
				return errors.New("a JSON path has more than two dots in a row")
			}
			deep = true
			return nil
		}
		path = append(path, segment{key: key.String(), index: arrayIndex(key.String()), deep: deep})
		deep = false
		key.Reset()
		return nil
	}
	if strings.HasPrefix(text, ".") && !strings.HasPrefix(text, "..") {
		return nil, errors.New("a JSON path must begin with a key, or with two dots")
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			key.WriteByte(text[i])
		case text[i] == '.' && i == 0:
			// The first of the two dots of a leading "..".
		case text[i] == '.':
			if err := flush(); err != nil {
				return nil, err
			}
		default:
			key.WriteByte(text[i])
		}
	}
	if key.Len() == 0 {
		return nil, errors.New("a JSON path must end with a key")
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if len(path) > maxPath {
		return nil, errors.New("a JSON path is too long")
	}
	return path, nil
}

func arrayIndex(key string) int {
	if n, err := strconv.Atoi(key); err == nil && n >= 0 && strconv.Itoa(n) == key {
		return n
	}
	return -1
}

// pathTree holds all JSON paths of a compiled object, so that one scan of the body finds them all.
type pathTree struct {
	root  pathNode
	slots int // number of different paths
	count int // number of nodes
}

// newPathTree returns an empty tree.
func newPathTree() pathTree { return pathTree{root: pathNode{slot: -1}} }

type pathNode struct {
	segment
	id       int
	slot     int  // of the path that ends here, or -1
	loose    bool // it can be met more than once, being somewhere below a deep segment
	children []*pathNode
}

func (n *pathNode) matches(key []byte, index int) bool {
	if index >= 0 {
		return n.index == index
	}
	return n.key == string(key)
}

// add returns the slot in which a scan puts the value at path.
func (t *pathTree) add(path []segment) int {
	node := &t.root
	for _, s := range path {
		node = t.child(node, s)
	}
	if node.slot < 0 {
		node.slot = t.slots
		t.slots++
	}
	return node.slot
}

func (t *pathTree) child(parent *pathNode, s segment) *pathNode {
	for _, c := range parent.children {
		if c.segment == s {
			return c
		}
	}
	c := &pathNode{segment: s, id: t.count, slot: -1, loose: parent.loose || s.deep}
	t.count++
	parent.children = append(parent.children, c)
	return c
}
