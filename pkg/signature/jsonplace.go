package signature

// JSONPath is the path of a location in JSON, such as that of json:a.0.b.
type JSONPath struct{ segments []segment }

// JSONStep is one step into a document: the key of a member, or an item of a list.
type JSONStep struct {
	Key  string
	Item bool
}

// ParseJSONPath reads a path as [Scheme] describes it.
func ParseJSONPath(text string) (JSONPath, error) {
	segments, err := parsePath(text)
	return JSONPath{segments}, err
}

// LeadsTo reports whether the path leads to the value that the steps lead to. An index in
// the path means every item: what a provider puts into the first it puts into all.
func (p JSONPath) LeadsTo(steps []JSONStep) bool { return leads(p.segments, steps) }

func leads(path []segment, steps []JSONStep) bool {
	if len(path) == 0 || len(steps) == 0 {
		return len(path) == len(steps)
	}
	if path[0].fits(steps[0]) && leads(path[1:], steps[1:]) {
		return true
	}
	return path[0].deep && leads(path, steps[1:])
}

func (s segment) fits(step JSONStep) bool {
	if step.Item {
		return s.index >= 0
	}
	return s.key == step.Key
}
