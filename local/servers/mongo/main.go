// Command mongo is the database of one machine: FerretDB over SQLite files, behind the message lock.
//
// FerretDB's SQLite backend reads and writes in separate steps, so that two clients claiming one document at the
// same moment can both succeed. The message lock hands it one whole request at a time, over all connections, which
// makes each command as atomic as it is on MongoDB.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"

	"viva/mongo/messagelock"
)

// The socket's name is relative to the state directory, which becomes the working directory: an absolute path could
// be longer than the 107 bytes that a Unix socket address holds.
const socketName = "ferretdb.sock"

func main() {
	listen := flag.String("listen", "127.0.0.1:27117", "TCP address on which clients are served")
	stateDir := flag.String("state-dir", "", "directory of the SQLite files (created if missing)")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	if err := run(ctx, *listen, *stateDir); err != nil {
		fmt.Fprintln(os.Stderr, "mongo:", err)
		os.Exit(1)
	}
}

// run serves until ctx is cancelled, then finishes the message in hand and closes the SQLite files.
func run(ctx context.Context, listen, stateDir string) error {
	if stateDir == "" {
		return errors.New("--state-dir is missing: name the directory of the SQLite files")
	}
	if err := os.MkdirAll(filepath.Join(stateDir, "sqlite"), 0o700); err != nil {
		return fmt.Errorf("cannot create the state directory: %w", err)
	}
	if err := os.Chdir(stateDir); err != nil {
		return fmt.Errorf("cannot enter the state directory: %w", err)
	}
	release, err := claim("owner.lock")
	if err != nil {
		return err
	}
	defer release()

	// What a killed predecessor left; the claim above says that nobody is listening on it.
	if err := os.Remove(socketName); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot remove the old socket: %w", err)
	}
	tcp, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", listen, err)
	}

	// FerretDB outlives ctx, so that the request in hand is finished before the files close.
	dbCtx, stopDB := context.WithCancel(context.WithoutCancel(ctx))
	defer stopDB()
	// FerretDB warns of refused commands by printing its whole answer, which can name people (a duplicate key does).
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	database, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socketName},
		Logger:    logger,
		Handler:   "sqlite",
		SQLiteURL: sqliteURL("sqlite/"),
	})
	if err != nil {
		return fmt.Errorf("FerretDB did not start: %w", err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- database.Run(dbCtx) }()

	dial := func() (net.Conn, error) { return net.DialTimeout("unix", socketName, 5*time.Second) }
	lock := messagelock.New(dial)
	fmt.Fprintf(os.Stderr, "mongo: listening on %s\n", tcp.Addr())
	serveErr := lock.Serve(ctx, tcp)
	stopDB()
	return errors.Join(serveErr, <-stopped)
}

// sqliteURL names the directory of the SQLite files and how each is opened. The write-ahead log lets every
// answered write survive a killed process. After a power cut the files are sound, but the last moments may be missing,
// as on a single MongoDB with its default write concern; `synchronous(full)` would halve the updates per second.
//
// What is deleted or overwritten is zeroed in the files (secure_delete). The write-ahead log keeps older pages until
// it is begun anew, which is after some megabytes of further writes; it is cut to nothing then (journal_size_limit), and
// when the database stops.
func sqliteURL(dir string) string {
	query := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(normal)", "secure_delete(1)", "journal_size_limit(0)",
	}}
	return "file:" + dir + "?" + query.Encode()
}

// claim takes the state directory for this process; the claim ends with the process, however it ends. Two servers
// over the same files would each have a lock of their own, and so none.
func claim(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, errors.New("another server already uses this state directory; stop it first (viva down)")
	}
	return func() { _ = file.Close() }, nil
}
