package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// clockTick is USER_HZ, 100 on every Linux that Go supports.
const clockTick = 100

// procSet names the processes that make up the server. It only reads /proc.
type procSet struct {
	roots   map[int]string // pid -> name
	pattern *regexp.Regexp
}

// usage is what each named group of processes has used.
type usage map[string]groupUsage

type groupUsage struct{ cpu, rss, pss float64 } // seconds, MiB, MiB

// process is the part of /proc/PID/stat that is of interest. cpu includes the
// children it has waited for, so that the time of a short-lived child (a
// database backend, say) is not lost when it ends.
type process struct {
	parent int
	cpu    float64
}

func newProcSet(pids, pattern string) (*procSet, error) {
	s := &procSet{roots: map[int]string{}}
	for _, field := range strings.FieldsFunc(pids, func(r rune) bool { return r == ',' }) {
		name, number, named := strings.Cut(field, "=")
		if !named {
			name, number = "server", field
		}
		pid, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil {
			return nil, fmt.Errorf("-pids: %q is not a process id", field)
		}
		if _, err := readProcess(pid); err != nil {
			return nil, fmt.Errorf("-pids: %w", err)
		}
		s.roots[pid] = name
	}
	if pattern != "" {
		var err error
		if s.pattern, err = regexp.Compile(pattern); err != nil {
			return nil, fmt.Errorf("-pgrep-cmd: %w", err)
		}
	}
	return s, nil
}

func (s *procSet) empty() bool { return len(s.roots) == 0 && s.pattern == nil }

// sample adds up CPU time and memory by group, descendants included.
func (s *procSet) sample() usage {
	if s.empty() {
		return nil
	}
	total := usage{}
	s.each(func(name string, pid int, p process) {
		rss, pss := memory(pid)
		group := total[name]
		group.cpu += p.cpu
		group.rss += rss
		group.pss += pss
		total[name] = group
	})
	return total
}

// precise is the CPU time of each thread in nanoseconds, by group, instead of
// each process's in hundredths of a second: for what costs next to nothing.
func (s *procSet) precise() map[string]map[string]float64 {
	found := map[string]map[string]float64{}
	s.each(func(name string, pid int, _ process) {
		if found[name] == nil {
			found[name] = map[string]float64{}
		}
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, task := range tasks {
			text, _ := os.ReadFile(task)
			first, _, _ := strings.Cut(string(text), " ")
			found[name][task], _ = strconv.ParseFloat(first, 64)
		}
	})
	return found
}

// spent is what the threads of a group that are there at the end have used since.
func spent(name string, since, now map[string]map[string]float64) time.Duration {
	sum := 0.0
	for task, used := range now[name] {
		sum += used - since[name][task]
	}
	return time.Duration(sum)
}

// calm waits until the server has nothing left to do: a third of a second with
// less than a tenth of a core.
func (s *procSet) calm(limit time.Duration) {
	const window = 300 * time.Millisecond
	for began := time.Now(); !s.empty() && time.Since(began) < limit; {
		before := s.sample().total()
		time.Sleep(window)
		if s.sample().total()-before < window.Seconds()/10 {
			return
		}
	}
}

// each visits the server's processes.
func (s *procSet) each(visit func(name string, pid int, p process)) {
	all := map[int]process{}
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if p, err := readProcess(pid); err == nil {
			all[pid] = p
		}
	}
	for pid, p := range all {
		if name, ok := s.owner(pid, all); ok {
			visit(name, pid, p)
		}
	}
}

// owner finds the group of a process by looking at it and its ancestors.
func (s *procSet) owner(pid int, all map[int]process) (string, bool) {
	if pid == os.Getpid() {
		return "", false
	}
	for at := pid; at > 1; at = all[at].parent {
		if name, ok := s.roots[at]; ok {
			return name, true
		}
	}
	if s.pattern != nil {
		cmd, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if s.pattern.MatchString(strings.ReplaceAll(string(cmd), "\x00", " ")) {
			return "server", true
		}
	}
	return "", false
}

func readProcess(pid int) (process, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	// The command name, in parentheses, may itself hold spaces and parentheses.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 15 {
		return process{}, fmt.Errorf("/proc/%d/stat: too short", pid)
	}
	number := func(i int) int { n, _ := strconv.Atoi(fields[i]); return n }
	// utime, stime, cutime and cstime are fields 14 to 17 of the line.
	ticks := number(11) + number(12) + number(13) + number(14)
	return process{parent: number(1), cpu: float64(ticks) / clockTick}, nil
}

// memory gives resident and proportional set size in MiB; where the latter may
// not be read, the former stands for both.
func memory(pid int) (rss, pss float64) {
	rss = kilobytes(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:") / 1024
	pss = kilobytes(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:") / 1024
	if pss == 0 {
		pss = rss
	}
	return rss, pss
}

func kilobytes(file, key string) float64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, key) {
			n, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(line[len(key):]), " kB"), 64)
			return n
		}
	}
	return 0
}

// machineBusy is the CPU time in seconds that has been used on all cores,
// by whomever, including what the hypervisor gave to others.
func machineBusy() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	busy := 0
	for i, field := range strings.Fields(line) {
		// user, nice, system, (idle, iowait,) irq, softirq, steal
		if i >= 1 && i <= 8 && i != 4 && i != 5 {
			n, _ := strconv.Atoi(field)
			busy += n
		}
	}
	return float64(busy) / clockTick
}

// total is the CPU time of all groups.
func (u usage) total() float64 {
	sum := 0.0
	for _, group := range u {
		sum += group.cpu
	}
	return sum
}

// moment is one reading of everything that counts CPU time.
type moment struct {
	at     time.Time
	server usage
	client float64
	busy   float64
}

func (s *procSet) now() moment {
	return moment{time.Now(), s.sample(), ownCPU(), machineBusy()}
}

// others is the share of the machine, 0 to 1, that neither the server nor this
// program has used since an earlier moment.
func (m moment) others(since moment) float64 {
	own := m.server.total() - since.server.total() + m.client - since.client
	capacity := m.at.Sub(since.at).Seconds() * float64(runtime.NumCPU())
	return math.Max(0, (m.busy-since.busy-own)/capacity)
}

// patience waits for a quiet machine, as long as there is any left.
type patience struct {
	share float64 // what others may use; 0: do not wait
	left  time.Duration
}

func (p *patience) wait(s *procSet) time.Duration {
	began := time.Now()
	for p.share > 0 && p.left > 0 {
		before := s.now()
		time.Sleep(time.Second)
		p.left -= time.Second
		if s.now().others(before) < p.share {
			break
		}
	}
	return time.Since(began)
}
