package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// wire speaks HTTP/1.1 to one server over connections that it keeps. It does
// what this program needs and nothing else: net/http costs several times as
// much, and on a small machine the driver takes its CPU from the server.
type wire struct {
	address string
	timeout time.Duration

	mu   sync.Mutex
	idle []*connection
}

type connection struct {
	net.Conn
	in   *bufio.Reader
	used bool
}

func newWire(base string, timeout time.Duration) (*wire, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the http:// URL of a server", base)
	}
	address := u.Host
	if u.Port() == "" {
		address += ":80"
	}
	return &wire{address: address, timeout: timeout}, nil
}

func (w *wire) take() (*connection, error) {
	w.mu.Lock()
	if last := len(w.idle) - 1; last >= 0 {
		c := w.idle[last]
		w.idle = w.idle[:last]
		w.mu.Unlock()
		return c, nil
	}
	w.mu.Unlock()
	return w.dial()
}

func (w *wire) dial() (*connection, error) {
	conn, err := net.DialTimeout("tcp", w.address, w.timeout)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, in: bufio.NewReaderSize(conn, 8<<10)}, nil
}

// do sends one request and reads the whole answer.
func (w *wire) do(ctx context.Context, method, path, token, contentType string, body []byte) (int, []byte, error) {
	var out bytes.Buffer
	out.Grow(len(path) + len(token) + len(body) + 200)
	out.WriteString(method + " " + path + " HTTP/1.1\r\nHost: " + w.address + "\r\n")
	if token != "" {
		out.WriteString("Authorization: Bearer " + token + "\r\n")
	}
	if contentType != "" {
		out.WriteString("Content-Type: " + contentType + "\r\n")
	}
	if method != "GET" || len(body) > 0 {
		out.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	out.WriteString("\r\n")
	out.Write(body)

	c, err := w.take()
	if err != nil {
		return 0, nil, err
	}
	status, answer, begun, err := w.exchange(ctx, c, out.Bytes())
	// The server may have closed a connection while it was idle.
	if err != nil && !begun && c.used && ctx.Err() == nil {
		if c, err = w.dial(); err != nil {
			return 0, nil, err
		}
		status, answer, _, err = w.exchange(ctx, c, out.Bytes())
	}
	return status, answer, err
}

// exchange returns the connection to the idle ones, or closes it. begun says
// whether anything of an answer arrived.
func (w *wire) exchange(ctx context.Context, c *connection, request []byte) (status int, body []byte, begun bool, err error) {
	keep := false
	c.SetDeadline(time.Now().Add(w.timeout))
	if done := ctx.Done(); done != nil {
		over := make(chan struct{})
		defer close(over)
		go func() {
			select {
			case <-done:
				c.SetDeadline(time.Unix(1, 0))
			case <-over:
			}
		}()
	}
	defer func() {
		if err != nil || !keep {
			c.Close()
			return
		}
		c.used = true
		w.mu.Lock()
		w.idle = append(w.idle, c)
		w.mu.Unlock()
	}()
	if _, err = c.Write(request); err != nil {
		return
	}
	if _, err = c.in.Peek(1); err != nil {
		return
	}
	begun = true
	status, body, keep, err = readAnswer(c.in)
	return
}

func readAnswer(in *bufio.Reader) (status int, body []byte, keep bool, err error) {
	line, err := readLine(in)
	if err != nil {
		return
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, false, fmt.Errorf("not an HTTP/1.1 answer: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return
	}
	length, chunked := -1, false
	keep = true
	for {
		if line, err = readLine(in); err != nil || len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			return status, nil, false, fmt.Errorf("not a header: %q", line)
		}
		switch name, value := line[:colon], bytes.TrimSpace(line[colon+1:]); {
		case bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("connection")):
			keep = !bytes.EqualFold(value, []byte("close"))
		}
	}
	switch {
	case err != nil:
	case chunked:
		body, err = readChunks(in)
	case length >= 0:
		body = make([]byte, length)
		_, err = io.ReadFull(in, body)
	case status == 204 || status == 304:
	default:
		keep = false
		body, err = io.ReadAll(in)
	}
	return
}

func readChunks(in *bufio.Reader) (body []byte, err error) {
	for {
		line, err := readLine(in)
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseUint(strings.TrimSpace(string(bytes.SplitN(line, []byte(";"), 2)[0])), 16, 31)
		if err != nil {
			return nil, err
		}
		if size == 0 { // no trailers are expected: the empty line
			_, err = readLine(in)
			return body, err
		}
		at := len(body)
		body = append(body, make([]byte, size)...)
		if _, err = io.ReadFull(in, body[at:]); err != nil {
			return nil, err
		}
		if line, err = readLine(in); err != nil {
			return nil, err
		}
		if len(line) != 0 {
			return nil, errors.New("a chunk is longer than it says")
		}
	}
}

// readLine gives a line without its end; it is valid until the next read.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
