package main

import (
	"fmt"
	"net/url"
	"strings"
)

func sendSeq(b *bench, m *meter) error {
	users, err := b.users(1)
	if err != nil {
		return err
	}
	room, err := users[0].createRoom("private_chat")
	if err != nil {
		return err
	}
	return m.run(b.n(200), 0, 1, func(_, i int) error { return users[0].send(room, text(i)) })
}

func send(b *bench, m *meter) error {
	rooms, users, err := b.own()
	if err != nil {
		return err
	}
	return m.run(b.n(600), 0, len(users), func(w, i int) error { return users[w].send(rooms[w], text(i)) })
}

func sendOneRoom(b *bench, m *meter) error {
	room, users, err := b.busy()
	if err != nil {
		return err
	}
	defer func() { b.busySent += m.begun }()
	return m.run(b.n(1000), 0, len(users), func(w, i int) error { return users[w].send(room, text(i)) })
}

func setState(b *bench, m *meter) error {
	users, err := b.users(1)
	if err != nil {
		return err
	}
	room, err := users[0].createRoom("private_chat")
	if err != nil {
		return err
	}
	return m.run(b.n(150), 0, 4, func(_, i int) error {
		path := roomPath(room, fmt.Sprintf("/state/org.example.mxload/key%d", i))
		return users[0].put(path, object{"value": i}, nil)
	})
}

func messages(b *bench, m *meter) error {
	room, users, err := b.busy()
	if err != nil {
		return err
	}
	const depth, page = 1000, 100
	missing := depth - b.busySent
	if missing < 0 {
		missing = 0
	}
	err = parallel(missing, len(users), func(w, i int) error { return users[w].send(room, text(i)) })
	if err != nil {
		return err
	}
	b.busySent += missing

	from := make([]string, 4) // where each worker is
	seen := make([]int, len(from))
	return m.run(b.n(20)*depth/page, 0, len(from), func(w, _ int) error {
		path := "/_matrix/client/v3" + roomPath(room, fmt.Sprintf("/messages?dir=b&limit=%d", page))
		if from[w] != "" {
			path += "&from=" + url.QueryEscape(from[w])
		}
		body, err := users[w].raw("GET", path, "", nil)
		if err != nil {
			return err
		}
		if got := strings.Count(string(body), `"event_id"`); got != page {
			return fmt.Errorf("messages: %d events instead of %d", got, page)
		}
		if from[w] = stringField(body, "end"); from[w] == "" {
			return fmt.Errorf("messages: the room ends after %d events", seen[w]+page)
		}
		if seen[w] += page; seen[w] == depth {
			from[w], seen[w] = "", 0
		}
		return nil
	})
}
