package main

import (
	"fmt"
	"strings"
)

// crowd is what the growth scenarios share: many users, one room of each size.
type crowd struct {
	users []*client
	rooms map[int]string // by the number of members
}

// crowded gives a room with so many members.
func (b *bench) crowded(size int) (string, []*client, error) {
	var err error
	if b.crowd.users, err = b.more("crowd", b.crowd.users, size); err != nil {
		return "", nil, err
	}
	members := b.crowd.users[:size]
	if room := b.crowd.rooms[size]; room != "" {
		return room, members, nil
	}
	room, err := publicRoom(members)
	if err == nil {
		if b.crowd.rooms == nil {
			b.crowd.rooms = map[int]string{}
		}
		b.crowd.rooms[size] = room
	}
	return room, members, err
}

// sendAmong measures sending, one message after the other, in a room of a size.
func sendAmong(size int) func(*bench, *meter) error {
	return func(b *bench, m *meter) error {
		room, members, err := b.crowded(size)
		if err != nil {
			return err
		}
		return m.run(b.n(500), 0, 1, func(_, i int) error { return members[i%10].send(room, text(i)) })
	}
}

// syncAmong measures an incremental sync that brings one message of a room of a size.
func syncAmong(size int) func(*bench, *meter) error {
	return func(b *bench, m *meter) error {
		room, members, err := b.crowded(size)
		if err != nil {
			return err
		}
		return b.syncOne(m, members[1], members[0], room)
	}
}

// syncIn measures an incremental sync that brings one message to a user who is in so many rooms.
func syncIn(count int) func(*bench, *meter) error {
	return func(b *bench, m *meter) error {
		users, err := b.more(fmt.Sprintf("in%d-%d-", count, m.round), nil, 2)
		if err != nil {
			return err
		}
		rooms := make([]string, count)
		err = parallel(count, 4, func(_, i int) (err error) {
			rooms[i], err = publicRoom(users)
			return err
		})
		if err != nil {
			return err
		}
		return b.syncOne(m, users[1], users[0], rooms[count/2])
	}
}

// syncOne syncs again and again from before one message.
func (b *bench) syncOne(m *meter, reader, sender *client, room string) error {
	before, err := reader.sync("", "", "offline", 0)
	if err != nil {
		return err
	}
	if err := sender.send(room, "news"); err != nil {
		return err
	}
	return m.run(b.n(500), 0, 1, func(_, i int) error {
		path := fmt.Sprintf("/_matrix/client/v3/sync?set_presence=offline&timeout=%d&since=%s", i, before.NextBatch)
		body, err := reader.raw("GET", path, "", nil)
		if err == nil && strings.Count(string(body), `"event_id"`) != 1 {
			err = fmt.Errorf("sync: not one event in %.300s", body)
		}
		return err
	})
}
