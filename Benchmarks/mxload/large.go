package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	largeRoom  = 10_000 // members
	largeRooms = 1_000  // rooms of one user
	// What clients ask for that show a list of rooms first.
	lazyFilter = `{"room":{"state":{"lazy_load_members":true}}}`
)

// throng gives the room of 10,000 members and n users who are in it. A target may have such a room already, made without
// requests; elsewhere it is filled by joins.
func (b *bench) throng(n int) (string, []*client, error) {
	if b.made == "" {
		room, members, err := b.crowded(b.n(largeRoom))
		if err != nil {
			return "", nil, err
		}
		return room, members[:n], nil
	}
	have := len(b.thronged)
	users, err := b.more("throng", b.thronged, n)
	if err == nil {
		err = parallel(len(users)-have, 4, func(_, i int) error { return users[have+i].join(b.made) })
	}
	if err != nil {
		return "", nil, err
	}
	b.thronged = users
	return b.made, users[:n], nil
}

// initialAmong measures initial syncs of members of the large room.
func initialAmong(filter string) func(*bench, *meter) error {
	return func(b *bench, m *meter) error {
		room, users, err := b.throng(4)
		if err != nil {
			return err
		}
		for i := 0; i < 10; i++ { // a page of timeline that is not of joins alone
			if err := users[i%4].send(room, text(i)); err != nil {
				return err
			}
		}
		return m.run(b.n(20), 0, 1, func(_, i int) error { return users[i%4].syncWhole(filter, i, `"m.room.create"`, 1) })
	}
}

// initialIn measures initial syncs of a user who is in 1,000 rooms.
func initialIn(b *bench, m *meter) error {
	_, users, err := b.roomful()
	if err != nil {
		return err
	}
	return m.run(b.n(20), 0, 1, func(_, i int) error {
		return users[1].syncWhole("", i, `"timeline"`, b.n(largeRooms))
	})
}

// incrementalIn measures a sync that brings one message to that user.
func incrementalIn(b *bench, m *meter) error {
	rooms, users, err := b.roomful()
	if err != nil {
		return err
	}
	return b.syncOne(m, users[1], users[0], rooms[len(rooms)/2])
}

// roomful gives 1,000 rooms and the two who are in all of them.
func (b *bench) roomful() ([]string, []*client, error) {
	if b.manyRooms != nil {
		return b.manyRooms, b.inMany, nil
	}
	users, err := b.more("many", nil, 2)
	if err != nil {
		return nil, nil, err
	}
	rooms := make([]string, b.n(largeRooms))
	err = parallel(len(rooms), 4, func(_, i int) (err error) {
		if rooms[i], err = publicRoom(users); err == nil {
			err = users[0].send(rooms[i], text(i))
		}
		return err
	})
	if err == nil {
		b.manyRooms, b.inMany = rooms, users
	}
	return rooms, users, err
}

// syncWhole is an initial sync that must have so many of something.
func (c *client) syncWhole(filter string, number int, what string, count int) error {
	q := url.Values{"set_presence": {"offline"}, "timeout": {fmt.Sprint(number)}}
	if filter != "" {
		q.Set("filter", filter)
	}
	body, err := c.raw("GET", "/_matrix/client/v3/sync?"+q.Encode(), "", nil)
	if err != nil {
		return err
	}
	if got := strings.Count(string(body), what); got < count {
		return fmt.Errorf("initial sync: %d of %s instead of %d", got, what, count)
	}
	return nil
}

// membersAmong measures the members of the large room, again and again, or each time after one of them has changed.
func membersAmong(changed bool) func(*bench, *meter) error {
	return func(b *bench, m *meter) error {
		room, users, err := b.throng(2)
		if err != nil {
			return err
		}
		ask := func() error {
			body, err := users[0].raw("GET", "/_matrix/client/v3"+roomPath(room, "/members"), "", nil)
			if got := strings.Count(string(body), `"m.room.member"`); err == nil && got < b.n(largeRoom) {
				err = fmt.Errorf("members: %d instead of %d", got, b.n(largeRoom))
			}
			return err
		}
		if !changed {
			return m.run(b.n(40), 0, 2, func(_, _ int) error { return ask() })
		}
		// The change is not what is measured.
		m.concurrency = 1
		m.start()
		for i := 0; i < b.n(10); i++ {
			if err := users[1].named(room, i); err != nil {
				return err
			}
			m.op(ask)
		}
		m.stop()
		return nil
	}
}

// named changes the member event of a user.
func (c *client) named(room string, number int) error {
	return c.put(roomPath(room, "/state/m.room.member/"+url.PathEscape(c.userID)),
		object{"membership": "join", "displayname": fmt.Sprintf("Number %d", number)}, nil)
}

// messagesAmong measures pages of 100 events of the large room, from its end.
func messagesAmong(b *bench, m *meter) error {
	room, users, err := b.throng(2)
	if err != nil {
		return err
	}
	path := "/_matrix/client/v3" + roomPath(room, "/messages?dir=b&limit=100")
	from := make([]string, len(users))
	return m.run(b.n(100), 0, len(users), func(w, _ int) error {
		at := path
		if from[w] != "" {
			at += "&from=" + url.QueryEscape(from[w])
		}
		body, err := users[w].raw("GET", at, "", nil)
		if from[w] = stringField(body, "end"); strings.Count(string(body), `"event_id"`) < 100 {
			from[w] = "" // the room's beginning
		}
		return err
	})
}

// syncLarge measures an incremental sync that brings one message of the large room.
func syncLarge(b *bench, m *meter) error {
	room, users, err := b.throng(2)
	if err != nil {
		return err
	}
	return b.syncOne(m, users[1], users[0], room)
}

// sendLarge measures sending to the large room, one message after the other.
func sendLarge(b *bench, m *meter) error {
	room, users, err := b.throng(4)
	if err != nil {
		return err
	}
	return m.run(b.n(200), 0, 1, func(_, i int) error { return users[i%4].send(room, text(i)) })
}

// joinAmong measures joins of the large room, one after the other.
func joinAmong(b *bench, m *meter) error {
	room, _, err := b.throng(1)
	if err != nil {
		return err
	}
	const most = 400
	guests, err := b.more(fmt.Sprintf("late%d-", m.round), nil, b.n(most))
	if err != nil {
		return err
	}
	return m.run(b.n(100), len(guests), 1, func(_, i int) error { return guests[i].join(room) })
}

// parked gives long polls of a number, and settles longer where they are more.
func parked(count int) func(*bench, *meter) error {
	return func(b *bench, m *meter) error { return idle(b, m, b.n(count), time.Duration(3+count/1000)*time.Second) }
}
