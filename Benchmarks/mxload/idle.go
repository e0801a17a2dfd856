package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// idle parks so many long polls and measures what they cost while nothing happens, once all has settled.
func idle(b *bench, m *meter, n int, settle time.Duration) error {
	const (
		window  = 12 * time.Second
		timeout = 80 * time.Second
		// No rooms and no presence: only the parked request itself.
		filter = `{"room":{"rooms":[]},"presence":{"not_types":["*"]},"account_data":{"not_types":["*"]}}`
	)
	users, err := b.users((n + 1) / 2) // two connections each
	if err != nil {
		return err
	}
	since := make([]string, len(users))
	err = parallel(len(users), 8, func(_, i int) error {
		answer, err := users[i].sync("", filter, "offline", 0)
		since[i] = answer.NextBatch
		return err
	})
	if err != nil {
		return err
	}
	// What the server is without them, after it has met each of the users.
	time.Sleep(settle)
	before := m.procs.precise()
	time.Sleep(2 * settle)
	unparked, memory := m.procs.precise(), m.procs.sample()

	var (
		parked     sync.WaitGroup
		early      atomic.Int64
		ctx, leave = context.WithCancel(context.Background())
	)
	for i := 0; i < n; i++ {
		parked.Add(1)
		go func(i int) {
			defer parked.Done()
			user := users[i%len(users)]
			c := &client{ctx: ctx, wire: user.wire, token: user.token}
			at := since[i%len(users)]
			for ctx.Err() == nil {
				// The odd milliseconds keep the two requests of a user apart.
				answer, err := c.sync(at, filter, "offline", timeout+time.Duration(i)*time.Millisecond)
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					m.fail(err)
					time.Sleep(time.Second)
					continue
				}
				at = answer.NextBatch
				early.Add(1)
			}
		}(i)
	}
	time.Sleep(settle)
	early.Store(0)
	m.concurrency = n
	m.start()
	began := m.procs.precise()
	time.Sleep(window)
	ended := m.procs.precise()
	m.stop()
	leave()
	parked.Wait()
	for i := 0; i < n; i++ {
		m.record(0)
	}
	percent := func(d, of time.Duration) float64 { return d.Seconds() / of.Seconds() * 100 }
	for name, group := range m.end.server {
		m.note("cpu_percent_"+name, percent(spent(name, began, ended), window))
		m.note("without_cpu_percent_"+name, percent(spent(name, before, unparked), 2*settle))
		m.note("without_rss_mb_"+name, memory[name].rss)
		m.note("kb_per_connection_"+name, (group.rss-memory[name].rss)*1024/float64(n))
	}
	m.note("early_answers", float64(early.Load()))
	return nil
}
