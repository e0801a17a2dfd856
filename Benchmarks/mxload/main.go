// Command mxload drives a Matrix homeserver through its client-server API and
// prints one JSON line per scenario: operation count, errors, throughput,
// latency percentiles and, when told which processes make up the server, the
// CPU they consumed and the memory they hold.
//
//	mxload -url http://127.0.0.1:8008 -pids synapse=1234,postgres=99 -run 'send|sync'
//
// Every name it creates starts with a random prefix, so it can be run again
// and again against the same server.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand"
	"os"
	"regexp"
	"strings"
	"time"
)

type scenario struct {
	name string
	help string
	run  func(*bench, *meter) error
}

// The order matters little: a scenario builds whatever it needs that an
// earlier one has not left behind.
var scenarios = []scenario{
	{"register", "register accounts, m.login.dummy (password hash bound)", register},
	{"login", "password login (password hash bound)", login},
	{"whoami", "authenticated request that does nothing", whoami},
	{"create_room", "create private_chat rooms", createRoom},
	{"invite_join", "invite a user, then that user joins (2 requests per op)", inviteJoin},
	{"join_seq", "users join one public room one after the other", joinSeq},
	{"join_c8", "users join that room, 8 at a time", joinConcurrent},
	{"send_seq", "one user sends to one room, no concurrency", sendSeq},
	{"send", "16 users send to 16 rooms, one room each", send},
	{"send_one_room", "16 users send to the same room", sendOneRoom},
	{"state", "set distinct state events in one room", setState},
	{"messages", "page back through 1,000 events, 100 per page", messages},
	{"members", "GET members of the 500-member room", members},
	{"joined_members", "GET joined_members of the 500-member room", joinedMembers},
	{"full_state", "GET the full state of the 500-member room", fullState},
	{"sync_initial", "initial sync of users with 10 rooms", syncInitial},
	{"sync_incremental", "delivery latency to 20 long-polling receivers, 40 messages at 2 msg/s", syncPaced},
	{"sync_fanout", "the same to 100 receivers, 200 messages at 20 msg/s", syncFanout},
	{"keys_upload", "upload device keys and 50 one-time keys", keysUpload},
	{"keys_query", "query the keys of 50 users", keysQuery},
	{"keys_claim", "claim one one-time key", keysClaim},
	{"to_device", "send one to-device message", toDevice},
	{"media_up_10k", "upload 10 KiB", mediaUpload(10 << 10)},
	{"media_down_10k", "download 10 KiB", mediaDownload(10 << 10)},
	{"media_up_1m", "upload 1 MiB", mediaUpload(1 << 20)},
	{"media_down_1m", "download 1 MiB", mediaDownload(1 << 20)},
	{"growth_send_10", "send in a room of 10 members", sendAmong(10)},
	{"growth_send_1000", "send in a room of 1,000 members", sendAmong(1000)},
	{"growth_send_10000", "send in a room of 10,000 members", sendAmong(10000)},
	{"growth_sync_10", "incremental sync, one message of a room of 10 members", syncAmong(10)},
	{"growth_sync_1000", "incremental sync, one message of a room of 1,000 members", syncAmong(1000)},
	{"growth_sync_10000", "incremental sync, one message of a room of 10,000 members", syncAmong(10000)},
	{"growth_rooms_10", "incremental sync, one message, by a user in 10 rooms", syncIn(10)},
	{"growth_rooms_1000", "incremental sync, one message, by a user in 1,000 rooms", syncIn(1000)},
	{"large_parked", "5,000 parked long polls (an op is a connection)", parked(5000)},
	{"large_rooms_initial", "initial sync of a user in 1,000 rooms", initialIn},
	{"large_rooms_sync", "incremental sync, one message, by a user in 1,000 rooms", incrementalIn},
	{"large_initial", "initial sync of a member of a room of 10,000", initialAmong("")},
	{"large_initial_lazy", "the same, members loaded lazily", initialAmong(lazyFilter)},
	{"large_sync", "incremental sync, one message of a room of 10,000 members", syncLarge},
	{"large_members", "GET members of a room of 10,000", membersAmong(false)},
	{"large_members_changed", "the same, each time after a change of one member", membersAmong(true)},
	{"large_messages", "page back through a room of 10,000 members, 100 per page", messagesAmong},
	{"large_send", "send in a room of 10,000 members", sendLarge},
	{"large_join", "join a room of 10,000 members", joinAmong},
	{"idle", "1,000 parked long polls (an op is a connection)", parked(1000)},
}

