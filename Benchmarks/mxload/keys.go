package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

const keyUsers = 100

func keysUpload(b *bench, m *meter) error {
	users, err := b.users(b.n(keyUsers))
	if err != nil {
		return err
	}
	uploads := make([]object, len(users))
	for i, u := range users {
		uploads[i] = deviceKeys(u.userID, u.deviceID, 50)
	}
	return m.run(len(users), len(users), 8, func(_, i int) error {
		var answer struct {
			Counts map[string]int `json:"one_time_key_counts"`
		}
		err := users[i].post("/keys/upload", uploads[i], &answer)
		if got := answer.Counts["signed_curve25519"]; err == nil && got != 50 {
			err = fmt.Errorf("keys/upload: %d one-time keys counted instead of 50", got)
		}
		users[i].keys = err == nil
		return err
	})
}

// withKeys makes sure that the users have uploaded their keys.
func (b *bench) withKeys() ([]*client, error) {
	users, err := b.users(b.n(keyUsers))
	if err != nil {
		return nil, err
	}
	return users, parallel(len(users), 8, func(_, i int) error {
		if users[i].keys {
			return nil
		}
		users[i].keys = true
		return users[i].post("/keys/upload", deviceKeys(users[i].userID, users[i].deviceID, 50), nil)
	})
}

func keysQuery(b *bench, m *meter) error {
	users, err := b.withKeys()
	if err != nil {
		return err
	}
	asked := object{}
	for _, u := range users[:(len(users)+1)/2] {
		asked[u.userID] = []string{}
	}
	return m.run(b.n(200), 0, 8, func(w, _ int) error {
		var answer struct {
			Keys map[string]map[string]json.RawMessage `json:"device_keys"`
		}
		err := users[w%len(users)].post("/keys/query", object{"device_keys": asked}, &answer)
		if err == nil && len(answer.Keys) != len(asked) {
			err = fmt.Errorf("keys/query: %d users instead of %d", len(answer.Keys), len(asked))
		}
		return err
	})
}

func keysClaim(b *bench, m *meter) error {
	users, err := b.withKeys()
	if err != nil {
		return err
	}
	// Every worker has targets of its own: what a server does when two claims
	// meet at one device is another question than what a claim costs.
	workers := 8
	if len(users) < workers {
		workers = len(users)
	}
	each := len(users) / workers
	return m.run(b.n(500), 0, workers, func(w, i int) error {
		target := users[w*each+i%each]
		var answer struct {
			Keys map[string]map[string]map[string]json.RawMessage `json:"one_time_keys"`
		}
		err := users[w].post("/keys/claim", object{"one_time_keys": object{
			target.userID: object{target.deviceID: "signed_curve25519"},
		}}, &answer)
		if err == nil && len(answer.Keys[target.userID][target.deviceID]) != 1 {
			err = fmt.Errorf("keys/claim: no key of %s", target.userID)
		}
		return err
	})
}

func toDevice(b *bench, m *meter) error {
	users, err := b.users(2 * senders)
	if err != nil {
		return err
	}
	return m.run(b.n(500), 0, senders, func(w, i int) error {
		target := users[senders+i%senders]
		content := object{"algorithm": "m.olm.v1.curve25519-aes-sha2", "ciphertext": strings.Repeat("x", 200)}
		return users[w].put("/sendToDevice/m.room.encrypted/"+users[w].nextTxn(), object{
			"messages": object{target.userID: object{target.deviceID: content}},
		}, nil)
	})
}
