package main

import "fmt"

func register(b *bench, m *meter) error {
	return m.run(b.n(40), 0, 4, func(_, i int) error {
		return b.anonymous(i).register(b.userName(fmt.Sprintf("new%d-", m.round), i), b.password)
	})
}

func login(b *bench, m *meter) error {
	n := b.n(40)
	if _, err := b.users(n); err != nil {
		return err
	}
	return m.run(n, 0, 4, func(_, i int) error { return b.anonymous(i).login(b.userName("user", i%n), b.password) })
}

func whoami(b *bench, m *meter) error {
	users, err := b.users(senders)
	if err != nil {
		return err
	}
	return m.run(b.n(5000), 0, senders, func(w, _ int) error {
		var answer struct {
			UserID string `json:"user_id"`
		}
		err := users[w].get("/account/whoami", &answer)
		if err == nil && answer.UserID != users[w].userID {
			err = fmt.Errorf("whoami: %q instead of %q", answer.UserID, users[w].userID)
		}
		return err
	})
}
