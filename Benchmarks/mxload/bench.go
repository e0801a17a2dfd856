package main

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"strings"
	"time"
)

// bench holds what the scenarios share on one server: the users and the rooms
// that more than one of them needs, made when first asked for.
type bench struct {
	wires    []*wire
	prefix   string
	scale    float64
	span     time.Duration // measure for so long; 0: a count of operations
	presence string

	password string
	pool     []*client

	ownRooms []string // one of each of the senders

	syncers   []*client // in syncRooms and nowhere else
	syncRooms []string

	fanRoom    string // sender and receivers of the fan-out scenarios
	fanMembers []*client

	busyRoom string // the 16 senders are in it
	busySent int    // messages in it

	bigRoom   string
	bigJoined int // pool[:bigJoined] have joined it

	crowd crowd // of the growth scenarios

	made      string    // a room of 10,000 members that is there already
	thronged  []*client // those of ours who have joined it
	manyRooms []string  // 1,000, and
	inMany    []*client // the two who are in all of them
}

const (
	senders     = 16
	bigRoomSize = 500
)

func newBench(urls []string, scale float64, span time.Duration, presence string, timeout time.Duration) (*bench, error) {
	b := &bench{prefix: fmt.Sprintf("mx%06x", rand.Intn(1<<24)), scale: scale, span: span, presence: presence}
	b.password = "Correct-horse-" + b.prefix
	for _, url := range urls {
		w, err := newWire(strings.TrimSpace(url), timeout)
		if err != nil {
			return nil, err
		}
		b.wires = append(b.wires, w)
	}
	return b, nil
}

// n scales an operation count.
func (b *bench) n(count int) int { return int(math.Max(1, math.Round(float64(count)*b.scale))) }

// anonymous is a client without a user, on the i-th base URL.
func (b *bench) anonymous(i int) *client {
	return &client{ctx: context.Background(), wire: b.wires[i%len(b.wires)]}
}

func (b *bench) userName(kind string, i int) string { return fmt.Sprintf("%s-%s%d", b.prefix, kind, i) }

// more registers users until there are n of a kind.
func (b *bench) more(kind string, users []*client, n int) ([]*client, error) {
	have := len(users)
	if have >= n {
		return users, nil
	}
	added := make([]*client, n-have)
	err := parallel(len(added), 8, func(_, i int) error {
		added[i] = b.anonymous(have + i)
		return added[i].register(b.userName(kind, have+i), b.password)
	})
	if err != nil {
		return users, fmt.Errorf("registering users: %w", err)
	}
	return append(users, added...), nil
}

// users gives the first n users of the pool that most scenarios share.
func (b *bench) users(n int) (users []*client, err error) {
	if b.pool, err = b.more("user", b.pool, n); err != nil {
		return nil, err
	}
	return b.pool[:n], nil
}

// publicRoom makes a room of the first user and lets the others join it.
func publicRoom(members []*client) (string, error) {
	room, err := members[0].createRoom("public_chat")
	if err != nil {
		return "", err
	}
	return room, parallel(len(members)-1, 8, func(_, i int) error { return members[i+1].join(room) })
}

// own gives the 16 senders and a room of each.
func (b *bench) own() ([]string, []*client, error) {
	users, err := b.users(senders)
	if err == nil && b.ownRooms == nil {
		rooms := make([]string, len(users))
		err = parallel(len(users), 4, func(_, i int) (err error) {
			rooms[i], err = users[i].createRoom("private_chat")
			return err
		})
		b.ownRooms = rooms
	}
	return b.ownRooms, users, err
}

// busy gives the room of the 16 senders.
func (b *bench) busy() (string, []*client, error) {
	users, err := b.users(senders)
	if err == nil && b.busyRoom == "" {
		b.busyRoom, err = publicRoom(users)
	}
	return b.busyRoom, users, err
}

// full gives the big room with everybody in it.
func (b *bench) full() (string, []*client, error) {
	users, err := b.users(b.n(bigRoomSize))
	if err == nil && b.bigRoom == "" {
		b.bigRoom, err = users[0].createRoom("public_chat")
		b.bigJoined = 1
	}
	if err != nil {
		return "", nil, err
	}
	rest := users[b.bigJoined:]
	if err := parallel(len(rest), 8, func(_, i int) error { return rest[i].join(b.bigRoom) }); err != nil {
		return "", nil, err
	}
	b.bigJoined = len(users)
	return b.bigRoom, users, nil
}

const listeners = 100

// audience gives a room, one who sends to it and n of the 100 others in it.
func (b *bench) audience(n int) (string, *client, []*client, error) {
	if b.fanRoom == "" {
		members, err := b.more("fan", nil, listeners+1)
		if err != nil {
			return "", nil, nil, err
		}
		if b.fanRoom, err = publicRoom(members); err != nil {
			return "", nil, nil, err
		}
		b.fanMembers = members
	}
	return b.fanRoom, b.fanMembers[0], b.fanMembers[1 : n+1], nil
}

// text is a message body of 100 bytes.
func text(i int) string { return fmt.Sprintf("%-10d%s", i, strings.Repeat("x", 90)) }
