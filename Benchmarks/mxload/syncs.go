package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// syncInitial: users with 10 rooms of 15 messages sync from nothing.
func syncInitial(b *bench, m *meter) error {
	const roomCount, messagesPerRoom = 10, 15
	if b.syncRooms == nil {
		// Users of their own: they shall be in no other room.
		users, err := b.more("sync", nil, 5)
		if err != nil {
			return err
		}
		rooms := make([]string, roomCount)
		err = parallel(roomCount, 4, func(_, i int) (err error) {
			rooms[i], err = publicRoom(users)
			return err
		})
		if err != nil {
			return err
		}
		err = parallel(roomCount*messagesPerRoom, len(users), func(w, i int) error {
			return users[w].send(rooms[i%roomCount], text(i))
		})
		if err != nil {
			return err
		}
		b.syncers, b.syncRooms = users, rooms
	}
	users := b.syncers
	return m.run(b.n(50), 0, 4, func(_, i int) error {
		// The timeout plays no part in an initial sync; a different one each
		// time keeps a server from answering out of a cache of responses.
		body, err := users[i%len(users)].raw("GET", fmt.Sprintf("/_matrix/client/v3/sync?set_presence=offline&timeout=%d", i), "", nil)
		if err != nil {
			return err
		}
		if got := strings.Count(string(body), `"timeline"`); got < roomCount {
			return fmt.Errorf("initial sync: %d rooms with a timeline instead of %d", got, roomCount)
		}
		if i >= len(users) {
			return nil
		}
		var answer syncAnswer
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		for _, room := range b.syncRooms {
			if len(answer.Rooms.Join[room].Timeline.Events) == 0 {
				return fmt.Errorf("initial sync: no timeline of %s", room)
			}
		}
		return nil
	})
}
