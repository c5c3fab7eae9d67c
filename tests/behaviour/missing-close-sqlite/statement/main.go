package main

import (
	"context"
	"database/sql"

	"example.com/leaks/count"
	"example.com/leaks/database"
)

func number(ctx context.Context, db *sql.DB) (int, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	stmt, err := conn.PrepareContext(ctx, "SELECT count(*) FROM gophers")
	if err != nil {
		return 0, err
	}
	var n int
	if err := stmt.QueryRowContext(ctx).Scan(&n); err != nil {
		return 0, err
	}
	return n, nil
}

func main() {
	db := database.Open()
	ctx := context.Background()
	count.Used(database.Connections(db), func() {
		if n, err := number(ctx, db); err != nil || n != 2 {
			panic(err)
		}
	})
}
