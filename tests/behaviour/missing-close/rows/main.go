package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"

	"example.com/leaks/count"
)

func first(db *sql.DB) (string, error) {
	rows, err := db.Query("select name")
	if err != nil {
		return "", err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", err
		}
		return name, nil
	}
	return "", rows.Err()
}

type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) { return conn{}, nil }
func (connector) Driver() driver.Driver                        { return nil }

type conn struct{}

func (conn) Prepare(string) (driver.Stmt, error) { return stmt{}, nil }
func (conn) Close() error                        { return nil }
func (conn) Begin() (driver.Tx, error)           { return nil, io.EOF }

type stmt struct{}

func (stmt) Close() error                               { return nil }
func (stmt) NumInput() int                              { return 0 }
func (stmt) Exec([]driver.Value) (driver.Result, error) { return nil, io.EOF }
func (stmt) Query([]driver.Value) (driver.Rows, error)  { return names{}, nil }

type names struct{}

func (names) Columns() []string { return []string{"name"} }
func (names) Close() error      { return nil }
func (names) Next(dest []driver.Value) error {
	dest[0] = "gopher"
	return nil
}

func main() {
	db := sql.OpenDB(connector{})
	count.Used(func() int { return db.Stats().InUse }, func() {
		if name, err := first(db); err != nil || name != "gopher" {
			panic(name)
		}
	})
}
