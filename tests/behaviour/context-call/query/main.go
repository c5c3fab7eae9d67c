// A database that takes its time.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"example.com/calls/wait"
)

func main() {
	db := sql.OpenDB(slow{})
	wait.Ends(func(ctx context.Context) error {
		_, err := count(ctx, db)
		return err
	})
}

func count(ctx context.Context, db *sql.DB) (n int, err error) {
	err = db.QueryRow("SELECT count(*) FROM users").Scan(&n)
	return n, err
}

type slow struct{}

func (slow) Connect(context.Context) (driver.Conn, error) { return conn{}, nil }
func (slow) Driver() driver.Driver                        { return nil }

type conn struct{}

func (conn) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrBadConn }
func (conn) Close() error                        { return nil }
func (conn) Begin() (driver.Tx, error)           { return nil, driver.ErrBadConn }

func (conn) QueryContext(ctx context.Context, _ string, _ []driver.NamedValue) (driver.Rows, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Minute):
		return nil, driver.ErrBadConn
	}
}
