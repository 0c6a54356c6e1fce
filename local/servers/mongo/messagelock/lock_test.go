package messagelock

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// database is a server that answers each message with its own bytes and counts how many it works on at once.
type database struct {
	listener       net.Listener
	working, worst atomic.Int32
	served         atomic.Int32
	hold           chan struct{} // when not nil, an answer waits for a value
}

func startDatabase(t *testing.T) *database {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "db.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	d := &database{listener: listener}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go d.answer(conn)
		}
	}()
	return d
}

func (d *database) answer(conn net.Conn) {
	defer conn.Close()
	for {
		message, err := readMessage(conn)
		if err != nil {
			return
		}
		if now := d.working.Add(1); now > d.worst.Load() {
			d.worst.Store(now)
		}
		if d.hold != nil {
			<-d.hold
		}
		d.working.Add(-1)
		d.served.Add(1)
		if _, err := conn.Write(message); err != nil {
			return
		}
	}
}

func startLock(t *testing.T, d *database) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	lock := New(func() (net.Conn, error) { return net.Dial("unix", d.listener.Addr().String()) })
	done := make(chan error, 1)
	go func() { done <- lock.Serve(ctx, listener) }()
	t.Cleanup(cancel)
	return listener.Addr().String(), func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(5 * time.Second):
			return context.DeadlineExceeded
		}
	}
}

func message(body string, flags uint32) []byte {
	m := make([]byte, headerBytes+4, headerBytes+4+len(body))
	binary.LittleEndian.PutUint32(m, uint32(headerBytes+4+len(body)))
	binary.LittleEndian.PutUint32(m[12:], opMsg)
	binary.LittleEndian.PutUint32(m[16:], flags)
	return append(m, body...)
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn
}

func ask(t *testing.T, conn net.Conn, m []byte) {
	t.Helper()
	if _, err := conn.Write(m); err != nil {
		t.Error(err)
		return
	}
	reply, err := readMessage(conn)
	if err != nil {
		t.Error(err)
	} else if !bytes.Equal(reply, m) {
		t.Errorf("the reply belongs to another request: %q", reply)
	}
}

func TestTheDatabaseNeverSeesTwoRequestsAtOnce(t *testing.T) {
	d := startDatabase(t)
	address, _ := startLock(t, d)
	var clients sync.WaitGroup
	for i := range 50 {
		clients.Add(1)
		conn := dial(t, address)
		go func() {
			defer clients.Done()
			for range 20 {
				ask(t, conn, message(string(rune('a'+i%26)), 0))
			}
		}()
	}
	clients.Wait()
	if d.served.Load() != 1000 || d.worst.Load() != 1 {
		t.Errorf("served %d of 1000, at most %d at once", d.served.Load(), d.worst.Load())
	}
}

func TestHalfARequestDoesNotHoldTheLock(t *testing.T) {
	address, _ := startLock(t, startDatabase(t))
	slow := dial(t, address)
	if _, err := slow.Write(message("slow", 0)[:20]); err != nil {
		t.Fatal(err)
	}
	ask(t, dial(t, address), message("quick", 0))
}

func TestAnUnacknowledgedWriteGetsNoReply(t *testing.T) {
	address, _ := startLock(t, startDatabase(t))
	conn := dial(t, address)
	if _, err := conn.Write(message("fire and forget", flagMoreToCome)); err != nil {
		t.Fatal(err)
	}
	ask(t, conn, message("next", 0))
}

func TestALengthOutsideTheProtocolClosesTheConnection(t *testing.T) {
	address, _ := startLock(t, startDatabase(t))
	for _, length := range []uint32{0, headerBytes - 1, maxMessageBytes + 1, 1 << 31} {
		conn := dial(t, address)
		bad := make([]byte, headerBytes)
		binary.LittleEndian.PutUint32(bad, length)
		if _, err := conn.Write(bad); err != nil {
			t.Fatal(err)
		}
		if _, err := readMessage(conn); err == nil {
			t.Errorf("a message of %d bytes was answered", length)
		}
	}
}

func TestStoppingFinishesTheRequestInHand(t *testing.T) {
	d := startDatabase(t)
	d.hold = make(chan struct{})
	address, stop := startLock(t, d)
	if _, err := dial(t, address).Write(message("in hand", 0)); err != nil {
		t.Fatal(err)
	}
	for d.working.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	go func() { d.hold <- struct{}{} }()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if d.served.Load() != 1 {
		t.Error("the request in hand was given up")
	}
}
