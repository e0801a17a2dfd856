package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// mediaNames remembers what has been uploaded, by size.
var mediaNames = struct {
	sync.Mutex
	bySize map[int][]string
}{bySize: map[int][]string{}}

func mediaCount(b *bench, size int) int {
	if size >= 1<<20 {
		return b.n(50)
	}
	return b.n(200)
}

func (b *bench) upload(c *client, size, i int) error {
	var answer struct {
		URI string `json:"content_uri"`
	}
	body, err := c.raw("POST", "/_matrix/media/v3/upload?filename=load.bin", "application/octet-stream", noise(size, i))
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	name := strings.TrimPrefix(answer.URI, "mxc://")
	if err == nil && (name == "" || name == answer.URI) {
		err = fmt.Errorf("upload: content_uri %q", answer.URI)
	}
	if err == nil {
		mediaNames.Lock()
		mediaNames.bySize[size] = append(mediaNames.bySize[size], name)
		mediaNames.Unlock()
	}
	return err
}

func mediaUpload(size int) func(*bench, *meter) error {
	return func(b *bench, m *meter) error {
		users, err := b.users(4)
		if err != nil {
			return err
		}
		return m.run(mediaCount(b, size), 0, len(users), func(w, i int) error { return b.upload(users[w], size, i) })
	}
}

func mediaDownload(size int) func(*bench, *meter) error {
	return func(b *bench, m *meter) error {
		users, err := b.users(4)
		if err != nil {
			return err
		}
		if len(mediaNames.bySize[size]) == 0 {
			if err := b.upload(users[0], size, 0); err != nil {
				return err
			}
		}
		names := mediaNames.bySize[size]
		// Authenticated media since Matrix 1.11, the older path before.
		path := "/_matrix/client/v1/media/download/"
		if _, err := users[0].raw("GET", path+names[0], "", nil); err != nil {
			path = "/_matrix/media/v3/download/"
		}
		return m.run(2*mediaCount(b, size), 0, len(users), func(w, i int) error {
			body, err := users[w].raw("GET", path+names[i%len(names)], "", nil)
			if err == nil && len(body) != size {
				err = fmt.Errorf("download: %d bytes instead of %d", len(body), size)
			}
			return err
		})
	}
}
