package amqpx

// Links says how the connections of a Publisher or a Consumer stand.
type Links struct {
	Up      int   // connections that work now
	Made    int64 // connections that were made since the start
	Blocked bool  // the broker blocks publishers, as far as it has said so
}

// Links returns how the connections stand.
func (p *Publisher) Links() Links {
	l := p.gate.links()
	for _, line := range p.lines {
		l.Made += line.made.Load()
	}
	return l
}

func (g *gate) links() Links {
	g.mu.Lock()
	defer g.mu.Unlock()
	var l Links
	for _, line := range g.lines {
		switch {
		case line.blocked:
			l.Blocked = true
			l.Up++
		case line.err == nil:
			l.Up++
		}
	}
	return l
}

// Links returns how the connections stand.
func (c *Consumer) Links() (all Links) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.links {
		l.mu.Lock()
		all.Made += l.made
		if l.session != nil {
			all.Up++
		}
		l.mu.Unlock()
	}
	return all
}
