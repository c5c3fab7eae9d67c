package main

import (
	"context"
	"database/sql"

	"example.com/leaks/count"
	"example.com/leaks/database"
)

func alive(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return conn.PingContext(ctx)
}

func main() {
	db := database.Open()
	ctx := context.Background()
	count.Used(database.Connections(db), func() {
		if err := alive(ctx, db); err != nil {
			panic(err)
		}
	})
}
