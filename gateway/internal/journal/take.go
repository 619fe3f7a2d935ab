package journal

import "go.uber.org/zap"

// take returns the next record, or nil when there is none now.
func (j *Journal) take() (*Record, error) {
	j.reading.Lock()
	defer j.reading.Unlock()
	for {
		s, from, to := j.unread()
		if s == nil {
			return nil, nil //nolint:nilnil // nothing, and nothing wrong
		}
		f, found, err := nextFrame(s.file, s.marker, from, to)
		if err != nil {
			j.skip(s, from, to, err)
			continue
		}
		if r := j.advance(s, f, found, from, to); r != nil {
			return r, nil
		}
	}
}

// unread returns what is to be read next: the oldest segment with something left, and
// from where to where. It returns nothing while as much is taken as may be.
func (j *Journal) unread() (s *segment, from, to int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.options.MaxTaken > 0 && j.holds >= j.options.MaxTaken {
		return nil, 0, 0
	}
	for _, s := range j.segments {
		if s.read < s.size {
			return s, s.read, s.size
		}
	}
	return nil, 0, 0
}

// advance notes what was read, and returns it if there is something to do with it.
func (j *Journal) advance(s *segment, f frame, found bool, from, to int64) *Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !found {
		f = frame{start: to, end: to, done: true}
	}
	if f.start > from {
		s.broken = true
		j.options.Log.Error("a part of the journal is broken; the rest is read, and the file is kept",
			zap.String("file", s.path), zap.Int64("offset", from), zap.Int64("bytes", f.start-from))
	}
	s.read = f.end
	if f.done {
		j.tidy()
		return nil
	}
	s.taken++
	r := &Record{Payload: f.payload, At: f.at, segment: s, start: f.start, size: int64(len(f.payload))}
	j.holds += r.size
	j.taken[r] = struct{}{}
	return r
}

// skip leaves a segment that the disk does not give back: it is kept.
func (j *Journal) skip(s *segment, from, to int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.options.Log.Error("a file of the journal cannot be read; it is kept",
		zap.String("file", s.path), zap.Int64("offset", from), zap.Error(err))
	s.broken, s.read = true, to
	j.tidy()
}
