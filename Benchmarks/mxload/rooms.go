package main

import (
	"fmt"
	"strings"
)

func createRoom(b *bench, m *meter) error {
	users, err := b.users(4)
	if err != nil {
		return err
	}
	return m.run(b.n(40), 0, len(users), func(w, _ int) error {
		_, err := users[w].createRoom("private_chat")
		return err
	})
}

// inviteJoin fills one private room after the other.
func inviteJoin(b *bench, m *meter) error {
	size := b.n(30)
	if b.span > 0 {
		size = b.n(bigRoomSize) - 1
	}
	users, err := b.users(size + 1)
	if err != nil {
		return err
	}
	owner, guests := users[0], users[1:]
	rooms, err := b.emptyRooms(owner, "private_chat", size)
	if err != nil {
		return err
	}
	return m.run(size, len(rooms)*size, 1, func(_, i int) error {
		room, guest := rooms[i/size], guests[i%size]
		if err := owner.invite(room, guest.userID); err != nil {
			return err
		}
		return guest.join(room)
	})
}

func joinSeq(b *bench, m *meter) error        { return b.join(m, b.n(bigRoomSize/5), 1) }
func joinConcurrent(b *bench, m *meter) error { return b.join(m, b.n(bigRoomSize)-1, 8) }

// join lets users join one public room; when all are in it, the next.
func (b *bench) join(m *meter, count, workers int) error {
	users, err := b.users(b.n(bigRoomSize))
	if err != nil {
		return err
	}
	guests := users[1:]
	rooms, err := b.emptyRooms(users[0], "public_chat", len(guests))
	if err != nil {
		return err
	}
	err = m.run(count, len(rooms)*len(guests), workers, func(_, i int) error {
		return guests[i%len(guests)].join(rooms[i/len(guests)])
	})
	if joined := m.begun; b.bigRoom == "" && joined < len(guests) {
		b.bigRoom, b.bigJoined = rooms[0], 1+joined
	} else if b.bigRoom == "" {
		b.bigRoom, b.bigJoined = rooms[0], len(users)
	}
	return err
}

// emptyRooms makes as many rooms as a fast server can fill with so many users
// each in the time that is measured.
func (b *bench) emptyRooms(owner *client, preset string, size int) ([]string, error) {
	rooms := make([]string, 1+int(b.span.Seconds()*fastest/float64(size)))
	err := parallel(len(rooms), 4, func(_, i int) (err error) {
		rooms[i], err = owner.createRoom(preset)
		return err
	})
	return rooms, err
}

// fastest is how many joins a second are prepared for.
const fastest = 700

func (b *bench) getBig(m *meter, rest, counted string) error {
	room, users, err := b.full()
	if err != nil {
		return err
	}
	size := len(users)
	check := func(body []byte) error {
		if got := strings.Count(string(body), counted); got < size {
			return fmt.Errorf("%s: %d members instead of %d", rest, got, size)
		}
		return nil
	}
	path := "/_matrix/client/v3" + roomPath(room, rest)
	return m.run(b.n(100), 0, 4, func(w, i int) error {
		body, err := users[w].raw("GET", path, "", nil)
		if err == nil && i < 4 { // counting is not free: the first answers must do
			err = check(body)
		}
		return err
	})
}

func members(b *bench, m *meter) error       { return b.getBig(m, "/members", `"m.room.member"`) }
func fullState(b *bench, m *meter) error     { return b.getBig(m, "/state", `"m.room.member"`) }
func joinedMembers(b *bench, m *meter) error { return b.getBig(m, "/joined_members", `"@`+b.prefix) }