func main() {
	var (
		urls     = flag.String("url", "http://127.0.0.1:8008", "base URL, or several separated by commas (users are spread over them)")
		pids     = flag.String("pids", "", "server processes, [name=]pid separated by commas; their descendants are counted too")
		pattern  = flag.String("pgrep-cmd", "", "also count processes whose command line matches this regular expression")
		file     = flag.String("targets", "", "JSON file with several servers: [{label, url, pids, rounds}]; each scenario runs on one after the other")
		rounds   = flag.Int("rounds", 1, "how many times all of this is done; a target with fewer rounds of its own leaves after them")
		once     = flag.String("once", "", "in the first round only: the scenarios whose name matches this regular expression as a whole")
		pick     = flag.String("run", "", "run only the scenarios whose name matches this regular expression as a whole")
		skip     = flag.String("skip", "(growth|large)_.*", "skip the scenarios whose name matches this regular expression as a whole")
		label    = flag.String("label", "", "label copied to every JSON line")
		scale    = flag.Float64("scale", 1, "multiplies every operation count and size")
		span     = flag.Duration("for", 0, "measure each scenario for so long, instead of a count of operations")
		presence = flag.String("set-presence", "online", "set_presence of the syncing receivers (online or offline)")
		timeout  = flag.Duration("timeout", 90*time.Second, "limit for one request")
		quiet    = flag.Float64("quiet", 0, "before measuring, wait until other processes use less than this share of the CPUs (0: do not wait)")
		maxWait  = flag.Duration("max-wait", 5*time.Minute, "limit for all this waiting together")
		list     = flag.Bool("list", false, "list the scenarios and exit")
	)
	flag.Parse()
	if *list {
		for _, s := range scenarios {
			fmt.Printf("%-17s %s\n", s.name, s.help)
		}
		return
	}
	wanted, err := selector(*pick, *skip)
	if err != nil {
		fatal(err)
	}
	limited, err := selector(*once, "")
	if err != nil {
		fatal(err)
	}
	targets := []*target{{Label: *label, URL: *urls, PIDs: *pids}}
	if *file != "" {
		if targets, err = readTargets(*file); err != nil {
			fatal(err)
		}
	}
	rand.Seed(time.Now().UnixNano())
	for _, t := range targets {
		if t.procs, err = newProcSet(t.PIDs, *pattern); err != nil {
			fatal(err)
		}
		if t.bench, err = newBench(strings.Split(t.URL, ","), *scale, *span, *presence, *timeout); err != nil {
			fatal(err)
		}
		t.bench.made = t.Room
	}

	calm := &patience{share: *quiet, left: *maxWait}
	out := json.NewEncoder(os.Stdout)
	failed := false
	for round := 1; round <= *rounds; round++ {
		for _, s := range scenarios {
			if !wanted(s.name) || round > 1 && *once != "" && limited(s.name) {
				continue
			}
			for _, t := range targets {
				if t.Rounds > 0 && round > t.Rounds {
					continue
				}
				r := s.measure(t, &meter{name: s.name, procs: t.procs, patience: calm, span: *span, round: round})
				if err := out.Encode(r); err != nil {
					fatal(err)
				}
				failed = failed || r.Errors > 0
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}

// target is a server, and what has been made on it.
type target struct {
	Label  string `json:"label"`
	URL    string `json:"url"`
	PIDs   string `json:"pids"`
	Rounds int    `json:"rounds"` // 0: all
	Room   string `json:"room"`   // a room of 10,000 members that is there already

	procs *procSet
	bench *bench
}

func readTargets(name string) (targets []*target, err error) {
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &targets)
	}
	return targets, err
}

// measure runs a scenario on one server.
func (s scenario) measure(t *target, m *meter) *result {
	began := time.Now()
	if err := s.run(t.bench, m); err != nil {
		m.fail(fmt.Errorf("scenario stopped: %w", err))
	}
	r := m.result()
	r.Label, r.Prefix = t.Label, t.bench.prefix
	r.WallSeconds = round(time.Since(began).Seconds())
	return r
}

// selector returns the test for the -run and -skip expressions.
func selector(pick, skip string) (func(string) bool, error) {
	whole := func(expr string) (*regexp.Regexp, error) { return regexp.Compile("^(?:" + expr + ")$") }
	in, err := whole(pick)
	if err != nil {
		return nil, err
	}
	out, err := whole(skip)
	if err != nil {
		return nil, err
	}
	return func(name string) bool {
		return (pick == "" || in.MatchString(name)) && !out.MatchString(name)
	}, nil
}

// round keeps three decimals, enough for microseconds in a millisecond field.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "mxload:", err)
	os.Exit(2)
}
