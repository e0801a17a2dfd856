package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func syncPaced(b *bench, m *meter) error  { return fanOut(b, m, 20, 40, 2) }
func syncFanout(b *bench, m *meter) error { return fanOut(b, m, 100, 200, 20) }

const fanOutFilter = `{"room":{"timeline":{"limit":100}}}`

// fanOut measures how long a message takes from the start of its PUT until
// each of the receivers has it out of /sync. An op is one delivery. Sending is
// open loop: the messages leave at their rate however slow the server is.
func fanOut(b *bench, m *meter, receiverCount, messageCount int, rate float64) error {
	messageCount = b.n(messageCount)
	if b.span > 0 {
		messageCount = int(math.Max(5, b.span.Seconds()) * rate)
	}
	room, sender, receivers, err := b.audience(receiverCount)
	if err != nil {
		return err
	}
	since := make([]string, len(receivers))
	err = parallel(len(receivers), 8, func(_, i int) error {
		answer, err := receivers[i].sync("", fanOutFilter, b.presence, 0)
		since[i] = answer.NextBatch
		return err
	})
	if err != nil {
		return err
	}

	// Tells these messages from those of an earlier scenario or round.
	tag := fmt.Sprintf("%s-%d ", m.name, m.round)
	var (
		sentAt    = make([]time.Time, messageCount)
		began     = time.Now()
		deadline  atomic.Int64 // nanoseconds after began; 0 while sending
		delivered atomic.Int64
		answers   atomic.Int64
		mu        sync.Mutex // guards sentAt
		receiving sync.WaitGroup
	)
	over := func() bool {
		limit := deadline.Load()
		return limit != 0 && int64(time.Since(began)) > limit
	}
	receive := func(c *client, since string) {
		defer receiving.Done()
		seen := make([]bool, messageCount)
		for left := messageCount; left > 0 && !over(); {
			answer, err := c.sync(since, fanOutFilter, b.presence, 10*time.Second)
			now := time.Now()
			if err != nil {
				m.fail(err)
				time.Sleep(100 * time.Millisecond)
				continue
			}
			answers.Add(1)
			since = answer.NextBatch
			for _, event := range answer.Rooms.Join[room].Timeline.Events {
				body := event.Content.Body
				if !strings.HasPrefix(body, tag) {
					continue
				}
				seq, err := strconv.Atoi(strings.Fields(body)[1])
				if err != nil || seq < 0 || seq >= messageCount || seen[seq] {
					m.fail(fmt.Errorf("unexpected or repeated message %q", body))
					continue
				}
				seen[seq] = true
				left--
				mu.Lock()
				sent := sentAt[seq]
				mu.Unlock()
				m.record(now.Sub(sent))
				delivered.Add(1)
			}
		}
	}
	for i, c := range receivers {
		receiving.Add(1)
		go receive(c, since[i])
	}
	time.Sleep(3 * time.Second) // let them park

	var sends meter
	sends.name = m.name + " (send)"
	m.concurrency = len(receivers)
	m.start()
	var sending sync.WaitGroup
	ticker := time.NewTicker(time.Duration(float64(time.Second) / rate))
	for i := 0; i < messageCount; i++ {
		sending.Add(1)
		go func(i int) {
			defer sending.Done()
			mu.Lock()
			sentAt[i] = time.Now()
			mu.Unlock()
			sends.op(func() error {
				return sender.send(room, fmt.Sprintf("%s%-6d%s", tag, i, strings.Repeat("x", 80)))
			})
		}(i)
		<-ticker.C
	}
	ticker.Stop()
	sending.Wait()
	sent := time.Since(m.begin.at)
	deadline.Store(int64(time.Since(began) + 60*time.Second))
	receiving.Wait()
	m.stop()

	if missing := messageCount*len(receivers) - int(delivered.Load()); missing > 0 {
		m.fail(fmt.Errorf("%d deliveries are missing", missing))
		m.errors += missing - 1
	}
	m.errors += sends.errors
	p := percentiles(sends.latencies, 0.5, 0.95)
	m.note("receivers", float64(len(receivers)))
	m.note("rate", rate)
	m.note("sync_answers", float64(answers.Load()))
	m.note("send_p50_ms", p[0])
	m.note("send_p95_ms", p[1])
	m.note("drain_s", (m.end.at.Sub(m.begin.at) - sent).Seconds())
	return nil
}
