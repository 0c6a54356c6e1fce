// Package messagelock makes a server of the MongoDB wire protocol apply one request at a time.
package messagelock

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
)

// The wire protocol: every message begins with four little-endian int32: length (header included), request id,
// response to, operation. OP_MSG continues with its flags.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const (
	headerBytes     = 16
	maxMessageBytes = 48_000_000
	opMsg           = 2013
	flagMoreToCome  = 1 << 1
)

// Lock stands between clients and a server of the MongoDB wire protocol, and hands the server one whole
// request at a time, over all connections: the next request is sent when the reply to the last has come.
//
// A slow client cannot hold the lock: requests are read before it is taken, and replies are written after it is
// released. The `hello` of drivers' monitors takes its turn like any other: FerretDB answers it at once, never
// announces a topologyVersion, and so is never asked to keep such an answer open.
type Lock struct {
	dial  func() (net.Conn, error)
	turn  sync.Mutex
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	wg    sync.WaitGroup
}

// New returns a lock before the server that dial reaches; each client gets one connection to it.
func New(dial func() (net.Conn, error)) *Lock {
	return &Lock{dial: dial, conns: make(map[net.Conn]struct{})}
}

// Serve accepts clients until ctx is cancelled, then closes their connections and returns when the last request in
// hand is answered.
func (l *Lock) Serve(ctx context.Context, listener net.Listener) error {
	unwatch := context.AfterFunc(ctx, func() {
		_ = listener.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		for conn := range l.conns {
			_ = conn.Close()
		}
	})
	defer unwatch()
	defer l.wg.Wait()

	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot accept clients: %w", err)
		}
		l.wg.Add(1)
		go func() {
			defer l.wg.Done()
			l.track(ctx, conn)
			defer l.untrack(conn)
			if err := l.serveClient(conn); err != nil && !expectedEnd(err) {
				slog.Warn("a connection ended", "error", err)
			}
		}()
	}
}

func (l *Lock) track(ctx context.Context, conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[conn] = struct{}{}
	if ctx.Err() != nil {
		_ = conn.Close()
	}
}

func (l *Lock) untrack(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
	_ = conn.Close()
}

// serveClient forwards one client's requests until it leaves or either side breaks the protocol.
func (l *Lock) serveClient(client net.Conn) error {
	server, err := l.dial()
	if err != nil {
		return fmt.Errorf("cannot reach the database: %w", err)
	}
	defer server.Close()

	for {
		request, err := readMessage(client)
		if err != nil {
			return err
		}
		reply, err := l.exchange(server, request)
		if err != nil {
			return err
		}
		if expectsNoReply(request) {
			continue
		}
		if _, err := client.Write(reply); err != nil {
			return err
		}
	}
}

// exchange sends one request and waits for its reply, while no other request is under way.
func (l *Lock) exchange(server net.Conn, request []byte) ([]byte, error) {
	l.turn.Lock()
	defer l.turn.Unlock()
	if _, err := server.Write(request); err != nil {
		return nil, fmt.Errorf("cannot send to the database: %w", err)
	}
	reply, err := readMessage(server)
	if err != nil {
		return nil, fmt.Errorf("the database did not answer: %w", err)
	}
	return reply, nil
}

// readMessage reads one whole message, header included. io.EOF means that the peer left between messages.
func readMessage(conn io.Reader) ([]byte, error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return nil, err
	}
	length := int64(int32(binary.LittleEndian.Uint32(header[:4])))
	if length < headerBytes || length > maxMessageBytes {
		return nil, fmt.Errorf("a message of %d bytes: the protocol allows %d to %d", length, headerBytes, maxMessageBytes)
	}
	message := make([]byte, length)
	copy(message, header[:])
	if _, err := io.ReadFull(conn, message[headerBytes:]); err != nil {
		return nil, fmt.Errorf("a message broke off: %w", err)
	}
	return message, nil
}

// expectsNoReply tells whether the client does not wait for an answer (an unacknowledged write). FerretDB answers
// every message, so that its answer marks the end of the work and is then dropped.
func expectsNoReply(request []byte) bool {
	if len(request) < headerBytes+4 || binary.LittleEndian.Uint32(request[12:]) != opMsg {
		return false
	}
	return binary.LittleEndian.Uint32(request[headerBytes:])&flagMoreToCome != 0
}

func expectedEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}
