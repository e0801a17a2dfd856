package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

type object = map[string]any

// client is one logged-in device of one user.
type client struct {
	wire     *wire
	userID   string
	deviceID string
	token    string
	txn      atomic.Int64
	keys     bool            // has uploaded device keys
	ctx      context.Context // its end ends the requests
}

// statusError is an answer other than 200 OK.
type statusError struct {
	method, path string
	status       int
	body         []byte
}

func (e *statusError) Error() string {
	body := e.body
	if len(body) > 200 {
		body = body[:200]
	}
	return fmt.Sprintf("%s %s: %d %s", e.method, e.path, e.status, body)
}

// raw sends one request, reads the whole answer and checks its status.
func (c *client) raw(method, path, contentType string, body []byte) ([]byte, error) {
	status, answer, err := c.wire.do(c.ctx, method, path, c.token, contentType, body)
	if err == nil && status != http.StatusOK {
		err = &statusError{method, path, status, answer}
	}
	return answer, err
}

// call is raw with JSON in and out; in and out may be nil.
func (c *client) call(method, path string, in, out any) error {
	var body []byte
	contentType := ""
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
		contentType = "application/json"
	}
	answer, err := c.raw(method, "/_matrix/client/v3"+path, contentType, body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

func (c *client) get(path string, out any) error      { return c.call("GET", path, nil, out) }
func (c *client) post(path string, in, out any) error { return c.call("POST", path, in, out) }
func (c *client) put(path string, in, out any) error  { return c.call("PUT", path, in, out) }

func (c *client) nextTxn() string { return fmt.Sprintf("t%d", c.txn.Add(1)) }

// identify takes over the answer of a registration or login.
func (c *client) identify(path string, in object) error {
	var answer struct {
		UserID   string `json:"user_id"`
		DeviceID string `json:"device_id"`
		Token    string `json:"access_token"`
	}
	if err := c.post(path, in, &answer); err != nil {
		return err
	}
	if answer.Token == "" {
		return fmt.Errorf("%s: no access_token in the answer", path)
	}
	c.userID, c.deviceID, c.token = answer.UserID, answer.DeviceID, answer.Token
	return nil
}

func (c *client) register(name, password string) error {
	auth := object{"type": "m.login.dummy"}
	in := object{"username": name, "password": password, "auth": auth}
	err := c.identify("/register", in)
	// A server may insist on opening a user-interactive session first.
	if refused, ok := err.(*statusError); ok && refused.status == http.StatusUnauthorized {
		var challenge struct{ Session string }
		if json.Unmarshal(refused.body, &challenge) == nil && challenge.Session != "" {
			auth["session"] = challenge.Session
			err = c.identify("/register", in)
		}
	}
	return err
}

func (c *client) login(user, password string) error {
	return c.identify("/login", object{
		"type":       "m.login.password",
		"identifier": object{"type": "m.id.user", "user": user},
		"password":   password,
	})
}

func (c *client) createRoom(preset string) (string, error) {
	var answer struct {
		RoomID string `json:"room_id"`
	}
	err := c.post("/createRoom", object{"preset": preset}, &answer)
	if err == nil && answer.RoomID == "" {
		err = fmt.Errorf("createRoom: no room_id in the answer")
	}
	return answer.RoomID, err
}

func roomPath(room, rest string) string { return "/rooms/" + url.PathEscape(room) + rest }

func (c *client) invite(room, user string) error {
	return c.post(roomPath(room, "/invite"), object{"user_id": user}, nil)
}

func (c *client) join(room string) error {
	return c.post(roomPath(room, "/join"), object{}, nil)
}

func (c *client) send(room, body string) error {
	var answer struct {
		EventID string `json:"event_id"`
	}
	err := c.put(roomPath(room, "/send/m.room.message/"+c.nextTxn()),
		object{"msgtype": "m.text", "body": body}, &answer)
	if err == nil && answer.EventID == "" {
		err = fmt.Errorf("send: no event_id in the answer")
	}
	return err
}

type syncAnswer struct {
	NextBatch string `json:"next_batch"`
	Rooms     struct {
		Join map[string]struct {
			Timeline struct {
				Limited bool `json:"limited"`
				Events  []struct {
					Type    string `json:"type"`
					Content struct {
						Body string `json:"body"`
					} `json:"content"`
				} `json:"events"`
			} `json:"timeline"`
		} `json:"join"`
	} `json:"rooms"`
}

func (c *client) sync(since, filter, presence string, timeout time.Duration) (*syncAnswer, error) {
	q := url.Values{"timeout": {fmt.Sprint(timeout.Milliseconds())}}
	if since != "" {
		q.Set("since", since)
	}
	if filter != "" {
		q.Set("filter", filter)
	}
	if presence != "" {
		q.Set("set_presence", presence)
	}
	var answer syncAnswer
	err := c.get("/sync?"+q.Encode(), &answer)
	if err == nil && answer.NextBatch == "" {
		err = fmt.Errorf("sync: no next_batch in the answer")
	}
	return &answer, err
}

// stringField is the last string of that name in an answer, wherever it stands
// in it: reading a large answer as JSON costs the driver more than it may.
func stringField(body []byte, name string) string {
	at := bytes.LastIndex(body, []byte(`"`+name+`"`))
	if at < 0 {
		return ""
	}
	rest := bytes.TrimLeft(body[at+len(name)+2:], ": ")
	var value string
	if json.NewDecoder(bytes.NewReader(rest)).Decode(&value) != nil {
		return ""
	}
	return value
}
