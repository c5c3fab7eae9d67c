// Package database opens a database of its own in memory.
package database

import (
	"context"
	"database/sql"

	_ "modernc.org/sqlite"
)

var ctx = context.Background()

// Open has a table of two gophers. No connection is kept that is not in use.
func Open() *sql.DB {
	db, err := sql.Open("sqlite", "file:gophers?mode=memory&cache=shared")
	if err != nil {
		panic(err)
	}
	// Without it the database would go with its last connection.
	if keep, err := db.Conn(ctx); err != nil || keep.PingContext(ctx) != nil {
		panic(err)
	}
	for _, query := range []string{"CREATE TABLE gophers (name TEXT)", "INSERT INTO gophers VALUES ('gordon'), ('rob')"} {
		if _, err := db.Exec(query); err != nil {
			panic(err)
		}
	}
	db.SetMaxIdleConns(-1)
	return db
}

// Connections counts those that are open.
func Connections(db *sql.DB) func() int {
	return func() int { return db.Stats().OpenConnections }
}
