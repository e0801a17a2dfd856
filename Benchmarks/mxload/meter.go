package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// result is one output line.
type result struct {
	Scenario    string  `json:"scenario"`
	Label       string  `json:"label,omitempty"`
	Round       int     `json:"round"`
	Prefix      string  `json:"prefix"`
	Concurrency int     `json:"concurrency,omitempty"`
	Ops         int     `json:"ops"`
	Errors      int     `json:"errors"`
	Seconds     float64 `json:"seconds"`
	OpsPerSec   float64 `json:"ops_per_s"`
	P50         float64 `json:"p50_ms"`
	P95         float64 `json:"p95_ms"`
	P99         float64 `json:"p99_ms"`
	Max         float64 `json:"max_ms"`

	// Only with -pids or -pgrep-cmd. RSS counts shared pages once per
	// process, PSS splits them among the processes that share them.
	CPUPerKop *float64           `json:"cpu_s_per_1000_ops,omitempty"`
	CPU       map[string]float64 `json:"cpu_s,omitempty"`
	RSS       map[string]float64 `json:"rss_mb,omitempty"`
	PSS       map[string]float64 `json:"pss_mb,omitempty"`

	// The share of the machine's CPU that other processes took meanwhile:
	// throughput and latency are only worth something where this is small.
	Others *float64 `json:"others_cpu_share,omitempty"`
	Waited float64  `json:"waited_s,omitempty"` // for a quiet machine

	ClientCPU   float64            `json:"client_cpu_s"`
	WallSeconds float64            `json:"wall_s"` // with the setup
	Extra       map[string]float64 `json:"extra,omitempty"`
}

// meter collects the measurements of one scenario.
type meter struct {
	name        string
	procs       *procSet
	span        time.Duration // measure for so long; 0: a count of operations
	round       int
	concurrency int
	begun       int // operations handed out
	extra       map[string]float64

	mu        sync.Mutex
	latencies []time.Duration
	errors    int

	patience   *patience
	waited     time.Duration
	begin, end moment
	settled    time.Time // when the end's readings were taken
}

// run performs n operations with the given number of workers and measures
// them; with a span, as many as begin within it, and no more than the limit if
// there is one. Worker w calls op(w, i) with every i handed out once. It
// returns nil, for scenarios to end with: failed operations are only counted.
func (m *meter) run(n, limit, workers int, op func(w, i int) error) error {
	m.concurrency = workers
	m.start()
	if m.span > 0 {
		n = limit
		if n == 0 {
			n = math.MaxInt32
		}
	}
	over := errors.New("over")
	var begun atomic.Int64
	parallel(n, workers, func(w, i int) error {
		if m.span > 0 && time.Since(m.begin.at) >= m.span && i >= workers {
			return over
		}
		begun.Add(1)
		m.op(func() error { return op(w, i) })
		return nil
	})
	m.stop()
	m.begun = int(begun.Load())
	return nil
}

// start and stop enclose the measured part of a scenario. What a server puts
// off until after its answer counts too, and does not count for the next.
func (m *meter) start() {
	m.procs.calm(2 * time.Minute)
	m.waited = m.patience.wait(m.procs)
	m.begin = m.procs.now()
	m.begin.at = time.Now()
}

func (m *meter) stop() {
	at := time.Now()
	m.procs.calm(time.Minute)
	m.end = m.procs.now()
	m.settled, m.end.at = m.end.at, at
	if after := m.settled.Sub(at).Seconds(); after > 1 {
		m.note("busy_after_s", after)
	}
}

// op times one operation.
func (m *meter) op(f func() error) {
	began := time.Now()
	err := f()
	took := time.Since(began)
	if err != nil {
		m.fail(err)
		return
	}
	m.record(took)
}

func (m *meter) record(took time.Duration) {
	m.mu.Lock()
	m.latencies = append(m.latencies, took)
	m.mu.Unlock()
}

// fail counts an error and shows the first three.
func (m *meter) fail(err error) {
	m.mu.Lock()
	m.errors++
	if m.errors <= 3 {
		fmt.Fprintf(os.Stderr, "%s: %v\n", m.name, err)
	}
	m.mu.Unlock()
}

func (m *meter) note(key string, value float64) {
	if m.extra == nil {
		m.extra = map[string]float64{}
	}
	m.extra[key] = round(value)
}

func (m *meter) result() *result {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &result{
		Scenario:    m.name,
		Round:       m.round,
		Concurrency: m.concurrency,
		Ops:         len(m.latencies),
		Errors:      m.errors,
		Extra:       m.extra,
	}
	if m.end.at.IsZero() {
		return r // it never got as far as measuring
	}
	seconds := m.end.at.Sub(m.begin.at).Seconds()
	r.Seconds, r.OpsPerSec = round(seconds), round(float64(r.Ops)/seconds)
	p := percentiles(m.latencies, 0.50, 0.95, 0.99, 1)
	r.P50, r.P95, r.P99, r.Max = p[0], p[1], p[2], p[3]
	r.ClientCPU, r.Waited = round(m.end.client-m.begin.client), round(m.waited.Seconds())
	if m.procs.empty() {
		return r
	}
	r.CPU, r.RSS, r.PSS = map[string]float64{}, map[string]float64{}, map[string]float64{}
	for name, after := range m.end.server {
		cpu := after.cpu - m.begin.server[name].cpu
		r.CPU[name], r.RSS[name], r.PSS[name] = round(cpu), round(after.rss), round(after.pss)
	}
	settled := m.end
	settled.at = m.settled
	others := round(settled.others(m.begin))
	r.Others = &others
	if r.Ops > 0 {
		perKop := round((m.end.server.total() - m.begin.server.total()) / float64(r.Ops) * 1000)
		r.CPUPerKop = &perKop
	}
	return r
}

// percentiles gives the nearest-rank percentiles in milliseconds.
func percentiles(samples []time.Duration, points ...float64) []float64 {
	sorted := append([]time.Duration(nil), samples...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
	out := make([]float64, len(points))
	for i, p := range points {
		if len(sorted) > 0 {
			rank := int(math.Ceil(p*float64(len(sorted)))) - 1
			out[i] = round(float64(sorted[rank]) / float64(time.Millisecond))
		}
	}
	return out
}

// parallel hands the numbers 0..<n to the workers and returns the first error;
// after one, no further number is handed out.
func parallel(n, workers int, do func(w, i int) error) error {
	var (
		next  atomic.Int64
		wg    sync.WaitGroup
		once  sync.Once
		first error
	)
	for w := 0; w < workers; w++ {
		wg.Add(1)
		go func(w int) {
			defer wg.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(w, i); err != nil {
					once.Do(func() { first = err })
					next.Store(int64(n))
				}
			}
		}(w)
	}
	wg.Wait()
	return first
}

// ownCPU is the CPU time this program has used: on a small machine the driver
// itself competes with the server.
func ownCPU() float64 {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano()).Seconds()
}
